//! How many samples a difference needs, and how often so many will find it.

use crate::distributions::{normal_quantile, normal_tail};

/// An experiment as it is planned, tested on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// The difference that is to be found.
    pub effect: f64,
    pub alpha: f64,
    /// Deviation of one sample's difference where there is none, and where the effect is as planned.
    null: f64,
    other: f64,
}

impl Planned {
    /// Two groups of equal size with rates `base` and `base + effect`.
    pub fn proportions(base: f64, effect: f64, alpha: f64) -> Self {
        let spread = |rate: f64| rate * (1.0 - rate);
        let changed = base + effect;
        let pooled = spread((base + changed) / 2.0);
        Planned { effect, alpha, null: (2.0 * pooled).sqrt(), other: (spread(base) + spread(changed)).sqrt() }
    }

    /// Two models on the same samples, who differ on this share of them (McNemar's test; Connor 1987).
    pub fn paired(differing: f64, effect: f64, alpha: f64) -> Self {
        Planned { effect, alpha, null: differing.sqrt(), other: (differing - effect * effect).max(0.0).sqrt() }
    }

    /// How often `samples` (a group, or pairs) reject that there is no difference.
    pub fn power(self, samples: f64) -> f64 {
        let critical = normal_quantile(self.alpha / 2.0) * self.null / self.other;
        let shift = self.effect * samples.sqrt() / self.other;
        normal_tail(critical - shift) + normal_tail(critical + shift)
    }

    /// Samples for that power; the far tail, which finds the wrong sign, left aside.
    pub fn samples(self, power: f64) -> f64 {
        let needed = normal_quantile(self.alpha / 2.0) * self.null + normal_quantile(1.0 - power) * self.other;
        (needed / self.effect).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_and_samples_are_one_the_inverse_of_the_other() {
        let planned = Planned::proportions(0.1, 0.02, 0.05);
        let samples = planned.samples(0.8);
        assert!((samples - 3840.8).abs() < 1.0, "the textbook's 3,841 a group, got {samples}");
        assert!((planned.power(samples) - 0.8).abs() < 1e-6);
        let paired = Planned::paired(0.1, 0.02, 0.05);
        assert!((paired.power(paired.samples(0.9)) - 0.9).abs() < 1e-6);
        assert!(paired.samples(0.8) < samples, "who differ on a tenth only are told apart sooner");
        let nothing = Planned::proportions(0.1, 0.0, 0.05);
        assert!((nothing.power(1e6) - 0.05).abs() < 1e-12, "without an effect the power is alpha");
    }
}
