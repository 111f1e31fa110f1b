//! How many samples a difference of two proportions needs, and how often so many will find it.

use crate::distributions::{normal_quantile, normal_tail};

/// An experiment as it is planned: equally many samples in both groups, tested on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// The rate without the change.
    pub base: f64,
    /// The rate with it, less the base.
    pub effect: f64,
    pub alpha: f64,
}

impl Planned {
    /// How often `samples` a group reject that the rates are equal.
    pub fn power(self, samples: f64) -> f64 {
        let critical = normal_quantile(self.alpha / 2.0);
        let (null, other) = self.deviations();
        let shift = self.effect * samples.sqrt() / other;
        normal_tail(critical * null / other - shift) + normal_tail(critical * null / other + shift)
    }

    /// Samples a group for that power; the far tail, which finds the wrong sign, left aside.
    pub fn samples(self, power: f64) -> f64 {
        let (null, other) = self.deviations();
        let needed = normal_quantile(self.alpha / 2.0) * null + normal_quantile(1.0 - power) * other;
        (needed / self.effect).powi(2)
    }

    /// Of a difference of one sample each: with equal rates, and with those planned.
    fn deviations(self) -> (f64, f64) {
        let spread = |rate: f64| rate * (1.0 - rate);
        let changed = self.base + self.effect;
        let pooled = spread((self.base + changed) / 2.0);
        ((2.0 * pooled).sqrt(), (spread(self.base) + spread(changed)).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_and_samples_are_one_the_inverse_of_the_other() {
        let planned = Planned { base: 0.1, effect: 0.02, alpha: 0.05 };
        let samples = planned.samples(0.8);
        assert!((samples - 3840.8).abs() < 1.0, "the textbook's 3,841 a group, got {samples}");
        assert!((planned.power(samples) - 0.8).abs() < 1e-6);
        let nothing = Planned { effect: 0.0, ..planned };
        assert!((nothing.power(1e6) - 0.05).abs() < 1e-12, "without an effect the power is alpha");
    }
}
