//! Messages to the page.

use std::cell::Cell;

use js_sys::{Array, Object, Reflect, Uint8Array};
use kindling_protocol::engine::FromEngine;
use kindling_protocol::event::FailureCode;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

thread_local!(static BROKEN: Cell<bool> = const { Cell::new(false) });

/// Sends a message and the bytes it speaks of. After a fault nothing is sent any more: it would look
/// like a result.
pub fn send(message: &FromEngine, buffers: &[&[u8]]) {
    if BROKEN.get() {
        return;
    }
    let json = serde_json::to_string(message).expect("messages are plain data");
    let (object, list) = (Object::new(), Array::new());
    for bytes in buffers {
        list.push(&Uint8Array::from(*bytes).buffer());
    }
    for (key, value) in [("json", JsValue::from(json)), ("buffers", JsValue::from(&list))] {
        Reflect::set(&object, &key.into(), &value).expect("a plain object takes keys");
    }
    post(&object, &list);
}

/// Hands a message, and what of it is given away, to whoever started this worker.
pub fn post(message: &JsValue, given: &Array) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    scope.post_message_with_transfer(message, given).expect("numbers, strings and fresh buffers can be sent");
}

/// The engine can't go on. The first cause counts; what follows from it is not told.
pub fn broken(code: FailureCode, detail: &str) {
    send(&FromEngine::Broken { code, detail: detail.into() }, &[]);
    silence();
}

/// Nothing is sent from here on.
pub fn silence() {
    BROKEN.set(true);
}
