//! Rows as numbers. What it needs to know of the data it learns from the training part alone: a mean over all rows
//! would tell the model about those it is judged by.

use std::ops::Range;

use super::{MISSING, Table, Values};

/// Levels of a category that get an input of their own; rarer ones share one.
const LEVELS: usize = 30;

/// How each column becomes inputs of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    columns: Vec<Encoding>,
    names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct Encoding {
    column: usize,
    kind: Kind,
    /// One more input says that the cell is missing, if cells of the training part are.
    missing: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Mean 0 and deviation 1; a missing cell is the mean.
    Standard { mean: f64, deviation: f64 },
    /// A one at the place of the level. `other`: one more input stands for levels beyond [`LEVELS`].
    OneHot { levels: Vec<u32>, other: bool },
}

impl Encoder {
    /// Learns means, deviations and levels from `rows`.
    pub fn fit(table: &Table, features: &[usize], rows: &[usize]) -> Encoder {
        let (mut columns, mut names) = (Vec::new(), Vec::new());
        for &column in features {
            let known = &table.columns[column];
            let kind = match &known.values {
                Values::Numbers(numbers) => {
                    names.push(known.name.clone());
                    standard(rows.iter().map(|&row| numbers[row]).filter(|number| !number.is_nan()))
                }
                Values::Categories { levels, codes } => {
                    let (kept, other) = frequent(levels.len(), rows.iter().map(|&row| codes[row]));
                    names.extend(kept.iter().map(|&level| format!("{} = {}", known.name, levels[level as usize])));
                    names.extend(other.then(|| format!("{}: other", known.name)));
                    Kind::OneHot { levels: kept, other }
                }
            };
            let missing = rows.iter().any(|&row| known.values.is_missing(row));
            names.extend(missing.then(|| format!("{}: missing", known.name)));
            columns.push(Encoding { column, kind, missing });
        }
        Encoder { columns, names }
    }

    /// Inputs a row.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// A name for each input.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The inputs of each column, in the order of the features it was fitted for: they are one thing to whoever
    /// explains a model.
    pub fn groups(&self) -> Vec<Range<usize>> {
        let mut from = 0;
        let group = |encoding: &Encoding| {
            let width = encoding.width();
            from += width;
            from - width..from
        };
        self.columns.iter().map(group).collect()
    }

    /// `rows.len() * width` numbers, row by row.
    pub fn encode(&self, table: &Table, rows: &[usize]) -> Vec<f32> {
        let mut inputs = vec![0.0; rows.len() * self.width()];
        for (row, inputs) in rows.iter().zip(inputs.chunks_mut(self.width().max(1))) {
            let mut inputs = inputs;
            for encoding in &self.columns {
                let (own, rest) = inputs.split_at_mut(encoding.width());
                encoding.put(&table.columns[encoding.column].values, *row, own);
                inputs = rest;
            }
        }
        inputs
    }
}

impl Encoding {
    fn width(&self) -> usize {
        let known = match &self.kind {
            Kind::Standard { .. } => 1,
            Kind::OneHot { levels, other } => levels.len() + usize::from(*other),
        };
        known + usize::from(self.missing)
    }

    /// `inputs` are zeros.
    fn put(&self, values: &Values, row: usize, inputs: &mut [f32]) {
        if values.is_missing(row) {
            if self.missing {
                inputs[inputs.len() - 1] = 1.0;
            }
            return;
        }
        match (&self.kind, values) {
            (Kind::Standard { mean, deviation }, Values::Numbers(numbers)) => {
                inputs[0] = ((numbers[row] - mean) / deviation) as f32;
            }
            (Kind::OneHot { levels, other }, Values::Categories { codes, .. }) => {
                match levels.iter().position(|level| *level == codes[row]) {
                    Some(place) => inputs[place] = 1.0,
                    None if *other => inputs[levels.len()] = 1.0,
                    // A level that training never saw is none of those it saw.
                    None => {}
                }
            }
            _ => unreachable!("a column keeps its kind"),
        }
    }
}

/// As scikit-learn's `StandardScaler`: the deviation of the population, and 1 where all are equal.
fn standard(numbers: impl Iterator<Item = f64> + Clone) -> Kind {
    let count = numbers.clone().count().max(1) as f64;
    let mut all = numbers.clone();
    let constant = all.next().is_none_or(|first| all.all(|number| number == first));
    let mean = numbers.clone().sum::<f64>() / count;
    let variance = numbers.map(|number| (number - mean) * (number - mean)).sum::<f64>() / count;
    // Of equal numbers the variance may be a rounding error, and one that differs later would be a million deviations off.
    Kind::Standard { mean, deviation: if constant || variance == 0.0 { 1.0 } else { variance.sqrt() } }
}

/// The levels that come, the most frequent [`LEVELS`] of them if there are more, in the order of their codes.
fn frequent(levels: usize, codes: impl Iterator<Item = u32>) -> (Vec<u32>, bool) {
    let mut counts = vec![0usize; levels];
    codes.filter(|code| *code != MISSING).for_each(|code| counts[code as usize] += 1);
    let mut seen: Vec<u32> = (0..levels as u32).filter(|&level| counts[level as usize] > 0).collect();
    seen.sort_by_key(|&level| std::cmp::Reverse(counts[level as usize]));
    let other = seen.len() > LEVELS;
    seen.truncate(LEVELS);
    seen.sort_unstable();
    (seen, other)
}
