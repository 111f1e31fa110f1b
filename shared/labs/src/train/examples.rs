//! A confusion matrix of samples that are no pictures: behind its cells are rows of a table.

use std::collections::BTreeMap;

use kindling_protocol::event::{Cell, EventBody, Example, Examples};
use kindling_protocol::text::{Text, text};
use kindling_statistics::confusion::Confusion;

use crate::data::tabular::Values;

/// Samples told of a cell, and of all cells together.
const OF_A_CELL: usize = 10;
const OF_ALL: usize = 100;
/// Letters of a value.
const LETTERS: usize = 30;

/// Of each sample the true class, the one it was called, and the probability of the true one.
pub struct Decided<'a> {
    pub labels: Vec<String>,
    pub truth: &'a [u32],
    pub called: &'a [u32],
    pub of_truth: &'a [f64],
}

/// What is told of a sample.
pub type Column<'a> = (Text, Box<dyn Fn(usize) -> String + 'a>);

impl Decided<'_> {
    pub fn matrix(&self, id: &str, columns: Vec<Column<'_>>) -> EventBody {
        let number: Column =
            (text("Sample (as in the CSV)", "样本（编号同 CSV）"), Box::new(|sample| sample.to_string()));
        let (names, told): (Vec<_>, Vec<_>) = [number].into_iter().chain(columns).unzip();
        let example = |sample: usize| Example {
            cell: [self.truth[sample], self.called[sample]],
            values: told.iter().map(|told| Cell::from(told(sample))).collect(),
        };
        let rows = self.shown().into_iter().map(example).collect();
        let counts = Confusion::new(self.labels.len(), self.truth, self.called).rows();
        let examples = Some(Examples { columns: names, rows });
        EventBody::Matrix { id: id.into(), labels: self.labels.clone(), counts, samples: vec![], examples }
    }

    /// The least probable truth first: of wrong answers the worst, of right ones the least sure. If there are more cells
    /// than samples to be told, those of the worst answers have one.
    fn shown(&self) -> Vec<usize> {
        let mut samples: Vec<usize> = (0..self.truth.len()).collect();
        samples.sort_by(|&one, &other| self.of_truth[one].total_cmp(&self.of_truth[other]));
        let cell = |sample: usize| (self.truth[sample], self.called[sample]);
        let mut told: BTreeMap<_, usize> = samples.iter().map(|&sample| (cell(sample), 0)).collect();
        let each = (OF_ALL / told.len().max(1)).clamp(1, OF_A_CELL);
        samples.retain(|&sample| {
            let told = told.entry(cell(sample)).or_default();
            *told += 1;
            *told <= each
        });
        samples.truncate(OF_ALL);
        samples
    }
}

/// A probability by sample.
pub fn probability<'a>(name: Text, of: impl Fn(usize) -> f64 + 'a) -> Column<'a> {
    (name, Box::new(move |sample| format!("{:.3}", of(sample))))
}

/// Values of a table's columns by sample.
pub fn values(columns: &[(Text, Values)]) -> impl Iterator<Item = Column<'_>> {
    columns.iter().map(|(name, values)| -> Column<'_> {
        (name.clone(), Box::new(|sample| values.show(sample).chars().take(LETTERS).collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(classes: u32, each: u32) -> (Vec<u32>, Vec<u32>, Vec<f64>) {
        let samples = || 0..classes * classes * each;
        let (truth, called) = samples().map(|at| (at % classes, at / classes % classes)).unzip();
        (truth, called, samples().map(|at| f64::from(at * 37 % 101) / 101.0).collect())
    }

    fn rows(classes: u32, each: u32) -> Vec<Example> {
        let (truth, called, of_truth) = cells(classes, each);
        let labels = (0..classes).map(|class| class.to_string()).collect();
        let decided = Decided { labels, truth: &truth, called: &called, of_truth: &of_truth };
        let column = probability(text("P", "P"), |sample| of_truth[sample]);
        let EventBody::Matrix { counts, examples: Some(examples), .. } = decided.matrix("m", vec![column]) else {
            panic!("a matrix with examples")
        };
        assert_eq!(counts, vec![vec![u64::from(each); classes as usize]; classes as usize]);
        for row in &examples.rows {
            let [Cell::Plain(sample), Cell::Plain(said)] = &row.values[..] else { panic!("two plain cells") };
            let sample: usize = sample.parse().expect("a number");
            assert_eq!((row.cell, said), ([truth[sample], called[sample]], &format!("{:.3}", of_truth[sample])));
        }
        examples.rows
    }

    #[test]
    fn each_cell_has_up_to_ten_the_worst_first_and_all_have_a_hundred() {
        let of = |rows: &[Example], cell| rows.iter().filter(|row| row.cell == cell).count();
        let two = rows(2, 30);
        assert_eq!([[0, 0], [0, 1], [1, 0], [1, 1]].map(|cell| of(&two, cell)), [10; 4]);
        let (truth, called, of_truth) = cells(2, 30);
        let mut alarms: Vec<f64> =
            (0..120).filter(|&at| (truth[at], called[at]) == (0, 1)).map(|at| of_truth[at]).collect();
        alarms.sort_by(f64::total_cmp);
        let told: Vec<Cell> = two.iter().filter(|row| row.cell == [0, 1]).map(|row| row.values[1].clone()).collect();
        assert_eq!(told, alarms[..10].iter().map(|said| format!("{said:.3}").into()).collect::<Vec<Cell>>());
        assert_eq!(rows(2, 3).len(), 12);
        let seven = rows(7, 5);
        assert!((0..49).all(|at| of(&seven, [at / 7, at % 7]) == 2));
        assert_eq!(rows(12, 5).len(), 100, "more cells than samples to tell");
    }
}
