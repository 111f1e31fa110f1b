//! What learns: the labs, their models, their data and the training loop.
//!
//! The same code runs in the browser's engine worker and in the server's worker process. So nothing
//! here does input or output, reads a clock or spawns anything: all of that is the [`host`]'s. All
//! randomness comes from a seed.
//!
//! In reading order:
//!
//! - [`labs`]: one folder a lab, and the registry.
//! - [`host`]: what a lab may ask of whoever runs it.
//! - [`crew`]: workers beside a run.
//! - [`pace`]: how fast a run goes, for hosts.
//! - [`train`]: the loop, its optimisers, schedules and checkpoints.
//! - [`nn`]: one file an architecture; weights in and out.
//! - [`data`]: formats, generators, preparation, augmentation.
//! - [`answer`]: a trained model asked about one input.
//! - [`selftest`]: is this device right? Kernels compared with the CPU.

pub mod answer;
pub mod crew;
pub mod data;
pub mod host;
pub mod labs;
pub mod nn;
pub mod pace;
pub mod selftest;
#[cfg(test)]
mod testing;
pub mod train;

pub use burn;
pub use kindling_protocol as protocol;
