//! The engine worker: `kindling-labs` in a browser. It computes and talks; the page stores and fetches.
//!
//! One source, two bundles: without features the CPU engine, with `webgpu` the GPU engine. The worker's
//! script calls [`start`] once and [`receive`] with every message of the page.
//!
//! - [`desk`]: what is under way, and who does what with a message.
//! - [`predict`]: models and questions about drawings.
//! - [`look`]: a lab's look at a drawing.
//! - [`run`]: one run of a lab, and [`host`], what the lab asks of us.
//! - [`crew`]: workers beside a run; [`member`]: this worker as one of them.
//! - [`check`]: the self-test.
//! - [`device`]: the device, and how the GPU's faults come in.
//! - [`page`]: messages out. [`turn`]: giving way to messages in. [`fetch`]: data through the page.

#[cfg(feature = "bench")]
mod bench;
mod check;
mod crew;
mod desk;
mod device;
mod fetch;
mod host;
mod look;
mod member;
mod page;
mod predict;
mod run;
mod turn;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use kindling_protocol::engine::FromEngine;
use kindling_protocol::event::FailureCode;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the engine: finds the device and says `Ready`.
#[wasm_bindgen]
pub async fn start() {
    listen_for_panics();
    desk::open().await;
}

/// A panic ends this instance: wasm has no unwinding. What it says is all that will ever be heard of it.
fn listen_for_panics() {
    std::panic::set_hook(Box::new(|info| device::panicked(&info.to_string())));
}

/// One message of the page: `ToEngine` as JSON, and its buffers.
#[wasm_bindgen]
pub fn receive(json: &str, buffers: &Array) {
    let buffers = buffers.iter().map(|buffer| Uint8Array::new(&buffer.unchecked_into::<ArrayBuffer>()).to_vec());
    match serde_json::from_str(json) {
        Ok(message) => desk::take(message, buffers.collect()),
        Err(error) => page::broken(FailureCode::Internal, &format!("a message that is not understood: {error}")),
    }
}

/// The guard around WebGPU told a fault: nothing computed from here on can be trusted, so nothing is sent.
#[wasm_bindgen]
pub fn silence() {
    page::silence();
}

/// The device this bundle computes on, as `Ready` tells it.
fn ready(device: &device::Found) -> FromEngine {
    FromEngine::Ready {
        protocol: kindling_protocol::PROTOCOL_VERSION,
        gpu: device.gpu,
        device: device.name.clone(),
        labs: kindling_labs::labs::LABS.iter().map(|lab| (lab.spec)()).collect(),
    }
}
