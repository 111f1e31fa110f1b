//! The learning rate over a run, as a factor on the knob's value: so the knob can be turned while a run goes on.

use std::f64::consts::PI;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    Constant,
    /// Up in a straight line over the first share `warm_up` of the run, then down along half a cosine to 0.
    Cosine {
        warm_up: f64,
    },
}

impl Schedule {
    /// The factor at `step`, counted from 0, of a run of `steps`.
    pub fn factor(self, step: u64, steps: u64) -> f64 {
        match self {
            Schedule::Constant => 1.0,
            Schedule::Cosine { warm_up } => {
                let warm = (warm_up * steps as f64).max(1.0);
                // The first step is no zero step.
                let at = step as f64 + 1.0;
                if at < warm {
                    return at / warm;
                }
                let share = (at - warm) / (steps as f64 - warm).max(1.0);
                // libm: a platform's own cosine may round differently, and the factor decides every weight.
                0.5 * (1.0 + libm::cos(PI * share.min(1.0)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_rises_in_a_line_and_falls_to_nothing() {
        let schedule = Schedule::Cosine { warm_up: 0.1 };
        let factors: Vec<f64> = (0..100).map(|step| schedule.factor(step, 100)).collect();
        assert!((factors[0] - 0.1).abs() < 1e-12 && (factors[4] - 0.5).abs() < 1e-12);
        assert_eq!(factors[9], 1.0);
        assert!((factors[54] - 0.5).abs() < 1e-12, "halfway down it is a half: {}", factors[54]);
        assert_eq!(factors[99], 0.0);
        assert!(factors[9..].windows(2).all(|pair| pair[1] < pair[0]));
    }

    #[test]
    fn one_step_is_a_whole_run() {
        assert!(Schedule::Cosine { warm_up: 0.1 }.factor(0, 1) > 0.0);
        assert_eq!(Schedule::Constant.factor(7, 9), 1.0);
    }
}
