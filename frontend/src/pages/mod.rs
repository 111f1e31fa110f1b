//! One file a page. The first screen is there at once; the others come in a part of their own ([`later`]).

pub mod engine;
pub mod home;
pub mod lab;
pub mod later;
pub mod models;
pub mod question;
pub mod questions;
pub mod runs;
pub mod unknown;
