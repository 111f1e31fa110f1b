//! `EarlyStopping`: the training ends where nothing improves, and may go back to its best weights.

use serde::{Deserialize, Serialize};

use super::monitor::Monitor;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlyStopping {
    pub monitor: Monitor,
    /// Epochs without improvement before the training ends. 0 is as 1: the first epoch that is no better ends it.
    pub patience: u64,
    /// Improvements that do not beat this do not set the waiting back.
    pub baseline: Option<f64>,
    /// Epochs before this one, counted from 0, are not looked at.
    pub start_from_epoch: u64,
    pub restore_best: bool,
    wait: u64,
    best_epoch: Option<u64>,
    stopped_at: Option<u64>,
}

/// What is to be done after an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Keep the weights as they are: they are the ones to go back to.
    pub keep: bool,
    pub stop: bool,
}

impl EarlyStopping {
    pub fn new(monitor: Monitor, patience: u64, restore_best: bool) -> Self {
        EarlyStopping {
            monitor,
            patience,
            baseline: None,
            start_from_epoch: 0,
            restore_best,
            wait: 0,
            best_epoch: None,
            stopped_at: None,
        }
    }

    /// `epoch` counts from 0. The first epoch never stops.
    pub fn epoch_ended(&mut self, epoch: u64, current: f64) -> Verdict {
        if epoch < self.start_from_epoch {
            return Verdict::default();
        }
        self.wait += 1;
        if self.monitor.improves(current) {
            self.best_epoch = Some(epoch);
            if self.baseline.is_none_or(|baseline| self.monitor.beats(current, baseline)) {
                self.wait = 0;
            }
            return Verdict { keep: self.restore_best, stop: false };
        }
        let stop = self.wait >= self.patience && epoch > 0;
        if stop {
            self.stopped_at = Some(epoch);
        }
        Verdict { keep: false, stop }
    }

    pub fn wait(&self) -> u64 {
        self.wait
    }

    pub fn best_epoch(&self) -> Option<u64> {
        self.best_epoch
    }

    pub fn stopped_at(&self) -> Option<u64> {
        self.stopped_at
    }
}
