//! The device this worker computes on, and how the GPU's faults come in.
//!
//! WebGPU reports errors late and to whoever listens; a kernel that was refused leaves stale numbers
//! behind. `gpu-guard.js` listens. This file asks it before anything is believed.

use kindling_labs::burn::tensor::Device;
use kindling_protocol::engine::Injection;

/// What was found at the start.
pub struct Found {
    pub device: Device,
    /// What people are told.
    pub name: String,
    pub gpu: bool,
    pub adapter: Option<String>,
    /// Why the GPU that this bundle is made for can't be used.
    pub problem: Option<String>,
}

fn cpu() -> Found {
    Found { device: Device::flex(), name: "CPU (wasm SIMD)".into(), gpu: false, adapter: None, problem: None }
}

#[cfg(not(feature = "webgpu"))]
pub async fn find() -> Found {
    cpu()
}

/// Nothing on the CPU goes wrong late.
#[cfg(not(feature = "webgpu"))]
pub async fn settled() {}

#[cfg(not(feature = "webgpu"))]
pub fn inject(_: Injection) {}

/// The program's own fault.
#[cfg(not(feature = "webgpu"))]
pub fn panicked(detail: &str) {
    crate::page::broken(kindling_protocol::event::FailureCode::Internal, detail);
}

#[cfg(feature = "webgpu")]
pub use gpu::{find, inject, panicked, settled};

#[cfg(feature = "webgpu")]
mod gpu {
    use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};
    use js_sys::{Promise, Reflect};
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_futures::JsFuture;

    use super::{Device, Found, Injection, cpu};

    #[wasm_bindgen]
    extern "C" {
        /// `{adapter, problem}`: the adapter's name, and why it can't be used.
        #[wasm_bindgen(js_namespace = kindlingGuard)]
        fn inspect() -> Promise;

        /// Answers when nothing that was handed to the GPU can still turn out to be refused.
        #[wasm_bindgen(js_namespace = kindlingGuard, js_name = settled)]
        fn guard_settled() -> Promise;

        /// Tells the page, unless it turns out that the GPU was the cause.
        #[wasm_bindgen(js_namespace = kindlingGuard, js_name = panicked)]
        fn guard_panicked(detail: &str);

        #[wasm_bindgen(js_namespace = kindlingGuard, js_name = inject)]
        fn guard_inject(what: &str);
    }

    pub async fn find() -> Found {
        let seen = JsFuture::from(inspect()).await.unwrap_or_default();
        let text = |key: &str| Reflect::get(&seen, &key.into()).ok().and_then(|value| value.as_string());
        let adapter = text("adapter");
        if let Some(problem) = text("problem") {
            return Found { adapter, problem: Some(problem), ..cpu() };
        }
        tune_briefly();
        match Device::wgpu_options().init_async().await {
            Ok(device) => {
                let name = format!("WebGPU ({})", adapter.as_deref().unwrap_or("unnamed"));
                Found { device, name, gpu: true, adapter, problem: None }
            }
            Err(error) => Found { adapter, problem: Some(format!("the device could not be made: {error}")), ..cpu() },
        }
    }

    /// burn picks the kernel of each new shape by running every candidate. Natively it drops the slow ones after
    /// three timed runs; in a browser all of them get the full count, ten, and on a slow GPU a first step takes
    /// minutes. The fastest of a few is told apart in three as well.
    fn tune_briefly() {
        const SAMPLES: usize = 3;
        let mut config = CubeClRuntimeConfig::default();
        config.autotune.bench.min_samples = SAMPLES;
        config.autotune.bench.max_samples = SAMPLES;
        // Refused once something has read the configuration: the device below is the first that does.
        CubeClRuntimeConfig::try_set(config);
    }

    /// The libraries below panic when the GPU goes away, a moment before the guard hears why.
    pub fn panicked(detail: &str) {
        crate::page::silence();
        guard_panicked(detail);
    }

    pub async fn settled() {
        // It never fails; what it finds silences this engine before it answers.
        drop(JsFuture::from(guard_settled()).await);
    }

    pub fn inject(what: Injection) {
        let name = serde_json::to_value(what).unwrap_or_default();
        guard_inject(name.as_str().unwrap_or_default());
    }
}
