//! Is WebGPU here, and is it right? The self-test and its remembered outcome.

use futures::StreamExt;
use futures::channel::mpsc;
use gloo::storage::{LocalStorage, Storage};
use js_sys::{Function, Promise, Reflect};
use kindling_protocol::engine::{Check, FromEngine, ToEngine};
use kindling_protocol::text::{Text, text};
use leptos::prelude::{ArcReadSignal, ArcRwSignal, Set, Update};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::engine::{Engine, EngineKind};

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
    let navigator = leptos::prelude::window().navigator();
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
    let remembered: Remembered = LocalStorage::get(key(adapter)).ok()?;
    (Some(remembered.engine) == EngineKind::Gpu.script()).then_some(remembered.outcome)
}

/// Fetches the GPU engine and runs the self-test; `on_check` sees each check as it comes.
pub async fn self_test(mut on_check: impl FnMut(&Check) + 'static) -> SelfTest {
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
        let message = match futures::future::select(messages.next(), silence).await {
            futures::future::Either::Left((Some(incoming), _)) => incoming.message,
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
                break;
            }
            FromEngine::Broken { detail, .. } => {
                outcome.problem = Some(detail);
                break;
            }
            _ => {}
        }
    }
    remember(&outcome);
    outcome
}

thread_local!(static AWAITED: ArcRwSignal<Option<usize>> = ArcRwSignal::new(None));

/// How many kernels are compared of the self-test that a run waits for. `None`: no run waits for one.
pub fn awaited() -> ArcReadSignal<Option<usize>> {
    AWAITED.with(ArcRwSignal::read_only)
}

/// Refuses where the GPU would not be right. Tests it first where that was not done yet.
pub(super) async fn require() -> Result<(), Text> {
    let name = match find().await {
        Found::Adapter(name) => name,
        other => return Err(why_not(&other)),
    };
    let outcome = match remembered(&name) {
        Some(outcome) => outcome,
        None => {
            let compared = AWAITED.with(ArcRwSignal::clone);
            compared.set(Some(0));
            let one_more = compared.clone();
            let outcome = self_test(move |_| one_more.update(|count| *count = count.map(|count| count + 1))).await;
            compared.set(None);
            outcome
        }
    };
    if outcome.passed {
        return Ok(());
    }
    let problem = outcome.problem.unwrap_or_default();
    Err(Text {
        en: format!("WebGPU failed its self-test here and is not used: {problem}").into(),
        zh: format!("此处的 WebGPU 未通过自检，不予使用：{problem}").into(),
    })
}

fn remember(outcome: &SelfTest) {
    let (Some(adapter), Some(engine)) = (&outcome.adapter, EngineKind::Gpu.script()) else { return };
    // Not remembered is no harm: it is tested again.
    drop(LocalStorage::set(key(adapter), Remembered { engine, outcome: outcome.clone() }));
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
