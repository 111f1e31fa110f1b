//! Metrics of two classes: what each is called, what it means, and of which cells of the matrix it is made.

use kindling_protocol::text::Text;
use kindling_statistics::confusion::Confusion;

use crate::i18n::predictions as words;

/// A cell of the confusion matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    TruePositive,
    FalseNegative,
    FalsePositive,
    TrueNegative,
}

use Cell::{FalseNegative, FalsePositive, TrueNegative, TruePositive};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    Precision,
    Recall,
    Specificity,
    F1,
    Accuracy,
    BalancedAccuracy,
    Matthews,
}

pub const METRICS: [Metric; 7] = [
    Metric::Precision,
    Metric::Recall,
    Metric::Specificity,
    Metric::F1,
    Metric::Accuracy,
    Metric::BalancedAccuracy,
    Metric::Matthews,
];

impl Metric {
    pub fn id(self) -> &'static str {
        match self {
            Metric::Precision => "precision",
            Metric::Recall => "recall",
            Metric::Specificity => "specificity",
            Metric::F1 => "f1",
            Metric::Accuracy => "accuracy",
            Metric::BalancedAccuracy => "balanced-accuracy",
            Metric::Matthews => "matthews",
        }
    }

    pub fn name(self) -> &'static Text {
        match self {
            Metric::Precision => &words::PRECISION,
            Metric::Recall => &words::RECALL,
            Metric::Specificity => &words::SPECIFICITY,
            Metric::F1 => &words::F1,
            Metric::Accuracy => &words::ACCURACY,
            Metric::BalancedAccuracy => &words::BALANCED_ACCURACY,
            Metric::Matthews => &words::MATTHEWS,
        }
    }

    pub fn meaning(self) -> &'static Text {
        match self {
            Metric::Precision => &words::PRECISION_MEANS,
            Metric::Recall => &words::RECALL_MEANS,
            Metric::Specificity => &words::SPECIFICITY_MEANS,
            Metric::F1 => &words::F1_MEANS,
            Metric::Accuracy => &words::ACCURACY_MEANS,
            Metric::BalancedAccuracy => &words::BALANCED_ACCURACY_MEANS,
            Metric::Matthews => &words::MATTHEWS_MEANS,
        }
    }

    pub fn formula(self) -> &'static str {
        match self {
            Metric::Precision => "TP / (TP + FP)",
            Metric::Recall => "TP / (TP + FN)",
            Metric::Specificity => "TN / (TN + FP)",
            Metric::F1 => "2·TP / (2·TP + FP + FN)",
            Metric::Accuracy => "(TP + TN) / (TP + FN + FP + TN)",
            Metric::BalancedAccuracy => "½ · [TP / (TP + FN) + TN / (TN + FP)]",
            Metric::Matthews => "(TP·TN − FP·FN) / √[(TP + FP)(TP + FN)(TN + FP)(TN + FN)]",
        }
    }

    /// Cells above the line.
    pub fn part(self) -> &'static [Cell] {
        match self {
            Metric::Precision | Metric::Recall | Metric::F1 => &[TruePositive],
            Metric::Specificity => &[TrueNegative],
            Metric::Accuracy | Metric::BalancedAccuracy => &[TruePositive, TrueNegative],
            Metric::Matthews => &[TruePositive, FalseNegative, FalsePositive, TrueNegative],
        }
    }

    /// Cells below the line.
    pub fn whole(self) -> &'static [Cell] {
        match self {
            Metric::Precision => &[TruePositive, FalsePositive],
            Metric::Recall => &[TruePositive, FalseNegative],
            Metric::Specificity => &[TrueNegative, FalsePositive],
            Metric::F1 => &[TruePositive, FalsePositive, FalseNegative],
            Metric::Accuracy | Metric::BalancedAccuracy | Metric::Matthews => {
                &[TruePositive, FalseNegative, FalsePositive, TrueNegative]
            }
        }
    }

    /// Index 1 is the positive class.
    pub fn of(self, confusion: &Confusion) -> f64 {
        let rates = confusion.cells(1).rates();
        match self {
            Metric::Precision => rates.precision,
            Metric::Recall => rates.recall,
            Metric::Specificity => rates.specificity,
            Metric::F1 => rates.f1,
            Metric::Accuracy => confusion.accuracy(),
            Metric::BalancedAccuracy => confusion.balanced_accuracy(),
            Metric::Matthews => confusion.matthews(),
        }
    }
}

impl Cell {
    pub fn letters(self) -> &'static str {
        match self {
            TruePositive => "TP",
            FalseNegative => "FN",
            FalsePositive => "FP",
            TrueNegative => "TN",
        }
    }

    pub fn count(self, confusion: &Confusion) -> u64 {
        let cells = confusion.cells(1);
        match self {
            TruePositive => cells.true_positives,
            FalseNegative => cells.false_negatives,
            FalsePositive => cells.false_positives,
            TrueNegative => cells.true_negatives,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_the_ratio_of_the_cells_that_it_lights_up() {
        let confusion = Confusion::at_threshold(
            &[true, true, true, true, false, false, false],
            &[0.9, 0.8, 0.7, 0.2, 0.6, 0.3, 0.1],
            0.5,
        );
        let sum = |cells: &[Cell]| cells.iter().map(|cell| cell.count(&confusion) as f64).sum::<f64>();
        for metric in [Metric::Precision, Metric::Recall, Metric::Specificity, Metric::Accuracy] {
            let ratio = sum(metric.part()) / sum(metric.whole());
            assert!((metric.of(&confusion) - ratio).abs() < 1e-12, "{metric:?}");
        }
        let double = 2.0 * sum(Metric::F1.part());
        let f1 = double / (double + sum(&[FalsePositive, FalseNegative]));
        assert!((Metric::F1.of(&confusion) - f1).abs() < 1e-12);
    }

    #[test]
    fn every_cell_of_a_formula_is_lit_and_no_other() {
        for metric in METRICS {
            for cell in [TruePositive, FalseNegative, FalsePositive, TrueNegative] {
                let lit = metric.part().contains(&cell) || metric.whole().contains(&cell);
                assert_eq!(metric.formula().contains(cell.letters()), lit, "{metric:?} {cell:?}");
            }
        }
    }
}
