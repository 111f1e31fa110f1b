//! Follows the width of a drawing's place, so that text keeps its size on any screen.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

pub fn follow_width(body: NodeRef<Div>, width: RwSignal<f64>) {
    Effect::new(move |_| {
        let Some(element) = body.get() else { return };
        let on_resize = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let entry: web_sys::ResizeObserverEntry = entries.get(0).unchecked_into();
            let new = entry.content_rect().width().floor();
            // The observer may call once more after the page is left.
            if width.try_get_untracked().is_some_and(|old| old != new) {
                width.set(new);
            }
        });
        let Ok(observer) = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let kept = send_wrapper::SendWrapper::new((observer, on_resize));
        on_cleanup(move || kept.0.disconnect());
    });
}
