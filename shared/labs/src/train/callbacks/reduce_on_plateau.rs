//! `ReduceLROnPlateau`: the learning rate goes down where nothing improves.

use serde::{Deserialize, Serialize};

use super::monitor::Monitor;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReduceOnPlateau {
    pub monitor: Monitor,
    /// What the rate is multiplied by. Below 1.
    pub factor: f64,
    /// Epochs without improvement before the rate goes down. 0 is as 1: an epoch has to fail first.
    pub patience: u64,
    /// Epochs after a reduction in which none is counted.
    pub cooldown: u64,
    /// The rate never goes below this. Where it is above the first rate, nothing ever happens.
    pub least_rate: f64,
    cooldown_left: u64,
    wait: u64,
}

impl ReduceOnPlateau {
    pub fn new(monitor: Monitor, factor: f64, patience: u64, cooldown: u64, least_rate: f64) -> Self {
        ReduceOnPlateau { monitor, factor, patience, cooldown, least_rate, cooldown_left: 0, wait: 0 }
    }

    /// The new learning rate, if it changes. Rates are f32, as an optimiser in Keras keeps them.
    pub fn epoch_ended(&mut self, current: f64, rate: f32) -> Option<f32> {
        // The epoch in which the cooldown reaches zero already counts.
        if self.cooldown_left > 0 {
            self.cooldown_left -= 1;
            self.wait = 0;
        }
        if self.monitor.improves(current) {
            self.wait = 0;
            return None;
        }
        if self.cooldown_left > 0 {
            return None;
        }
        self.wait += 1;
        // At the least rate `wait` is not set back: it keeps growing.
        if self.wait < self.patience || rate <= self.least_rate as f32 {
            return None;
        }
        self.cooldown_left = self.cooldown;
        self.wait = 0;
        Some((f64::from(rate) * self.factor).max(self.least_rate) as f32)
    }

    /// Epochs without improvement, and epochs of cooldown that are left.
    pub fn counters(&self) -> (u64, u64) {
        (self.wait, self.cooldown_left)
    }
}
