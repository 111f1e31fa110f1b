//! What the pages of questions are made of. Nothing here knows a question: all of it comes from the catalogue.
//!
//! - [`book`]: the files of questions, fetched when they are asked for. [`filter`]: which of them are shown.
//! - [`practice`]: one question being worked on, and what is kept of it in this browser.
//! - [`timer`], [`think`], [`quiz`], [`reveal`], [`lab`], [`rate`], [`code`]: the parts of its page, from top to bottom.
//! - [`schedule`]: when a question comes again.
//! - [`place`]: where the person reads, kept when the language changes.

pub mod book;
pub mod code;
pub mod filter;
pub mod lab;
pub mod place;
pub mod practice;
pub mod quiz;
pub mod rate;
pub mod reveal;
pub mod schedule;
pub mod think;
pub mod timer;
