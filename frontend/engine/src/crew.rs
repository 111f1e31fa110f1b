//! The crew of a run in a browser: workers that this one starts, of its own script and its own compiled module. They end
//! with it, so a page that ends this worker ends them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::ready;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use kindling_labs::crew::{Answered, Crew, lost};
use kindling_labs::host::{Interrupt, LocalFuture};
use kindling_protocol::event::FailureCode;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// The name by which a worker's script knows that it belongs to a crew.
const NAME: &str = "crew";

struct Workers(Vec<Beside>);

/// At most `most`, and no more than there are cores. None where there is one core, and in a browser whose workers start
/// no workers.
pub fn start(lab: &str, most: usize, setup: &[u8]) -> Option<Box<dyn Crew>> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let size = most.min(scope.navigator().hardware_concurrency() as usize);
    if size < 2 {
        return None;
    }
    let script = scope.location().href();
    let members = (0..size).map(|_| Beside::start(&script, lab, setup)).collect::<Result<Vec<_>, _>>().ok()?;
    Some(Box::new(Workers(members)))
}

impl Crew for Workers {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn ask(&self, member: usize, ask: Vec<u8>) -> LocalFuture<'_, Result<Answered, Interrupt>> {
        let beside = &self.0[member];
        let (sender, receiver) = oneshot::channel();
        let mut post = beside.post.borrow_mut();
        if let Err(fault) = &post.state {
            return Box::pin(ready(Err(fault.clone())));
        }
        post.asked.push_back(sender);
        let ask = Uint8Array::from(&ask[..]).buffer();
        beside.worker.post_message_with_transfer(&ask, &Array::of1(&ask)).expect("a fresh buffer can be sent");
        // The sender is dropped with the crew, when nobody waits any more.
        Box::pin(async move { receiver.await.unwrap_or(Err(Interrupt::Stop)) })
    }
}

/// One worker.
struct Beside {
    worker: Worker,
    post: Rc<RefCell<Post>>,
    // The browser calls these for as long as the worker lives.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

struct Post {
    /// Who waits for an answer, in the order of the questions.
    asked: VecDeque<oneshot::Sender<Result<Answered, Interrupt>>>,
    state: Result<(), Interrupt>,
}

impl Beside {
    fn start(script: &str, lab: &str, setup: &[u8]) -> Result<Beside, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(NAME);
        let worker = Worker::new_with_options(script, &options)?;
        let post = Rc::new(RefCell::new(Post { asked: VecDeque::new(), state: Ok(()) }));
        let on_message = Closure::new({
            let post = post.clone();
            move |event: MessageEvent| post.borrow_mut().hear(&event.data())
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::new({
            let post = post.clone();
            move |event: Event| {
                event.prevent_default();
                post.borrow_mut().fail(FailureCode::Crashed, "a worker beside the run could not be loaded");
            }
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let (first, setup) = (Object::new(), Uint8Array::from(setup).buffer());
        for (key, value) in [("module", wasm_bindgen::module()), ("lab", lab.into()), ("setup", setup.clone().into())] {
            Reflect::set(&first, &key.into(), &value)?;
        }
        worker.post_message_with_transfer(&first, &Array::of1(&setup))?;
        Ok(Beside { worker, post, _on_message: on_message, _on_error: on_error })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Post {
    /// `[milliseconds, buffer]`, or the message with which an engine says that it is broken.
    fn hear(&mut self, data: &JsValue) {
        if let Some(answer) = data.dyn_ref::<Array>() {
            let bytes = Uint8Array::new(&answer.get(1)).to_vec();
            if let Some(asker) = self.asked.pop_front() {
                // Nobody waits where the run is stopped.
                drop(asker.send(Ok(Answered { bytes, took_ms: answer.get(0).as_f64() })));
            }
            return;
        }
        // Not by serde, which is much code for three words.
        let get = |from: &JsValue, key: &str| Reflect::get(from, &key.into()).ok().and_then(|value| value.as_string());
        let broken = get(data, "json").and_then(|json| JSON::parse(&json).ok()).unwrap_or_default();
        let code = match get(&broken, "code").as_deref() {
            Some("out_of_memory") => FailureCode::OutOfMemory,
            Some("internal") => FailureCode::Internal,
            _ => FailureCode::Crashed,
        };
        self.fail(code, &get(&broken, "detail").unwrap_or_default());
    }

    /// The first cause counts.
    fn fail(&mut self, code: FailureCode, detail: &str) {
        if self.state.is_ok() {
            let fault = lost(code, detail.into());
            while let Some(asker) = self.asked.pop_front() {
                drop(asker.send(Err(fault.clone())));
            }
            self.state = Err(fault);
        }
    }
}
