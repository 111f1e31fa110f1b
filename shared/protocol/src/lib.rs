//! What crosses a boundary: between the page and its engine worker, between the page and the server,
//! between the server and its worker process, and between a file and whoever reads it.
//!
//! Plain data and serde, nothing that computes on tensors: the page links this crate and not burn.
//!
//! In reading order:
//!
//! - [`text`]: a sentence in Chinese and English.
//! - [`knob`]: what a person can set, its range, and the values they chose.
//! - [`lab`]: the description of a lab ([`LabSpec`](lab::LabSpec)) and its goals.
//! - [`run`]: which lab, which knobs, which seed: everything that decides a run, and its link.
//! - [`chart`]: drawings of numbers for a lab's panels.
//! - [`predictions`]: what a classifier said of a test set; a run's own, or from a file.
//! - [`event`]: what a run says while it goes on. A run *is* its events.
//! - [`model`]: the manifest that travels with trained weights.
//! - [`input`]: what a model is asked about, and its answer.
//! - [`question`]: an interview question with its answers, and the source of its lab.
//! - [`table`]: what was read from a table of the learner's own.
//! - [`engine`]: messages between the page and the engine worker.
//! - [`api`]: bodies of the HTTP API, and its one error shape.

pub mod api;
pub mod chart;
pub mod engine;
pub mod event;
pub mod input;
pub mod knob;
pub mod lab;
pub mod model;
pub mod predictions;
pub mod question;
pub mod run;
pub mod table;
pub mod text;

/// Version of everything in this crate. A page and a server that differ in it refuse each other.
pub const PROTOCOL_VERSION: u32 = 1;
