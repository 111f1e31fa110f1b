//! Kindling's server and command line, one binary.
//!
//! In reading order:
//!
//! - [`cli`]: the commands, one file each.
//! - [`config`]: where state and data are kept.
//! - [`http`]: the page and the API. Every route is registered with an access class.
//! - [`error`]: what an answer that is no success looks like.
//! - [`assets`]: the page, the engines and the shipped model, inside the binary.
//! - [`data`]: data sets: what they must be, where they come from, whether they are here.
//! - [`devices`]: what this machine can compute on.
//! - [`local`]: a lab run on this machine. [`crew`]: threads and processes beside it.
//! - [`runs`]: training on the server, in worker processes.
//! - [`registry`]: published models and their files.
//! - [`store`]: the database. All SQL is there.
//! - [`tasks`]: tasks that are waited for, and tasks that end with whoever waits.
//! - [`doctor`]: what this machine has, and what is off.

pub mod assets;
pub mod cli;
pub mod config;
pub mod crew;
pub mod data;
pub mod devices;
pub mod doctor;
pub mod error;
pub mod http;
pub mod local;
pub mod registry;
pub mod runs;
pub mod store;
pub mod tasks;
