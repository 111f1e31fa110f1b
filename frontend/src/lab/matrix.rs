//! A confusion matrix, and what is read off it.

/// Rows are the true classes, columns the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    pub labels: Vec<String>,
    pub counts: Vec<Vec<u64>>,
    pub samples: Vec<Vec<Vec<u32>>>,
}

impl Matrix {
    pub fn row_total(&self, row: usize) -> u64 {
        self.counts.get(row).map_or(0, |counts| counts.iter().sum())
    }

    pub fn column_total(&self, column: usize) -> u64 {
        self.counts.iter().filter_map(|counts| counts.get(column)).sum()
    }

    /// Right ones of `class` over all that were called `class`. Nothing if none was.
    pub fn precision(&self, class: usize) -> Option<f64> {
        share(*self.counts.get(class)?.get(class)?, self.column_total(class))
    }

    /// Right ones of `class` over all that are `class`. Nothing if there is none.
    pub fn recall(&self, class: usize) -> Option<f64> {
        share(*self.counts.get(class)?.get(class)?, self.row_total(class))
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let (precision, recall) = (self.precision(class)?, self.recall(class)?);
        Some(if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 })
    }
}

pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_of_a_matrix() {
        let labels = vec!["a".into(), "b".into(), "c".into()];
        let matrix = Matrix { labels, counts: vec![vec![8, 2, 0], vec![1, 9, 0], vec![0, 0, 0]], samples: vec![] };
        assert_eq!(matrix.precision(0), Some(8.0 / 9.0));
        assert_eq!(matrix.recall(0), Some(0.8));
        assert!((matrix.f1(0).unwrap() - 16.0 / 19.0).abs() < 1e-12);
        assert_eq!((matrix.precision(2), matrix.recall(2), matrix.recall(9)), (None, None, None));
    }
}
