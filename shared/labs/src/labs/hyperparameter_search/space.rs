//! The six hyperparameters, their ranges, and the points a grid or chance takes of them.

use kindling_protocol::knob::Knobs;
use kindling_protocol::text::{Text, text};

use crate::data::random::Stream;

/// A value for each of the six, in the order of [`NAMES`].
pub type Config = [f64; DIMS];
pub const DIMS: usize = 6;

pub const RATE: usize = 0;
pub const MOMENTUM: usize = 1;
pub const DECAY: usize = 2;
pub const BATCH: usize = 3;
pub const HIDDEN: usize = 4;
pub const INIT: usize = 5;

pub const NAMES: [Text; DIMS] = [
    text("Learning rate", "学习率"),
    text("Momentum", "动量"),
    text("L2 penalty", "L2 惩罚"),
    text("Batch", "批大小"),
    text("Hidden units", "隐藏单元"),
    text("Initial scale", "初始尺度"),
];

/// Where a hyperparameter that is not searched stands.
const USUAL: Config = [0.1, 0.9, 1e-4, 32.0, 16.0, 1.0];

#[derive(Clone, Copy)]
pub struct Range {
    low: f64,
    high: f64,
    log: bool,
    whole: bool,
}

pub struct Space {
    pub ranges: [Range; DIMS],
    /// The first so many are searched.
    pub searched: usize,
}

impl Range {
    /// The value at `unit` of the way, to three digits: so equal configurations are written equally.
    fn value(&self, unit: f64) -> f64 {
        let value = match self.log {
            true => self.low * libm::pow(self.high / self.low, unit),
            false => self.low + (self.high - self.low) * unit,
        };
        if self.whole { value.round() } else { format!("{value:.2e}").parse().expect("a number") }
    }

    /// Where between 0 and 1 a value stands.
    pub fn unit(&self, value: f64) -> f64 {
        let unit = match self.log {
            true => libm::log(value / self.low) / libm::log(self.high / self.low),
            false => (value - self.low) / (self.high - self.low),
        };
        unit.clamp(0.0, 1.0)
    }

    pub fn show(&self, unit: f64) -> String {
        self.value(unit).to_string()
    }
}

impl Space {
    pub fn new(knobs: &Knobs, searched: usize) -> Space {
        let range = |low, high, log, whole| Range { low, high, log, whole };
        let log_rate = knobs.word("rate-scale") == "log";
        let ranges = [
            range(1e-4, 10.0, log_rate, false),
            range(0.0, 0.99, false, false),
            range(1e-6, 1.0, true, false),
            range(8.0, 128.0, true, true),
            range(2.0, 64.0, true, true),
            range(0.1, 10.0, true, false),
        ];
        Space { ranges, searched }
    }

    fn config(&self, mut unit: impl FnMut(usize) -> f64) -> Config {
        let mut config = USUAL;
        for (place, range) in self.ranges.iter().enumerate().take(self.searched) {
            config[place] = range.value(unit(place));
        }
        config
    }

    /// Levels of a grid of no more than so many points.
    pub fn levels(&self, points: usize) -> usize {
        (1..).take_while(|&levels: &usize| levels.pow(self.searched as u32) <= points).last().unwrap_or(1)
    }

    /// Every combination of the middles of as many equal parts of each range as the number of points allows.
    pub fn grid(&self, points: usize) -> Vec<Config> {
        let levels = self.levels(points);
        let level = |point: usize, place: usize| point / levels.pow(place as u32) % levels;
        let config = |point| self.config(|place| (level(point, place) as f64 + 0.5) / levels as f64);
        (0..levels.pow(self.searched as u32)).map(config).collect()
    }

    /// Each value drawn on its own, uniformly on the scale of its range (Bergstra and Bengio 2012).
    pub fn random(&self, points: usize, stream: &mut Stream) -> Vec<Config> {
        (0..points).map(|_| self.config(|_| f64::from(stream.unit()))).collect()
    }
}

#[cfg(test)]
impl Range {
    pub fn only(value: f64) -> Range {
        Range { low: value, high: value, log: false, whole: false }
    }
}
