//! The page: what a person sees and touches. It draws and asks; the engine worker and the server compute.
//!
//! In reading order:
//!
//! - [`app`]: which page stands at which address.
//! - [`pages`]: one file a page.
//! - [`components`]: the pad, the bars, the frame around every page.
//! - [`lab`], [`charts`] and [`panels`]: what a lab's page is made of. [`questions`]: what a question's is.
//! - [`runner`]: talks to the engine worker or the server; both send one stream of events.
//! - [`api`]: every request to the server. [`store`]: what is kept in this browser. [`digest`]: their sha256.
//! - [`trouble`]: what did not work, in a sentence and in detail.
//! - [`i18n`], [`theme`], [`router`]: language, colours, address.

pub mod api;
pub mod app;
pub mod charts;
pub mod components;
pub mod digest;
pub mod i18n;
pub mod lab;
pub mod pages;
pub mod panels;
pub mod questions;
pub mod router;
pub mod runner;
pub mod store;
pub mod theme;
pub mod trouble;

use wasm_bindgen::prelude::wasm_bindgen;

/// Puts the page into the document. boot.js calls the module's initialiser, which calls this.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    i18n::apply();
    theme::apply();
    leptos::mount::mount_to_body(app::App);
}
