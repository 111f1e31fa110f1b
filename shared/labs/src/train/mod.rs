//! Training: the loop, to be read from top to bottom, and what it is made of.
//!
//! - [`run_loop`]: the loop.
//! - [`batch`]: samples as tensors.
//! - [`optimiser`]: from a gradient to a step.
//! - [`schedule`]: the learning rate over a run.
//! - [`metrics`]: what predictions are worth.
//! - [`checkpoint`]: all that a run needs to go on, as one set of bytes.

pub mod batch;
pub mod checkpoint;
pub mod metrics;
pub mod optimiser;
pub mod run_loop;
pub mod schedule;
