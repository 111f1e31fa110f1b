//! Learning rates that are known before the first step, as factors on the greatest one. Each is a function of the share
//! of the run that is done, from 0 to 1.

use std::f64::consts::PI;

use kindling_protocol::knob::Knobs;

/// What the rate does by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    Constant,
    /// Half a cosine down to nothing (Loshchilov and Hutter 2017, without restarts).
    Cosine,
    /// A straight line up over the first share, then constant.
    WarmUp {
        share: f64,
    },
    /// A straight line up over the first share, then half a cosine down: Keras calls it `CosineDecay` with a
    /// `warmup_target`.
    WarmUpCosine {
        share: f64,
    },
    /// Up in a line and down in a line, and in the last tenth a hundred times lower still (Smith and Topin 2018,
    /// "Super-Convergence"). Smith cycles the momentum the other way; here it stays.
    OneCycle,
}

/// What a cycle begins and ends with.
const CYCLE_LOW: f64 = 0.1;
/// The share of the run that is the cycle; what follows is the annihilation of the rate.
const CYCLE_SHARE: f64 = 0.9;
const ANNIHILATED: f64 = 0.001;

impl Schedule {
    pub fn of(knobs: &Knobs) -> Schedule {
        let share = knobs.number("warm-up");
        match knobs.word("schedule") {
            "cosine" => Schedule::Cosine,
            "warm-up" => Schedule::WarmUp { share },
            "warm-up-cosine" => Schedule::WarmUpCosine { share },
            "one-cycle" => Schedule::OneCycle,
            _ => Schedule::Constant,
        }
    }

    /// The factor before `step` of `steps`, counted from 0.
    pub fn factor(self, step: u64, steps: u64) -> f64 {
        let done = (step as f64 / steps.max(1) as f64).min(1.0);
        // Of a line upwards, the first step would be a step of nothing: it begins where the line is after that step.
        let rising = |share: f64| ((step + 1) as f64 / (share * steps as f64).max(1.0)).min(1.0);
        match self {
            Schedule::Constant => 1.0,
            Schedule::Cosine => cosine(done),
            Schedule::WarmUp { share } => rising(share),
            Schedule::WarmUpCosine { share } if done < share => rising(share),
            Schedule::WarmUpCosine { share } => cosine((done - share) / (1.0 - share).max(f64::MIN_POSITIVE)),
            Schedule::OneCycle => {
                let half = CYCLE_SHARE / 2.0;
                if done < CYCLE_SHARE {
                    1.0 - (1.0 - CYCLE_LOW) * (done - half).abs() / half
                } else {
                    let rest = (done - CYCLE_SHARE) / (1.0 - CYCLE_SHARE);
                    CYCLE_LOW + (ANNIHILATED - CYCLE_LOW) * rest
                }
            }
        }
    }
}

/// From 1 down to 0. `libm`, because a platform's own cosine may round differently and the factor decides every weight.
fn cosine(share: f64) -> f64 {
    0.5 * (1.0 + libm::cos(PI * share.min(1.0)))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        cosine: Vec<Decay>,
    }

    /// What Keras's `CosineDecay` gives every few steps.
    #[derive(Deserialize)]
    struct Decay {
        initial: f64,
        steps: u64,
        target: Option<f64>,
        warm_up: u64,
        rates: Vec<f64>,
    }

    #[test]
    fn cosine_is_that_of_keras_after_whatever_warm_up() {
        let golden = include_str!("../../../../../tests/goldens/keras_callbacks.json");
        let golden: Golden = serde_json::from_str(golden).expect("the golden file");
        let mut compared = 0;
        for decay in &golden.cosine {
            let (peak, total) = (decay.target.unwrap_or(decay.initial), decay.steps + decay.warm_up);
            let share = decay.warm_up as f64 / total as f64;
            let stride = ((total + 3) / 24).max(1);
            for (index, &rate) in decay.rates.iter().enumerate() {
                let step = index as u64 * stride;
                // Keras begins a warm-up with a step of nothing; ours is a step further up the same line.
                if step < decay.warm_up {
                    continue;
                }
                let ours = peak * Schedule::WarmUpCosine { share }.factor(step, total);
                assert!((ours - rate).abs() < 1e-6 * peak, "step {step}: {ours}, Keras {rate}");
                compared += 1;
            }
        }
        assert!(compared > 40, "{compared} rates were compared");
    }

    #[test]
    fn a_warm_up_rises_in_a_line_and_stays() {
        let factors: Vec<f64> = (0..100).map(|step| Schedule::WarmUp { share: 0.2 }.factor(step, 100)).collect();
        assert!((factors[0] - 0.05).abs() < 1e-12 && (factors[9] - 0.5).abs() < 1e-12);
        assert!(factors[19..].iter().all(|&factor| factor == 1.0));
    }

    #[test]
    fn one_cycle_goes_up_down_and_to_almost_nothing() {
        let factor = |step| Schedule::OneCycle.factor(step, 1000);
        assert!((factor(0) - 0.1).abs() < 1e-12 && (factor(450) - 1.0).abs() < 1e-12);
        assert!((factor(225) - 0.55).abs() < 1e-12 && (factor(675) - 0.55).abs() < 1e-12, "lines");
        assert!((factor(900) - 0.1).abs() < 1e-12 && factor(999) < 0.003);
        assert!((0..1000).all(|step| factor(step) > 0.0));
    }
}
