//! Precision-recall and ROC curves of a score, and the areas under them. Equal scores are one threshold.

use crate::confusion::ratio;

/// What a threshold gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Positive is what scores at least so much.
    pub threshold: f64,
    pub true_positives: u64,
    pub false_positives: u64,
}

/// A score for each sample, sorted once: all thresholds at their counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    pub positives: u64,
    pub negatives: u64,
    /// One for each different score, from the highest to the lowest.
    pub places: Vec<Place>,
}

impl Ranking {
    /// Both of one length; no score is NaN.
    pub fn new(truth: &[bool], scores: &[f64]) -> Self {
        assert_eq!(truth.len(), scores.len(), "a score for each sample");
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let mut places: Vec<Place> = Vec::new();
        let (mut true_positives, mut false_positives) = (0, 0);
        for index in order {
            if truth[index] {
                true_positives += 1
            } else {
                false_positives += 1
            }
            let place = Place { threshold: scores[index], true_positives, false_positives };
            match places.last_mut() {
                Some(last) if last.threshold == place.threshold => *last = place,
                _ => places.push(place),
            }
        }
        Ranking { positives: true_positives, negatives: false_positives, places }
    }

    /// `(false positive rate, true positive rate)` from (0, 0) to (1, 1). A rate of an absent class is 0.
    pub fn roc(&self) -> Vec<(f64, f64)> {
        let point = |place: &Place| {
            let false_positive_rate = ratio(place.false_positives as f64, self.negatives as f64);
            (false_positive_rate, ratio(place.true_positives as f64, self.positives as f64))
        };
        [(0.0, 0.0)].into_iter().chain(self.places.iter().map(point)).collect()
    }

    /// `(recall, precision)` from the highest threshold to the lowest. Without positives recall is 1 everywhere.
    pub fn precision_recall(&self) -> Vec<(f64, f64)> {
        let point = |place: &Place| {
            let recall = if self.positives == 0 { 1.0 } else { place.true_positives as f64 / self.positives as f64 };
            (recall, ratio(place.true_positives as f64, (place.true_positives + place.false_positives) as f64))
        };
        self.places.iter().map(point).collect()
    }

    /// The area under the ROC curve: how often a positive scores more than a negative, ties half. `None` where a class is
    /// absent.
    pub fn auc(&self) -> Option<f64> {
        if self.positives == 0 || self.negatives == 0 {
            return None;
        }
        let (mut area, mut last) = (0.0, (0, 0));
        for place in &self.places {
            let width = (place.false_positives - last.0) as f64;
            area += width * (place.true_positives + last.1) as f64 / 2.0;
            last = (place.false_positives, place.true_positives);
        }
        Some(area / (self.positives as f64 * self.negatives as f64))
    }

    /// Precision weighed by the recall that each threshold adds; without interpolation, which would flatter. Without
    /// positives 0.
    pub fn average_precision(&self) -> f64 {
        if self.positives == 0 {
            return 0.0;
        }
        let (mut sum, mut last) = (0.0, 0.0);
        for (recall, precision) in self.precision_recall() {
            sum += (recall - last) * precision;
            last = recall;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_one_threshold() {
        let ranking = Ranking::new(&[true, false, true, false], &[0.8, 0.8, 0.4, 0.1]);
        assert_eq!(ranking.places.len(), 3);
        assert_eq!(ranking.roc(), [(0.0, 0.0), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]);
        assert_eq!(ranking.precision_recall(), [(0.5, 0.5), (1.0, 2.0 / 3.0), (1.0, 0.5)]);
        // Of four pairs two are in order, one is a tie, one is not.
        assert_eq!(ranking.auc(), Some(0.625));
        assert_eq!(Ranking::new(&[true], &[0.5]).auc(), None);
    }
}
