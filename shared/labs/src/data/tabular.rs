//! Tables: read from CSV with bounds, types guessed and told, split, and made into numbers.
//!
//! In reading order:
//!
//! - [`Table`] (here): columns of numbers or of categories.
//! - [`read`]: from bytes to a table; what is odd is named with its line, its column and what was expected.
//! - [`guess`]: is there a header, and what kind is each column.
//! - [`label`]: the column to be predicted.
//! - [`split`]: training, validation and test, seeded and stratified.
//! - [`encoder`]: rows as numbers, fitted on the training part alone.
//! - [`sets`]: the data sets labs share, each with what its columns mean; the learner's own file.
//! - [`generated`]: a stand-in with a rare class.
//! - [`telling`]: the columns to show of a row.
//!
//! ```ignore
//! let data = sets::load(run.host, "adult", run.seed).await?;        // or the stand-in, and says so
//! let split = data.split(0.15, 0.2, run.seed);                      // rows by index
//! let encoder = Encoder::fit(&data.table, &data.features, &split.train);
//! let inputs = encoder.encode(&data.table, &split.train);           // [rows, encoder.width()], f32
//! let labels = data.labels.of(&split.train);                        // classes of these rows
//! ```

pub mod encoder;
pub mod generated;
pub mod guess;
pub mod label;
pub mod read;
pub mod sets;
pub mod split;
pub mod telling;
#[cfg(test)]
mod tests;

pub use encoder::Encoder;
pub use label::Labels;
pub use read::{Header, Limits, TableError};
pub use sets::Dataset;
pub use split::Split;

/// Rows and columns, all columns equally long.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    pub values: Values,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// NaN where the cell is missing, finite otherwise.
    Numbers(Vec<f64>),
    /// Indices into `levels`, which are in the order of the alphabet; [`MISSING`] where the cell is missing.
    Categories { levels: Vec<String>, codes: Vec<u32> },
}

/// The code of a category that is missing.
pub const MISSING: u32 = u32::MAX;

impl Table {
    /// The place of the column of that name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl Values {
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Values::Numbers(numbers) => numbers[row].is_nan(),
            Values::Categories { codes, .. } => codes[row] == MISSING,
        }
    }

    pub fn missing(&self, rows: usize) -> usize {
        (0..rows).filter(|&row| self.is_missing(row)).count()
    }

    /// Those of some rows, in their order.
    pub fn of(&self, rows: &[usize]) -> Values {
        match self {
            Values::Numbers(numbers) => Values::Numbers(rows.iter().map(|&row| numbers[row]).collect()),
            Values::Categories { levels, codes } => {
                Values::Categories { levels: levels.clone(), codes: rows.iter().map(|&row| codes[row]).collect() }
            }
        }
    }

    /// The cell as a person reads it; empty where it is missing.
    pub fn show(&self, row: usize) -> String {
        match self {
            Values::Numbers(numbers) if numbers[row].is_nan() => String::new(),
            Values::Numbers(numbers) => numbers[row].to_string(),
            Values::Categories { levels, codes } => levels.get(codes[row] as usize).cloned().unwrap_or_default(),
        }
    }
}
