//! Copying to the clipboard.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::components::toast;
use crate::i18n::{Text, t};

/// Copies, and tells `done` or `refused`.
pub fn copy(text: &str, done: &'static Text, refused: &'static Text) {
    let copied = clipboard().map(|clipboard| clipboard.write_text(text));
    spawn_local(async move {
        let is_copied = match copied {
            Some(copied) => JsFuture::from(copied).await.is_ok(),
            None => false,
        };
        toast::show(untrack(|| t(if is_copied { done } else { refused })));
    });
}

/// A page that came by plain HTTP from another machine has none.
fn clipboard() -> Option<web_sys::Clipboard> {
    let found = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    found.ok().filter(JsValue::is_object).map(JsCast::unchecked_into)
}
