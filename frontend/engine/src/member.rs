//! This worker as a member of a run's crew: another engine worker started it, and asks (`crew.rs`).

use std::cell::RefCell;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use kindling_labs::burn::tensor::Device;
use kindling_labs::labs;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::turn::now_ms;
use crate::{listen_for_panics, page};

thread_local!(static ASKS: RefCell<Option<UnboundedSender<Vec<u8>>>> = const { RefCell::new(None) });

/// Does its part of this lab from now on.
#[wasm_bindgen]
pub fn join(lab: &str, setup: &ArrayBuffer) {
    listen_for_panics();
    let join = labs::find(lab).and_then(|lab| lab.join).expect("the engine that started this one has the same labs");
    let member = join(Device::flex(), &Uint8Array::new(setup).to_vec());
    let (sender, mut asks) = unbounded();
    ASKS.set(Some(sender));
    spawn_local(async move {
        while let Some(ask) = asks.next().await {
            let begun = now_ms();
            let answer = member.answer(ask).await;
            let buffer = Uint8Array::from(&answer[..]).buffer();
            page::post(&Array::of2(&(now_ms() - begun).into(), &buffer), &Array::of1(&buffer));
        }
    });
}

/// Queues an ask.
#[wasm_bindgen]
pub fn answer(ask: &ArrayBuffer) {
    let ask = Uint8Array::new(ask).to_vec();
    ASKS.with_borrow(|asks| drop(asks.as_ref().expect("first it joins").unbounded_send(ask)));
}
