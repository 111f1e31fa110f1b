//! Predictions as one class against the rest.

use kindling_protocol::predictions::Predictions;
use kindling_statistics::confusion::Confusion;
use kindling_statistics::curves::{Place, Ranking};

#[derive(Clone, Debug, PartialEq)]
pub struct OneClass {
    pub truth: Vec<bool>,
    pub scores: Vec<f64>,
    pub ranking: Ranking,
}

impl OneClass {
    /// A class that is not there is the last one: another run may have fewer.
    pub fn of(predictions: &Predictions, class: usize) -> OneClass {
        let class = class.min(predictions.classes.len() - 1);
        let truth: Vec<bool> = predictions.truth.iter().map(|truth| *truth as usize == class).collect();
        let rows = predictions.probabilities.chunks(predictions.classes.len());
        let scores: Vec<f64> = rows.map(|row| row[class].into()).collect();
        let ranking = Ranking::new(&truth, &scores);
        OneClass { truth, scores, ranking }
    }

    pub fn base_rate(&self) -> f64 {
        self.ranking.positives as f64 / self.truth.len() as f64
    }

    /// Index 1 is the positive class.
    pub fn confusion(&self, threshold: f64) -> Confusion {
        Confusion::at_threshold(&self.truth, &self.scores, threshold)
    }

    /// Where the ROC curve is at a threshold: false positive rate, true positive rate.
    pub fn on_roc(&self, place: &Place) -> (f64, f64) {
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        (share(place.false_positives, self.ranking.negatives), share(place.true_positives, self.ranking.positives))
    }

    /// Where the precision-recall curve is: recall, precision. Nothing where none is called positive.
    pub fn on_precision_recall(&self, place: &Place) -> Option<(f64, f64)> {
        let called = place.true_positives + place.false_positives;
        let recall = self.on_roc(place).1;
        (called > 0).then(|| (recall, place.true_positives as f64 / called as f64))
    }

    /// The threshold whose place on a curve is nearest to a point.
    pub fn nearest(&self, (x, y): (f64, f64), curve: impl Fn(&Place) -> Option<(f64, f64)>) -> Option<f64> {
        let away =
            |place: &Place| curve(place).map(|(at_x, at_y)| ((at_x - x).powi(2) + (at_y - y).powi(2), place.threshold));
        let places = self.ranking.places.iter().filter_map(away);
        places.min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, threshold)| threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions() -> Predictions {
        Predictions {
            id: "test".into(),
            classes: vec!["a".into(), "b".into(), "c".into()],
            truth: vec![0, 1, 2, 1],
            probabilities: vec![0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.0, 0.75, 0.25, 0.5, 0.125, 0.375],
            decision: None,
        }
    }

    #[test]
    fn one_class_stands_against_the_rest() {
        let one = OneClass::of(&predictions(), 1);
        assert_eq!(one.truth, [false, true, false, true]);
        assert_eq!(one.scores, [0.25, 0.5, 0.75, 0.125]);
        assert_eq!(one.base_rate(), 0.5);
        assert_eq!(one.confusion(0.5).rows(), [[1, 1], [1, 1]]);
        assert_eq!(OneClass::of(&predictions(), 9), OneClass::of(&predictions(), 2));
    }

    #[test]
    fn a_point_on_a_curve_is_dragged_to_the_nearest_threshold() {
        let one = OneClass::of(&predictions(), 1);
        let roc = |place: &Place| Some(one.on_roc(place));
        assert_eq!(one.nearest((0.5, 0.6), roc), Some(0.5));
        assert_eq!(one.nearest((1.0, 1.0), roc), Some(0.125));
        assert_eq!(one.on_precision_recall(&one.ranking.place(2.0)), None);
        assert_eq!(one.on_precision_recall(&one.ranking.place(0.5)), Some((0.5, 0.5)));
    }
}
