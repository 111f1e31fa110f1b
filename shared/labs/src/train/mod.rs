//! Training: the loop, to be read from top to bottom, and what it is made of.
//!
//! - [`run_loop`]: the loop.
//! - [`course`]: what every loop does on its way.
//! - [`batch`]: samples as tensors.
//! - [`optimiser`]: from a gradient to a step.
//! - [`schedule`]: the learning rate over a run.
//! - [`steer`]: who may change the rate, keep weights and end a training; [`callbacks`], who do, as in Keras.
//! - [`metrics`]: what predictions are worth.
//! - [`checkpoint`]: all that a run needs to go on, as one set of bytes.
//! - [`container`]: several parts in one set of bytes that is whole or refused.
//! - [`hand_over`]: a trained classifier as files with a manifest.
//! - [`rows`]: training on rows of numbers, for labs about judging models.
//! - [`told`]: predictions of a test set, told and read.
//! - [`examples`]: a confusion matrix with rows of a table behind its cells.
//! - [`stages`]: several trainings one after another, as one run.

pub mod batch;
pub mod callbacks;
pub mod checkpoint;
pub mod container;
pub mod course;
pub mod examples;
pub mod hand_over;
pub mod metrics;
pub mod optimiser;
pub mod rows;
pub mod run_loop;
pub mod schedule;
pub mod stages;
pub mod steer;
pub mod told;
