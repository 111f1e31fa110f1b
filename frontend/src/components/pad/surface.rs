//! The canvas element of the pad.

use std::cell::Cell;
use std::rc::Rc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::cursor::{self, Cursor};
use super::desk::Desk;
use super::sheet::{SIDE, Sheet};
use super::{paint, pen};
use crate::i18n::{home, language, t, tr};
use crate::theme;

#[component]
pub fn PadSurface() -> impl IntoView {
    let desk = Desk::here();
    let canvas = NodeRef::<html::Canvas>::new();
    let cursor = RwSignal::new(Cursor::default());
    // Counts up when the canvas gets another size.
    let sized = RwSignal::new(0_u32);

    let attached = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(element) = canvas.get() else { return };
        let resized = Closure::<dyn Fn()>::new(move || {
            let _ = sized.try_update(|count| *count += 1);
        });
        let observer = web_sys::ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&element);
        }
        attached.set_value(Some((pen::listen(&element, desk), Watch { observer, _resized: resized })));
    });

    let painting = Rc::new(Cell::new(false));
    Effect::new(move |_| {
        desk.sheet.track();
        desk.brush.track();
        cursor.track();
        sized.track();
        theme::is_dark();
        let Some(canvas) = canvas.get() else { return };
        // However many points come, the canvas is painted once a frame.
        if painting.replace(true) {
            return;
        }
        let painting = painting.clone();
        request_animation_frame(move || {
            painting.set(false);
            let brush = desk.brush.get_untracked() * SIDE;
            // The page may have been left since.
            if let Some(cursor) = cursor.try_get_untracked() {
                desk.sheet.with_untracked(|sheet| paint::paint(&canvas, sheet, brush, cursor));
            }
        });
    });

    let on_key = move |event: KeyboardEvent| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if !modified && cursor::press(&event.key(), cursor, desk) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    // A pointer also brings the focus, and needs no cursor: the browser knows which of the two it was.
    let on_focus = move |_| {
        let by_key = canvas.get_untracked().is_some_and(|canvas| canvas.matches(":focus-visible").unwrap_or(false));
        cursor.update(|cursor| cursor.shown = by_key);
    };
    let place = move || {
        let Cursor { cell: [column, row], down, shown } = cursor.get();
        if shown { home::cursor(language(), column + 1, row + 1, down) } else { String::new() }
    };
    let is_empty = Memo::new(move |_| desk.sheet.with(Sheet::is_empty));

    view! {
        <div class="pad" class:blank=move || is_empty.get()>
            <canvas
                node_ref=canvas
                data-testid="digit-pad"
                tabindex="0"
                role="img"
                aria-label=move || if is_empty.get() { t(&home::PAD_EMPTY_LABEL) } else { t(&home::PAD_LABEL) }
                aria-describedby="pad-keys"
                on:keydown=on_key
                on:focus=on_focus
                on:blur=move |_| cursor::leave(cursor, desk)
                on:pointerdown=move |_| cursor::leave(cursor, desk)
                on:contextmenu=|event| event.prevent_default()
            ></canvas>
            <p class="pad-hint" aria-hidden="true">{tr(&home::PAD_HINT)}</p>
            <p id="pad-keys" class="hidden-text">{tr(&home::PAD_KEYS)}</p>
            <p class="hidden-text" aria-live="polite">{place}</p>
        </div>
    }
}

/// Stops watching before the closure it calls goes away.
struct Watch {
    observer: Option<web_sys::ResizeObserver>,
    _resized: Closure<dyn Fn()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}
