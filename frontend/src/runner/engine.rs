//! One engine worker: messages to it, messages from it, and the questions under way.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use kindling_protocol::engine::{FromEngine, ToEngine};
use kindling_protocol::event::FailureCode;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// Which of the two bundles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    Cpu,
    Gpu,
}

impl EngineKind {
    /// The worker's script; `None` when this build was made without it (`--cpu-only`).
    pub fn script(self) -> Option<String> {
        super::shipped(match self {
            EngineKind::Cpu => "engine-cpu-worker",
            EngineKind::Gpu => "engine-gpu-worker",
        })
    }
}

/// A message from the engine with the bytes it speaks of.
pub struct Incoming {
    pub message: FromEngine,
    pub buffers: Vec<Vec<u8>>,
}

/// A running engine. Ends its worker when dropped.
pub struct Engine {
    worker: Worker,
    pending: Rc<Pending>,
    // The browser calls these for as long as the worker lives.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

#[derive(Default)]
struct Pending {
    next: Cell<u64>,
    answers: RefCell<BTreeMap<u64, oneshot::Sender<Incoming>>>,
    /// Why nobody answers any more.
    ended: RefCell<Option<String>>,
}

impl Engine {
    /// Starts a worker. `on_message` gets everything that is no answer to [`Engine::ask`], first of all
    /// `Ready`; a worker that can't be loaded, or that dies, is told as `Broken`.
    pub fn start(kind: EngineKind, on_message: impl Fn(Incoming) + 'static) -> Result<Self, String> {
        let Begun { worker, early, failed } = match early(kind) {
            Some(begun) => begun,
            None => begin(kind)?,
        };
        let pending = Rc::new(Pending::default());
        let on_message = Rc::new(on_message);

        let hear = {
            let (pending, on_message) = (pending.clone(), on_message.clone());
            move |data: &JsValue| match unpack(data) {
                Ok(incoming) => {
                    if let FromEngine::Broken { detail, .. } = &incoming.message {
                        pending.end(detail);
                    }
                    match pending.take(&incoming.message) {
                        Some(asker) => drop(asker.send(incoming)),
                        None => on_message(incoming),
                    }
                }
                Err(detail) => on_message(broken(FailureCode::Internal, detail)),
            }
        };
        for data in early.iter() {
            hear(&data);
        }
        if failed {
            pending.end(NOT_LOADED);
            on_message(broken(FailureCode::Crashed, NOT_LOADED.into()));
        }
        let handler = Closure::new(move |event: MessageEvent| hear(&event.data()));
        worker.set_onmessage(Some(handler.as_ref().unchecked_ref()));
        let on_error = Closure::new({
            let pending = pending.clone();
            move |event: ErrorEvent| {
                event.prevent_default();
                // A script that can't be loaded brings a plain event, without a message.
                let message = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
                let detail = message.filter(|text| !text.is_empty()).unwrap_or(NOT_LOADED.into());
                pending.end(&detail);
                on_message(broken(FailureCode::Crashed, detail));
            }
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Engine { worker, pending, _on_message: handler, _on_error: on_error })
    }

    /// Sends a message and a copy of `buffers`.
    pub fn send(&self, message: &ToEngine, buffers: &[&[u8]]) {
        self.give(message, &buffers.iter().map(|bytes| Uint8Array::from(*bytes)).collect::<Vec<_>>());
    }

    /// Sends a message; the memory of `buffers` becomes the worker's, and they are empty afterwards.
    pub fn give(&self, message: &ToEngine, buffers: &[Uint8Array]) {
        let json = serde_json::to_string(message).expect("messages are plain data");
        let (object, list) = (Object::new(), Array::new());
        for bytes in buffers {
            list.push(&bytes.buffer());
        }
        for (key, value) in [("json", JsValue::from(json)), ("buffers", JsValue::from(&list))] {
            Reflect::set(&object, &key.into(), &value).expect("a plain object takes keys");
        }
        self.worker.post_message_with_transfer(&object, &list).expect("a string and fresh buffers can be sent");
    }

    /// It broke, and answers nobody any more.
    pub fn has_ended(&self) -> bool {
        self.pending.ended.borrow().is_some()
    }

    /// Asks a question with an id of its own and waits for its answer. `Err`: the engine ended meanwhile, or before.
    pub async fn ask(&self, question: impl FnOnce(u64) -> ToEngine, buffers: &[&[u8]]) -> Result<Incoming, String> {
        self.begin(question, buffers).await.map_err(|_| self.pending.ended.borrow().clone().unwrap_or_default())
    }

    /// [`Engine::ask`], for callers that can't hold the engine while they wait.
    pub fn begin(&self, question: impl FnOnce(u64) -> ToEngine, buffers: &[&[u8]]) -> oneshot::Receiver<Incoming> {
        let (id, receiver) = self.pending.enter();
        if let Some(id) = id {
            self.send(&question(id), buffers);
        }
        receiver
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Pending {
    /// The id of a new question, and where its answer comes. Without an id there is nobody to ask, and none comes.
    fn enter(&self) -> (Option<u64>, oneshot::Receiver<Incoming>) {
        let (sender, receiver) = oneshot::channel();
        if self.ended.borrow().is_some() {
            return (None, receiver);
        }
        let id = self.next.get() + 1;
        self.next.set(id);
        self.answers.borrow_mut().insert(id, sender);
        (Some(id), receiver)
    }

    /// Nobody answers any more; whoever waits is told by the closed channel. The first cause counts.
    fn end(&self, detail: &str) {
        self.ended.borrow_mut().get_or_insert_with(|| detail.to_owned());
        self.answers.borrow_mut().clear();
    }

    /// Who waits for this message, if it is an answer.
    fn take(&self, message: &FromEngine) -> Option<oneshot::Sender<Incoming>> {
        let id = match message {
            FromEngine::Cost { id, .. }
            | FromEngine::ModelLoaded { id, .. }
            | FromEngine::Prediction { id, .. }
            | FromEngine::Looked { id, .. }
            | FromEngine::Sample { id, .. }
            | FromEngine::Samples { id, .. }
            | FromEngine::Examined { id, .. }
            | FromEngine::Inspected { id, .. }
            | FromEngine::Model { id, .. } => id,
            _ => return None,
        };
        self.answers.borrow_mut().remove(id)
    }
}

const NOT_LOADED: &str = "the engine could not be loaded";

/// A worker on its way.
struct Begun {
    worker: Worker,
    /// What it said before anybody listened.
    early: Array,
    failed: bool,
}

fn begin(kind: EngineKind) -> Result<Begun, String> {
    let script = kind.script().ok_or("this build has no such engine")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&script, &options).map_err(|error| format!("{error:?}"))?;
    Ok(Begun { worker, early: Array::new(), failed: false })
}

/// The CPU engine that boot.js started before this page's own code was here. There is one, and the
/// first who asks takes it.
fn early(kind: EngineKind) -> Option<Begun> {
    const NAME: &str = "kindlingEngine";
    if kind != EngineKind::Cpu {
        return None;
    }
    let global = js_sys::global();
    let begun = Reflect::get(&global, &NAME.into()).ok().filter(JsValue::is_object)?;
    Reflect::delete_property(&global, &NAME.into()).ok()?;
    let get = |key: &str| Reflect::get(&begun, &key.into()).ok();
    let (worker, early) = (get("worker")?.dyn_into().ok()?, get("early")?.dyn_into().ok()?);
    Some(Begun { worker, early, failed: get("failed")?.is_truthy() })
}

fn unpack(data: &JsValue) -> Result<Incoming, String> {
    let get = |key: &str| Reflect::get(data, &key.into()).map_err(|error| format!("{error:?}"));
    let json = get("json")?.as_string().ok_or("a message without JSON")?;
    let message = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    let buffers: Array = get("buffers")?.dyn_into().map_err(|_| "a message without buffers")?;
    let buffers = buffers.iter().map(|buffer| Uint8Array::new(&buffer.unchecked_into::<ArrayBuffer>()).to_vec());
    Ok(Incoming { message, buffers: buffers.collect() })
}

fn broken(code: FailureCode, detail: String) -> Incoming {
    Incoming { message: FromEngine::Broken { code, detail }, buffers: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_an_engine_that_broke() {
        let pending = Pending::default();
        let (id, mut before) = pending.enter();
        assert_eq!(id, Some(1));
        assert!(matches!(before.try_recv(), Ok(None)));
        pending.end("a panic");
        pending.end("what followed from it");
        let (id, mut after) = pending.enter();
        assert_eq!(id, None);
        assert!(before.try_recv().is_err() && after.try_recv().is_err());
        assert_eq!(pending.ended.take().as_deref(), Some("a panic"));
    }
}
