//! The column to be predicted.

use super::{Table, TableError, Values};

/// Most classes that a label may have.
pub const CLASSES: usize = 20;

/// A class for each row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// The column they come from.
    pub column: usize,
    /// Names. Of two classes the second is the rarer one: the positive one.
    pub classes: Vec<String>,
    /// By row; [`None`] where the cell is missing. Such rows are in no split.
    pub of_row: Vec<Option<u32>>,
}

impl Labels {
    /// `column` as classes. Of two, the rarer one comes second; of more, they are in their own order.
    pub fn of_column(table: &Table, column: usize) -> Result<Labels, TableError> {
        let Some(known) = table.columns.get(column) else {
            return Err(TableError::NoColumn { column: column + 1, columns: table.columns.len() });
        };
        let bad =
            |distinct| TableError::BadLabel { column: column + 1, name: known.name.clone(), distinct, most: CLASSES };
        let (mut classes, mut of_row) = match &known.values {
            Values::Categories { levels, codes } => {
                let of_row: Vec<Option<u32>> =
                    codes.iter().map(|&code| ((code as usize) < levels.len()).then_some(code)).collect();
                (levels.clone(), of_row)
            }
            Values::Numbers(numbers) => {
                let mut levels: Vec<f64> = numbers.iter().copied().filter(|number| !number.is_nan()).collect();
                levels.sort_by(f64::total_cmp);
                levels.dedup();
                let place = |number: &f64| levels.iter().position(|level| level == number).map(|place| place as u32);
                if levels.len() > CLASSES {
                    return Err(bad(levels.len()));
                }
                (levels.iter().map(f64::to_string).collect(), numbers.iter().map(place).collect())
            }
        };
        if !(2..=CLASSES).contains(&classes.len()) {
            return Err(bad(classes.len()));
        }
        let second = of_row.iter().filter(|class| **class == Some(1)).count();
        if classes.len() == 2 && 2 * second > of_row.iter().flatten().count() {
            classes.swap(0, 1);
            of_row.iter_mut().flatten().for_each(|class| *class = 1 - *class);
        }
        Ok(Labels { column, classes, of_row })
    }

    /// The last column that can be predicted.
    pub fn guess(table: &Table) -> Result<Labels, TableError> {
        let mut columns = (0..table.columns.len()).rev();
        columns.find_map(|column| Labels::of_column(table, column).ok()).ok_or(TableError::NoLabel)
    }

    /// Classes of these rows, all of which have one.
    pub fn of(&self, rows: &[usize]) -> Vec<u32> {
        rows.iter().map(|&row| self.of_row[row].expect("rows without a label are in no split")).collect()
    }

    /// Rows of each class among these.
    pub fn counts(&self, rows: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        self.of(rows).into_iter().for_each(|class| counts[class as usize] += 1);
        counts
    }
}

/// The columns that can be learnt from: not the label, and neither constant nor empty, nor categories that differ in
/// nearly every row, such as names.
pub fn features(table: &Table, label: usize) -> Result<Vec<usize>, TableError> {
    let useful = |column: usize| match &table.columns[column].values {
        Values::Numbers(numbers) => {
            let mut held = numbers.iter().filter(|number| !number.is_nan());
            held.next().is_some_and(|first| held.any(|other| other != first))
        }
        Values::Categories { levels, .. } => levels.len() > 1 && 2 * levels.len() <= table.rows,
    };
    let features: Vec<usize> = (0..table.columns.len()).filter(|&column| column != label && useful(column)).collect();
    if features.is_empty() { Err(TableError::NoFeature) } else { Ok(features) }
}
