//! This worker as a member of a run's crew: another engine worker started it, and asks (`crew.rs`).

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use kindling_labs::burn::tensor::Device;
use kindling_labs::crew::Member;
use kindling_labs::labs;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::turn::now_ms;
use crate::{listen_for_panics, page};

thread_local!(static MEMBER: RefCell<Option<Rc<dyn Member>>> = const { RefCell::new(None) });

/// Does its part of this lab from now on.
#[wasm_bindgen]
pub fn join(lab: &str, setup: &ArrayBuffer) {
    listen_for_panics();
    let join = labs::find(lab).and_then(|lab| lab.join).expect("the engine that started this one has the same labs");
    MEMBER.set(Some(join(Device::flex(), &Uint8Array::new(setup).to_vec()).into()));
}

/// Answers one ask. On the CPU nothing is awaited in between, so answers go out in the order of the asks.
#[wasm_bindgen]
pub fn answer(ask: &ArrayBuffer) {
    let member = MEMBER.with_borrow(|member| member.clone()).expect("first it joins");
    let ask = Uint8Array::new(ask).to_vec();
    spawn_local(async move {
        let begun = now_ms();
        let answer = member.answer(ask).await;
        let buffer = Uint8Array::from(&answer[..]).buffer();
        page::post(&Array::of2(&(now_ms() - begun).into(), &buffer), &Array::of1(&buffer));
    });
}
