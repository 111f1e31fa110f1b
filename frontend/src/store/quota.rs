//! How much this browser keeps for the page, and whether it may throw it away by itself.

use js_sys::{Promise, Reflect};
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageManager;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Bytes of everything: runs, checkpoints, models, data sets.
    pub bytes: u64,
    /// The browser has promised not to delete it when space runs short.
    pub for_good: bool,
}

/// What is kept now. Nothing where the browser does not say.
pub async fn look() -> Option<Kept> {
    let estimate = answer(StorageManager::estimate).await?;
    let bytes = Reflect::get(&estimate, &"usage".into()).ok()?.as_f64()? as u64;
    let for_good = answer(StorageManager::persisted).await.is_some_and(|persisted| persisted.is_truthy());
    Some(Kept { bytes, for_good })
}

/// Asks the browser not to delete what is kept. It may decline, or ask the person; the run goes on meanwhile.
pub fn ask_to_keep() {
    spawn_local(async {
        answer(StorageManager::persist).await;
    });
}

/// Outside of a secure context there is no storage manager, and every question is an error.
async fn answer(question: impl Fn(&StorageManager) -> Result<Promise, JsValue>) -> Option<JsValue> {
    let promise = question(&web_sys::window()?.navigator().storage()).ok()?;
    JsFuture::from(promise).await.ok()
}
