//! When a question comes again: FSRS-6, the free spaced repetition scheduler, with its published default weights.
//!
//! A grade changes what is remembered: its stability, the days until nine of ten would still know it, and its
//! difficulty. The question returns after as many days. Source: Open Spaced Repetition, "The Algorithm". Written out here
//! because the `fsrs` crate brings ndarray, rayon and rand along and 11 KB compressed, more than the later pages have room
//! for; the tests hold it against the reference implementation.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    Again = 1,
    Hard,
    Good,
    Easy,
}

impl Grade {
    pub const ALL: [Grade; 4] = [Grade::Again, Grade::Hard, Grade::Good, Grade::Easy];
}

/// What is remembered of a question, as of the day of its last grade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Days since 1970 where the person is.
    pub day: u32,
    /// Days until the chance to recall it has fallen to nine tenths.
    stability: f64,
    /// 1 to 10.
    difficulty: f64,
}

const W: [f64; 21] = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629,
    1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
];
const LEAST_STABILITY: f64 = 0.001;
/// A hundred years.
const LONGEST: u32 = 36_500;

impl Memory {
    /// After a grade on this day. `before` is what was remembered until then.
    pub fn after(before: Option<Memory>, grade: Grade, day: u32) -> Memory {
        let Some(Memory { day: last, stability, difficulty }) = before else {
            let stability = W[grade as usize - 1];
            return Memory { day, stability, difficulty: first_difficulty(grade).clamp(1.0, 10.0) };
        };
        let grown = match day.saturating_sub(last) {
            0 => on_the_same_day(stability, grade),
            days => {
                let recall = recall(stability, f64::from(days));
                if grade == Grade::Again {
                    forgotten(stability, difficulty, recall)
                } else {
                    recalled(stability, difficulty, recall, grade)
                }
            }
        };
        Memory { day, stability: grown.max(LEAST_STABILITY), difficulty: next_difficulty(difficulty, grade) }
    }

    /// Days from the grade until it should come again: when it would be recalled nine times in ten.
    pub fn interval(&self) -> u32 {
        (self.stability.round_ties_even().max(1.0) as u32).min(LONGEST)
    }

    /// The day on which it should come again.
    pub fn due(&self) -> u32 {
        self.day.saturating_add(self.interval())
    }
}

/// The chance to recall it after so many days: a power law that is 0.9 where they equal the stability.
fn recall(stability: f64, days: f64) -> f64 {
    let factor = 0.9f64.powf(-1.0 / W[20]) - 1.0;
    (1.0 + factor * days / stability).powf(-W[20])
}

/// The more it was forgotten, the more a recall strengthens it.
fn recalled(stability: f64, difficulty: f64, recall: f64, grade: Grade) -> f64 {
    let grade = match grade {
        Grade::Hard => W[15],
        Grade::Easy => W[16],
        _ => 1.0,
    };
    let surprise = ((1.0 - recall) * W[10]).exp() - 1.0;
    stability * (1.0 + W[8].exp() * (11.0 - difficulty) * stability.powf(-W[9]) * surprise * grade)
}

fn forgotten(stability: f64, difficulty: f64, recall: f64) -> f64 {
    let left = W[11] * difficulty.powf(-W[12]) * ((stability + 1.0).powf(W[13]) - 1.0) * ((1.0 - recall) * W[14]).exp();
    left.min(stability / (W[17] * W[18]).exp())
}

fn on_the_same_day(stability: f64, grade: Grade) -> f64 {
    let growth = (W[17] * (f64::from(grade as u8) - 3.0 + W[18])).exp() * stability.powf(-W[19]);
    stability * if grade == Grade::Again { growth } else { growth.max(1.0) }
}

fn first_difficulty(grade: Grade) -> f64 {
    W[4] - (W[5] * (f64::from(grade as u8) - 1.0)).exp() + 1.0
}

/// Moves less the nearer it is to 10, and a little towards that of an easy question.
fn next_difficulty(difficulty: f64, grade: Grade) -> f64 {
    let by = -W[6] * (f64::from(grade as u8) - 3.0);
    let moved = difficulty + by * (10.0 - difficulty) / 9.0;
    (W[7] * first_difficulty(Grade::Easy) + (1.0 - W[7]) * moved).clamp(1.0, 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `tests/goldens/spaced_repetition.py`: days since the last, grade, stability, difficulty, days until the next.
    type Review = (u32, usize, f64, f64, u32);

    #[test]
    fn reviews_come_to_what_the_reference_implementation_says() {
        let golden = include_str!("../../../tests/goldens/spaced_repetition.json");
        let traces: Vec<Vec<Review>> = serde_json::from_str(golden).expect("a golden file");
        assert_eq!(traces.iter().map(Vec::len).sum::<usize>(), 480);
        for trace in traces {
            let (mut memory, mut day) = (None, 20_000);
            for (gap, grade, stability, difficulty, interval) in trace {
                day += gap;
                let now = Memory::after(memory, Grade::ALL[grade - 1], day);
                assert!((now.stability / stability - 1.0).abs() < 1e-9, "{now:?}, expected {stability}");
                assert!((now.difficulty - difficulty).abs() < 1e-9, "{now:?}, expected {difficulty}");
                assert_eq!((now.interval(), now.due()), (interval, day + interval));
                memory = Some(now);
            }
        }
    }

    #[test]
    fn what_an_odd_clock_or_file_makes_of_it_has_a_due_day() {
        let new = Memory::after(None, Grade::Good, 20_000);
        // A clock that was set back.
        assert_eq!(Memory::after(Some(new), Grade::Good, 19_000).day, 19_000);
        for stability in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
            let odd = Memory { day: u32::MAX, stability, difficulty: 5.0 };
            assert_eq!(odd.due(), u32::MAX);
            let next = Memory::after(Some(odd), Grade::Hard, 5);
            assert!((1..=LONGEST).contains(&next.interval()), "{stability}: {next:?}");
        }
    }
}
