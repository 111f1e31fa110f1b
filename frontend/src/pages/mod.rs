//! One file a page.

pub mod engine;
pub mod home;
pub mod lab;
pub mod models;
pub mod runs;
pub mod unknown;
