//! Training: the loop, to be read from top to bottom, and what it is made of.
//!
//! - [`run_loop`]: the loop.
//! - [`batch`]: samples as tensors.
//! - [`optimiser`]: from a gradient to a step.
//! - [`schedule`]: the learning rate over a run.
//! - [`metrics`]: what predictions are worth.
//! - [`checkpoint`]: all that a run needs to go on, as one set of bytes.
//! - [`container`]: several parts in one set of bytes that is whole or refused.
//! - [`stages`]: several trainings one after another, as one run.

pub mod batch;
pub mod checkpoint;
pub mod container;
pub mod metrics;
pub mod optimiser;
pub mod run_loop;
pub mod schedule;
pub mod stages;
