//! A confusion matrix, and what is read off it.

use kindling_protocol::event::{Cell, Examples};

use crate::lab::run_view::PanelContent;

/// Rows are the true classes, columns the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    pub labels: Vec<String>,
    pub counts: Vec<Vec<u64>>,
    pub samples: Vec<Vec<Vec<u32>>>,
    pub examples: Option<Examples>,
}

impl Matrix {
    /// Whether anything is kept of the samples of a cell.
    pub fn opens(&self, row: usize, column: usize) -> bool {
        !self.pictures(row, column).is_empty() || self.example_rows(row, column).next().is_some()
    }

    /// Indices into the test set.
    pub fn pictures(&self, row: usize, column: usize) -> &[u32] {
        self.samples.get(row).and_then(|samples| samples.get(column)).map_or(&[], Vec::as_slice)
    }

    /// The examples of a cell as a table, where there are no pictures.
    pub fn table(&self, row: usize, column: usize) -> Option<PanelContent> {
        let columns = self.examples.as_ref()?.columns.clone();
        Some(PanelContent::Table { columns, rows: self.example_rows(row, column).cloned().collect() })
    }

    fn example_rows(&self, row: usize, column: usize) -> impl Iterator<Item = &Vec<Cell>> {
        let of_cell = move |cell: [u32; 2]| cell == [row as u32, column as u32];
        let examples = self.examples.iter().flat_map(|examples| &examples.rows);
        examples.filter(move |example| of_cell(example.cell)).map(|example| &example.values)
    }

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
    use kindling_protocol::event::Example;

    use super::*;

    #[test]
    fn precision_and_recall_of_a_matrix() {
        let labels = vec!["a".into(), "b".into(), "c".into()];
        let counts = vec![vec![8, 2, 0], vec![1, 9, 0], vec![0, 0, 0]];
        let matrix = Matrix { labels, counts, samples: vec![], examples: None };
        assert_eq!(matrix.precision(0), Some(8.0 / 9.0));
        assert_eq!(matrix.recall(0), Some(0.8));
        assert!((matrix.f1(0).unwrap() - 16.0 / 19.0).abs() < 1e-12);
        assert_eq!((matrix.precision(2), matrix.recall(2), matrix.recall(9)), (None, None, None));
    }
    #[test]
    fn a_cell_opens_what_is_kept_of_it() {
        let example = |cell, name: &str| Example { cell, values: vec![name.to_string().into()] };
        let rows = vec![example([0, 1], "a"), example([1, 1], "b"), example([0, 1], "c")];
        let matrix = Matrix {
            labels: vec!["a".into(), "b".into()],
            counts: vec![vec![3, 2], vec![0, 1]],
            samples: vec![vec![vec![], vec![]], vec![vec![4], vec![]]],
            examples: Some(Examples { columns: vec![], rows }),
        };
        let opens = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)].map(|(row, column)| matrix.opens(row, column));
        assert_eq!(opens, [false, true, true, true, false]);
        let Some(PanelContent::Table { rows, .. }) = matrix.table(0, 1) else { panic!("a table") };
        assert_eq!(rows, [vec!["a".to_string().into()], vec![Cell::from("c".to_string())]]);
    }
}
