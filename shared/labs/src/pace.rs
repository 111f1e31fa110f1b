//! How fast a run goes and what is left of it. Only a host has a clock; what it reads off it means the same in every host.

use std::collections::VecDeque;

use kindling_protocol::event::Progress;

/// The speed of late. Its times are milliseconds of running, so a pause leaves no trace in it.
#[derive(Debug, Default)]
pub struct Pace {
    /// When so many samples had been seen in so many steps, oldest first.
    seen: VecDeque<(f64, u64, u64)>,
}

/// Speed is measured over this time: shorter and it jumps, longer and it lies about a change.
const OVER_MS: f64 = 5_000.0;
/// Over less than this a speed is noise.
const LEAST_MS: f64 = 50.0;

impl Pace {
    /// Notes how far the run is after `ran_ms`, and fills in the time left at the speed of late, once there is something
    /// to tell it by, and that speed where samples were learnt from.
    pub fn fill_in(&mut self, ran_ms: f64, progress: &mut Progress) {
        self.seen.push_back((ran_ms, progress.samples, progress.step));
        while self.seen.len() > 2 && ran_ms - self.seen[0].0 > OVER_MS {
            self.seen.pop_front();
        }
        let (then_ms, samples, step) = self.seen[0];
        let (over_ms, new) = (ran_ms - then_ms, progress.samples.saturating_sub(samples));
        let steps = progress.step.saturating_sub(step);
        if over_ms < LEAST_MS || steps == 0 {
            return;
        }
        let (over_s, steps_left) = (over_ms / 1e3, progress.steps.saturating_sub(progress.step) as f64);
        progress.left_s = Some(steps_left * over_s / steps as f64);
        // Steps of an exam hold none, nor those that an earlier run did.
        progress.samples_per_s = (new > 0).then_some(new as f64 / over_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Speed and time left of a run of 100 steps with 10 samples each.
    fn told(pace: &mut Pace, ran_ms: f64, step: u64) -> Option<(f64, f64)> {
        let mut progress = Progress { step, steps: 100, samples: step * 10, ..Progress::default() };
        pace.fill_in(ran_ms, &mut progress);
        progress.samples_per_s.zip(progress.left_s)
    }

    #[test]
    fn speed_and_time_left_follow_from_what_was_seen() {
        let mut pace = Pace::default();
        assert_eq!(told(&mut pace, 0.0, 1), None, "one look tells no speed");
        assert_eq!(told(&mut pace, 40.0, 2), None, "nor do two that are too close");
        assert_eq!(told(&mut pace, 1_000.0, 11), Some((100.0, 8.9)));
        assert_eq!(told(&mut pace, 2_000.0, 100), Some((495.0, 0.0)));
    }

    #[test]
    fn a_change_of_speed_shows_within_seconds() {
        let mut pace = Pace::default();
        for half_s in 0..=40u32 {
            told(&mut pace, f64::from(half_s) * 500.0, half_s.into());
        }
        let later =
            (1..=12u32).map(|half_s| told(&mut pace, 20_000.0 + f64::from(half_s) * 500.0, 40 + 4 * u64::from(half_s)));
        let (speed, _) = later.last().flatten().expect("a speed");
        assert!((speed - 80.0).abs() < 1.0, "four times the 20 samples a second of before, not {speed}");
    }

    #[test]
    fn steps_that_took_nothing_say_nothing_of_those_to_come() {
        let mut pace = Pace::default();
        let mut told = |ran_ms: f64, step: u64, samples: u64| {
            let mut progress = Progress { step, steps: 100, samples, ..Progress::default() };
            pace.fill_in(ran_ms, &mut progress);
            progress.samples_per_s.zip(progress.left_s)
        };
        assert_eq!(told(0.0, 1, 0), None);
        assert_eq!(told(100.0, 50, 0), None);
        told(6_000.0, 50, 0);
        assert_eq!(told(7_000.0, 60, 100), Some((100.0, 4.0)));
    }

    #[test]
    fn a_run_that_goes_on_from_a_checkpoint_counts_what_is_new() {
        let mut pace = Pace::default();
        told(&mut pace, 60_000.0, 50);
        assert_eq!(told(&mut pace, 61_000.0, 60), Some((100.0, 4.0)));
    }
}
