//! What counts as an improvement of the figure that a callback watches.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Less is better: a loss.
    Min,
    /// More is better: an accuracy.
    Max,
}

/// The best value so far, and by how much the next one must beat it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Monitor {
    mode: Mode,
    min_delta: f64,
    best: Option<Exact>,
}

/// A number that goes through JSON whatever it is: a loss may be infinite, and JSON has no word for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exact(u64);

impl From<f64> for Exact {
    fn from(number: f64) -> Self {
        Exact(number.to_bits())
    }
}

impl From<Exact> for f64 {
    fn from(Exact(bits): Exact) -> Self {
        f64::from_bits(bits)
    }
}

impl Monitor {
    pub fn new(mode: Mode, min_delta: f64) -> Self {
        Monitor { mode, min_delta: min_delta.abs(), best: None }
    }

    pub fn best(&self) -> Option<f64> {
        self.best.map(f64::from)
    }

    /// Takes `current` for the best where it improves on the best so far. The first value always does, even if it is
    /// not a number; then nothing after it can.
    pub fn improves(&mut self, current: f64) -> bool {
        let improves = self.best.is_none_or(|best| self.beats(current, best.into()));
        if improves {
            self.best = Some(current.into());
        }
        improves
    }

    /// Whether `current` is better than `reference` by more than the least difference. Keras compares as f32, so a
    /// smaller difference than f32 can hold is none.
    pub fn beats(&self, current: f64, reference: f64) -> bool {
        match self.mode {
            Mode::Min => ((current + self.min_delta) as f32) < reference as f32,
            Mode::Max => ((current - self.min_delta) as f32) > reference as f32,
        }
    }
}
