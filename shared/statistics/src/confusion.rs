//! The confusion matrix, and the metrics that are read from it.
//!
//! Names and edge cases are scikit-learn's with `zero_division=0`: a ratio of nothing to nothing is 0.

use crate::curves::{Place, Ranking};

/// Counts of (true class, predicted class).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// `[truth, predicted]`.
    counts: Vec<u64>,
}

/// How the rates of several classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// All decisions in one pot: large classes rule. With one label a sample, each micro rate but the specificity is the
    /// accuracy.
    Micro,
    /// The mean over classes: a rare class counts as much as a common one.
    Macro,
    /// The mean weighed by how often each class is true. Its recall is the accuracy again.
    Weighted,
}

/// One class against all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    pub true_positives: u64,
    pub false_positives: u64,
    pub false_negatives: u64,
    pub true_negatives: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Of what was called positive, the share that is.
    pub precision: f64,
    /// Of what is positive, the share that was found. Also sensitivity, true positive rate.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// Of what is negative, the share that was left alone.
    pub specificity: f64,
}

impl Confusion {
    /// Both of one length, every entry below `classes`.
    pub fn new(classes: usize, truth: &[u32], predicted: &[u32]) -> Self {
        assert_eq!(truth.len(), predicted.len(), "a prediction for each sample");
        let mut counts = vec![0; classes * classes];
        for (&truth, &predicted) in truth.iter().zip(predicted) {
            counts[truth as usize * classes + predicted as usize] += 1;
        }
        Confusion { classes, counts }
    }

    /// Of two classes: positive is what scores at least the threshold.
    pub fn at_threshold(truth: &[bool], scores: &[f64], threshold: f64) -> Self {
        let truth: Vec<u32> = truth.iter().map(|&positive| u32::from(positive)).collect();
        let predicted: Vec<u32> = scores.iter().map(|&score| u32::from(score >= threshold)).collect();
        Confusion::new(2, &truth, &predicted)
    }

    /// The same, from what a ranking counted there.
    pub fn at_place(ranking: &Ranking, place: &Place) -> Self {
        let (found, alarms) = (place.true_positives, place.false_positives);
        Confusion { classes: 2, counts: vec![ranking.negatives - alarms, alarms, ranking.positives - found, found] }
    }

    pub fn classes(&self) -> usize {
        self.classes
    }

    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth * self.classes + predicted]
    }

    /// A row for each true class.
    pub fn rows(&self) -> Vec<Vec<u64>> {
        self.counts.chunks(self.classes.max(1)).map(<[u64]>::to_vec).collect()
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How often the class is true.
    pub fn support(&self, class: usize) -> u64 {
        (0..self.classes).map(|predicted| self.count(class, predicted)).sum()
    }

    /// How often the class is predicted.
    pub fn called(&self, class: usize) -> u64 {
        (0..self.classes).map(|truth| self.count(truth, class)).sum()
    }

    pub fn cells(&self, class: usize) -> Cells {
        let true_positives = self.count(class, class);
        let false_positives = self.called(class) - true_positives;
        let false_negatives = self.support(class) - true_positives;
        let true_negatives = self.total() - true_positives - false_positives - false_negatives;
        Cells { true_positives, false_positives, false_negatives, true_negatives }
    }

    fn right(&self) -> u64 {
        (0..self.classes).map(|class| self.count(class, class)).sum()
    }

    pub fn accuracy(&self) -> f64 {
        ratio(self.right() as f64, self.total() as f64)
    }

    /// The mean recall of the classes that are there.
    pub fn balanced_accuracy(&self) -> f64 {
        let there: Vec<_> = (0..self.classes).filter(|&class| self.support(class) > 0).collect();
        ratio(there.iter().map(|&class| self.cells(class).rates().recall).sum(), there.len() as f64)
    }

    /// Over the classes that are true or predicted somewhere, as scikit-learn has it when no labels are named.
    pub fn averaged(&self, average: Average) -> Rates {
        let seen = (0..self.classes).filter(|&class| self.support(class) + self.called(class) > 0);
        let cells: Vec<Cells> = seen.map(|class| self.cells(class)).collect();
        if average == Average::Micro {
            return cells.into_iter().fold(Cells::default(), Cells::plus).rates();
        }
        let weight = |cells: &Cells| match average {
            Average::Weighted => (cells.true_positives + cells.false_negatives) as f64,
            _ => 1.0,
        };
        let total: f64 = cells.iter().map(weight).sum();
        let mean =
            |of: fn(&Rates) -> f64| ratio(cells.iter().map(|cells| weight(cells) * of(&cells.rates())).sum(), total);
        Rates {
            precision: mean(|rates| rates.precision),
            recall: mean(|rates| rates.recall),
            f1: mean(|rates| rates.f1),
            specificity: mean(|rates| rates.specificity),
        }
    }

    /// The correlation of truth and prediction (Matthews 1975; Gorodkin 2004 for more than two classes). 0 where one of
    /// them never varies.
    pub fn matthews(&self) -> f64 {
        let total = self.total() as f64;
        let (supports, called) = self.margins();
        let product = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let covariance = self.right() as f64 * total - product(&supports, &called);
        let of_truth = total * total - product(&supports, &supports);
        let of_prediction = total * total - product(&called, &called);
        ratio(covariance, (of_truth * of_prediction).sqrt())
    }

    /// Agreement beyond what the margins alone would give (Cohen 1960). 0 where the margins leave no room for any.
    pub fn kappa(&self) -> f64 {
        let total = self.total() as f64;
        let (supports, called) = self.margins();
        let by_chance: f64 = supports.iter().zip(&called).map(|(a, b)| a * b).sum::<f64>();
        ratio(self.right() as f64 * total - by_chance, total * total - by_chance)
    }

    fn margins(&self) -> (Vec<f64>, Vec<f64>) {
        let of = |count: &dyn Fn(usize) -> u64| (0..self.classes).map(|class| count(class) as f64).collect();
        (of(&|class| self.support(class)), of(&|class| self.called(class)))
    }
}

impl Cells {
    pub fn rates(self) -> Rates {
        let [tp, fp, fn_, tn] = [self.true_positives, self.false_positives, self.false_negatives, self.true_negatives]
            .map(|count| count as f64);
        Rates {
            precision: ratio(tp, tp + fp),
            recall: ratio(tp, tp + fn_),
            f1: ratio(2.0 * tp, 2.0 * tp + fp + fn_),
            specificity: ratio(tn, tn + fp),
        }
    }

    fn plus(self, other: Cells) -> Cells {
        Cells {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            false_negatives: self.false_negatives + other.false_negatives,
            true_negatives: self.true_negatives + other.true_negatives,
        }
    }
}

/// Nothing of nothing is 0.
pub(crate) fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let matrix = Confusion::at_threshold(&[true, true, true, false, false], &[0.9, 0.5, 0.2, 0.7, 0.1], 0.5);
        assert_eq!(matrix.rows(), [[1, 1], [1, 2]]);
        let cells = matrix.cells(1);
        assert_eq!((cells.true_positives, cells.false_positives), (2, 1));
        assert_eq!((cells.false_negatives, cells.true_negatives), (1, 1));
        let rates = cells.rates();
        assert_eq!((rates.precision, rates.recall, rates.specificity), (2.0 / 3.0, 2.0 / 3.0, 0.5));
        assert_eq!(matrix.accuracy(), 0.6);
        assert_eq!(matrix.averaged(Average::Weighted).recall, 0.6, "weighted recall is the accuracy");
    }

    #[test]
    fn of_nothing_all_is_zero() {
        let nothing = Confusion::new(3, &[], &[]);
        assert_eq!([nothing.accuracy(), nothing.matthews(), nothing.kappa(), nothing.balanced_accuracy()], [0.0; 4]);
        assert_eq!(nothing.averaged(Average::Macro), Rates::default());
    }
}
