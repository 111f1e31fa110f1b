//! What the mistakes of a classifier cost, threshold by threshold.

use crate::curves::{Place, Ranking};

/// What one mistake of each kind costs. A right answer costs nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A false alarm.
    pub false_positive: f64,
    /// A miss.
    pub false_negative: f64,
}

impl Costs {
    /// The threshold that is best for true probabilities: calling positive is worth it where the expected cost of a miss
    /// is at least that of a false alarm (Elkan 2001).
    pub fn threshold(self) -> f64 {
        self.false_positive / (self.false_positive + self.false_negative)
    }

    /// Mean cost a sample at that place. Of nothing: 0.
    pub fn at(self, ranking: &Ranking, place: &Place) -> f64 {
        let misses = ranking.positives - place.true_positives;
        let cost = self.false_positive * place.false_positives as f64 + self.false_negative * misses as f64;
        cost / (ranking.positives + ranking.negatives).max(1) as f64
    }

    /// Mean cost a sample, with positive what scores at least `threshold`.
    pub fn at_threshold(self, ranking: &Ranking, threshold: f64) -> f64 {
        self.at(ranking, &ranking.place(threshold))
    }

    /// The cheapest threshold of the ranking, and its cost a sample; of equals the highest. Calling nothing positive is
    /// among the choices.
    pub fn cheapest(self, ranking: &Ranking) -> (f64, f64) {
        let nothing = ranking.place(f64::INFINITY);
        let mut best = (nothing.threshold, self.at(ranking, &nothing));
        for place in &ranking.places {
            let cost = self.at(ranking, place);
            if cost < best.1 {
                best = (place.threshold, cost);
            }
        }
        best
    }
}

impl Ranking {
    /// The counts where positive is what scores at least `threshold`.
    pub fn place(&self, threshold: f64) -> Place {
        let reached = self.places.partition_point(|place| place.threshold >= threshold);
        match reached.checked_sub(1).map(|last| self.places[last]) {
            Some(last) => Place { threshold, ..last },
            None => Place { threshold, true_positives: 0, false_positives: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearer_mistake_moves_the_threshold() {
        let ranking = Ranking::new(&[true, false, true, false, false], &[0.9, 0.6, 0.4, 0.3, 0.1]);
        let misses_cost = Costs { false_positive: 1.0, false_negative: 10.0 };
        let alarms_cost = Costs { false_positive: 10.0, false_negative: 1.0 };
        assert_eq!(misses_cost.cheapest(&ranking), (0.4, 0.2));
        assert_eq!(alarms_cost.cheapest(&ranking), (0.9, 0.2));
        assert_eq!(misses_cost.at_threshold(&ranking, 0.5), (1.0 + 10.0) / 5.0);
        assert_eq!(misses_cost.at_threshold(&ranking, 2.0), 4.0);
        assert_eq!(misses_cost.threshold(), 1.0 / 11.0);
        let free = Costs { false_positive: 1.0, false_negative: 0.0 };
        assert_eq!(free.cheapest(&ranking), (f64::INFINITY, 0.0));
    }
}
