//! `ModelCheckpoint(save_best_only=True)`: the best weights are kept, however the training ends.

use serde::{Deserialize, Serialize};

use super::monitor::Monitor;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCheckpoint {
    pub monitor: Monitor,
}

impl ModelCheckpoint {
    /// Whether the weights as they are now are to be kept.
    pub fn epoch_ended(&mut self, current: f64) -> bool {
        self.monitor.improves(current)
    }
}
