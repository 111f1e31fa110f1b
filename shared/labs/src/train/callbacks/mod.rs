//! Callbacks that watch a figure from epoch to epoch, with the exact semantics of Keras 3 (`keras/src/callbacks`).
//!
//! - [`monitor`]: what counts as an improvement.
//! - [`reduce_on_plateau`]: the learning rate goes down where nothing improves.
//! - [`early_stopping`]: the training ends where nothing improves.
//! - [`model_checkpoint`]: the best weights are kept.
//!
//! Each is plain data: it goes into a checkpoint of the run as JSON. `tests/goldens/keras_callbacks.py` drives the real
//! Keras through 1,000 random traces; the test here takes the same steps.

pub mod early_stopping;
pub mod model_checkpoint;
pub mod monitor;
pub mod reduce_on_plateau;
#[cfg(test)]
mod tests;

pub use early_stopping::EarlyStopping;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::{Exact, Mode, Monitor};
pub use reduce_on_plateau::ReduceOnPlateau;
