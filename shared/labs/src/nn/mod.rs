//! Networks and their weights.
//!
//! In reading order:
//!
//! - [`model`]: the closed list of architectures, and [`Classifier`](model::Classifier).
//! - [`mlp`], [`cnn`]: one file an architecture.
//! - [`init`]: first weights, from a seed and a parameter's path.
//! - [`dropout`]: masks from a seed.
//! - [`state`]: a model's numbers by name, out and in.
//! - [`weights`]: the same as files: safetensors, checked before anything is parsed.
//! - [`parity`]: does a model compute here what it computed where it was trained?

pub mod cnn;
pub mod dropout;
pub mod init;
pub mod mlp;
pub mod model;
pub mod parity;
pub mod state;
#[cfg(test)]
pub(crate) mod testing;
pub mod weights;
