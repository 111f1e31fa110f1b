//! Time, and giving way: a worker hears messages only between its tasks.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures::channel::oneshot;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessagePort};

/// Milliseconds since this worker began.
pub fn now_ms() -> f64 {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    scope.performance().map_or(0.0, |performance| performance.now())
}

/// Lets every message that waits come in, then goes on. A message to oneself does it: timers are
/// throttled to one a second in a hidden tab, and a promise lets nothing in at all.
pub async fn give_way() {
    thread_local!(static TURNS: Turns = Turns::new());
    let (sender, receiver) = oneshot::channel();
    TURNS.with(|turns| {
        turns.waiting.borrow_mut().push_back(sender);
        turns.port.post_message(&JsValue::NULL).expect("null can be sent");
    });
    let _ = receiver.await;
}

struct Turns {
    port: MessagePort,
    waiting: Rc<RefCell<VecDeque<oneshot::Sender<()>>>>,
    _on_message: Closure<dyn FnMut()>,
}

impl Turns {
    fn new() -> Self {
        let channel = MessageChannel::new().expect("every browser has channels");
        let waiting = Rc::new(RefCell::new(VecDeque::<oneshot::Sender<()>>::new()));
        let on_message = Closure::new({
            let waiting = waiting.clone();
            move || {
                let next = waiting.borrow_mut().pop_front();
                if let Some(next) = next {
                    let _ = next.send(());
                }
            }
        });
        channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Turns { port: channel.port2(), waiting, _on_message: on_message }
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, ms: f64);
}

/// Ends after `ms`; for limits, where a second more in a hidden tab does no harm.
pub async fn after(ms: f64) {
    let (sender, receiver) = oneshot::channel::<()>();
    set_timeout(&Closure::once_into_js(move || sender.send(()).unwrap_or_default()), ms);
    let _ = receiver.await;
}
