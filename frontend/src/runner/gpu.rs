//! Is WebGPU here, and is it right? The self-test and its remembered outcome.

use std::cell::RefCell;

use futures::channel::mpsc;
use futures::future::{AbortHandle, Either, LocalBoxFuture, Shared, abortable, select};
use futures::{FutureExt, StreamExt};
use js_sys::{Function, Promise, Reflect};
use kindling_protocol::engine::{Check, FromEngine, ToEngine};
use kindling_protocol::text::{Text, text};
use leptos::prelude::{ArcReadSignal, ArcRwSignal, Set, Update, window};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::engine::{Engine, EngineKind};
use super::start::StartError;
use crate::trouble::Trouble;

/// What the self-test came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    pub adapter: Option<String>,
    pub passed: bool,
    pub problem: Option<String>,
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This build has no GPU engine (`--cpu-only`).
    NotBuilt,
    /// The browser has no WebGPU.
    NoWebGpu,
    /// WebGPU, but nothing that computes.
    NoAdapter,
    /// An adapter; its name.
    Adapter(String),
}

/// The outcome as it is remembered: for one adapter and one build of the engine.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// The script's name holds the hash of the build.
    engine: String,
    outcome: SelfTest,
}

/// A self-test that says nothing for this long has failed.
const SILENCE_MS: u32 = 90_000;

impl SelfTest {
    /// A kernel came to something else than on the CPU, or to nothing in time.
    pub fn found_fault(&self) -> bool {
        self.checks.iter().any(|check| !check.passed)
    }

    /// The kernels together took less time here than on the CPU.
    pub fn is_faster(&self) -> bool {
        let sum = |time: fn(&Check) -> f64| self.checks.iter().filter(|check| check.passed).map(time).sum::<f64>();
        self.passed && sum(|check| check.device_ms) < sum(|check| check.cpu_ms)
    }
}

/// Looks for an adapter. Cheap: starts no engine.
pub async fn find() -> Found {
    if EngineKind::Gpu.script().is_none() {
        return Found::NotBuilt;
    }
    let navigator = window().navigator();
    let gpu = Reflect::get(&navigator, &"gpu".into()).unwrap_or_default();
    if !gpu.is_object() {
        return Found::NoWebGpu;
    }
    match adapter(&gpu).await {
        Some(adapter) => Found::Adapter(adapter_name(&adapter)),
        None => Found::NoAdapter,
    }
}

/// The outcome of the last self-test on this adapter with this build.
pub fn remembered(adapter: &str) -> Option<SelfTest> {
    let storage = window().local_storage().ok()??;
    let remembered: Remembered = serde_json::from_str(&storage.get_item(&key(adapter)).ok()??).ok()?;
    (Some(remembered.engine) == EngineKind::Gpu.script()).then_some(remembered.outcome)
}

/// The self-test that goes on. There is one: whoever wants its outcome meanwhile waits for the same.
struct UnderWay {
    outcome: Shared<LocalBoxFuture<'static, Option<SelfTest>>>,
    cancel: AbortHandle,
}

thread_local! {
    static UNDER_WAY: RefCell<Option<UnderWay>> = const { RefCell::new(None) };
    static COMPARED: ArcRwSignal<Option<Vec<Check>>> = ArcRwSignal::new(None);
}

/// The kernels that the self-test which goes on has compared so far. `None`: none goes on.
pub fn compared() -> ArcReadSignal<Option<Vec<Check>>> {
    COMPARED.with(ArcRwSignal::read_only)
}

/// Fetches the GPU engine and runs the self-test, or waits for the one that goes on. `None`: it was cancelled.
pub async fn self_test() -> Option<SelfTest> {
    let outcome = UNDER_WAY.with_borrow_mut(|under_way| under_way.get_or_insert_with(begin).outcome.clone());
    outcome.await
}

/// Ends the self-test that goes on, and its worker. Nothing is remembered of it.
pub fn cancel() {
    UNDER_WAY.with_borrow(|under_way| under_way.iter().for_each(|under_way| under_way.cancel.abort()));
}

fn begin() -> UnderWay {
    let compared = COMPARED.with(ArcRwSignal::clone);
    compared.set(Some(Vec::new()));
    let one_more = compared.clone();
    let (test, cancel) = abortable(test(move |check| {
        one_more.update(|checks| checks.iter_mut().for_each(|checks| checks.push(check.clone())));
    }));
    let outcome = async move {
        // The worker ends with the future that holds it, before anybody is told.
        let outcome = test.await.ok();
        UNDER_WAY.take();
        compared.set(None);
        outcome
    };
    let outcome = outcome.boxed_local().shared();
    // It goes on, and is remembered, when the page that asked is left.
    spawn_local(outcome.clone().map(drop));
    UnderWay { outcome, cancel }
}

async fn test(on_check: impl Fn(&Check)) -> SelfTest {
    let mut outcome = SelfTest { adapter: None, passed: false, problem: None, checks: Vec::new() };
    match find().await {
        Found::Adapter(name) => outcome.adapter = Some(name),
        other => return SelfTest { problem: Some(why_not(&other).en.into_owned()), ..outcome },
    }
    let (sender, mut messages) = mpsc::unbounded();
    let engine = match Engine::start(EngineKind::Gpu, move |incoming| drop(sender.unbounded_send(incoming))) {
        Ok(engine) => engine,
        Err(detail) => return SelfTest { problem: Some(detail), ..outcome },
    };
    engine.send(&ToEngine::SelfTest, &[]);
    loop {
        let silence = gloo::timers::future::TimeoutFuture::new(SILENCE_MS);
        let message = match select(messages.next(), silence).await {
            Either::Left((Some(incoming), _)) => incoming.message,
            _ => {
                outcome.problem = Some(format!("no answer within {} s", SILENCE_MS / 1000));
                break;
            }
        };
        match message {
            FromEngine::Check(check) => {
                on_check(&check);
                outcome.checks.push(check);
            }
            FromEngine::SelfTestDone { passed, problem, .. } => {
                outcome.passed = passed;
                outcome.problem = problem;
                // No other end is remembered: an engine that could not be loaded says nothing of the GPU.
                remember(&outcome);
                break;
            }
            FromEngine::Broken { detail, .. } => {
                outcome.problem = Some(detail);
                break;
            }
            _ => {}
        }
    }
    outcome
}

/// Refuses where the GPU would not be right. Tests it first where that was not done yet.
pub(super) async fn require() -> Result<(), StartError> {
    let name = match find().await {
        Found::Adapter(name) => name,
        other => return Err(StartError::Gpu(why_not(&other).into())),
    };
    let outcome = match remembered(&name) {
        Some(outcome) => outcome,
        None => self_test().await.ok_or(StartError::Cancelled)?,
    };
    if outcome.passed {
        return Ok(());
    }
    let sentence = if outcome.found_fault() {
        text("WebGPU failed its self-test here and is not used.", "此处的 WebGPU 未通过自检，因此不予使用。")
    } else {
        text("The self-test of WebGPU could not be carried through.", "WebGPU 自检未能完成。")
    };
    Err(StartError::Gpu(Trouble::new(sentence, outcome.problem.unwrap_or_default())))
}

fn remember(outcome: &SelfTest) {
    let (Some(adapter), Some(engine)) = (&outcome.adapter, EngineKind::Gpu.script()) else { return };
    let remembered = Remembered { engine, outcome: outcome.clone() };
    // Not remembered is no harm: it is tested again.
    if let (Ok(Some(storage)), Ok(json)) = (window().local_storage(), serde_json::to_string(&remembered)) {
        drop(storage.set_item(&key(adapter), &json));
    }
}

fn key(adapter: &str) -> String {
    format!("kindling:self-test:{adapter}")
}

async fn adapter(gpu: &JsValue) -> Option<JsValue> {
    let request: Function = Reflect::get(gpu, &"requestAdapter".into()).ok()?.dyn_into().ok()?;
    let promise: Promise = request.call0(gpu).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok().filter(JsValue::is_object)
}

/// What the adapter says of itself; browsers say as much as they like.
fn adapter_name(adapter: &JsValue) -> String {
    let info = Reflect::get(adapter, &"info".into()).unwrap_or_default();
    let part = |name: &str| Reflect::get(&info, &name.into()).ok().and_then(|part| part.as_string());
    let parts = ["vendor", "architecture", "description"].iter().filter_map(|name| part(name));
    let name = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if name.is_empty() { "WebGPU adapter".into() } else { name }
}

fn why_not(found: &Found) -> Text {
    match found {
        Found::NotBuilt => text("This build has no GPU engine.", "此版本不含 GPU 引擎。"),
        Found::NoWebGpu => text("This browser has no WebGPU.", "此浏览器不支持 WebGPU。"),
        Found::NoAdapter | Found::Adapter(_) => {
            text("WebGPU found no adapter on this machine.", "WebGPU 在本机上没有找到适配器。")
        }
    }
}
