//! Is there a header, and what kind is each column.

use std::collections::BTreeMap;

use super::read::{Cells, TableError};
use super::{Column, MISSING, Table, Values};

/// How cells say that they hold nothing.
const NOTHING: [&str; 9] = ["", "?", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null"];
/// A column with so many numbers among its cells is one of numbers, and what is none is a mistake in the file.
const NEARLY_ALL: f64 = 0.9;
/// But only if there are so many different ones: few may be codes that happen to be digits.
const MANY: usize = 20;
/// Rows that are looked at for a header.
const LOOKED_AT: usize = 200;

pub(super) fn is_nothing(cell: &str) -> bool {
    NOTHING.contains(&cell)
}

fn number(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The first line is names, not data: none of its cells is a number, no name comes twice, and in some column what
/// follows is of another kind.
pub(super) fn is_header(rows: &[Vec<String>]) -> bool {
    let Some((first, rest)) = rows.split_first() else { return false };
    let rest = &rest[..rest.len().min(LOOKED_AT)];
    let mut names: Vec<&String> = first.iter().filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    let named = names.len() + 1 >= first.len() && names.windows(2).all(|pair| pair[0] != pair[1]);
    if !named || first.iter().any(|cell| number(cell).is_some() || cell == "?") {
        return false;
    }
    let numeric = |column: usize| {
        let cells: Vec<&str> = rest.iter().map(|row| row[column].as_str()).filter(|cell| !is_nothing(cell)).collect();
        !cells.is_empty() && cells.iter().all(|cell| number(cell).is_some())
    };
    let recurs = |column: usize| rest.iter().any(|row| row[column] == first[column]);
    (0..first.len()).any(numeric) || !(0..first.len()).any(recurs)
}

/// Every column has a name, and no two the same.
pub(super) fn names(first: &[String]) -> Vec<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let named = |(place, name): (usize, &String)| match name.as_str() {
        "" => format!("column {}", place + 1),
        name => name.to_string(),
    };
    let unique = |name: String| {
        let times = seen.entry(name.clone()).or_insert(0);
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    };
    first.iter().enumerate().map(named).map(unique).collect()
}

pub(super) fn table(cells: Cells) -> Result<Table, TableError> {
    let columns = cells.names.iter().enumerate().map(|(place, name)| {
        let column: Vec<&str> = cells.rows.iter().map(|row| row[place].as_str()).collect();
        let values = values(&column).map_err(|row| TableError::NoNumber {
            line: cells.lines[row],
            column: place + 1,
            name: name.chars().take(40).collect(),
            cell: column[row].chars().take(40).collect(),
        })?;
        Ok(Column { name: name.clone(), values })
    });
    Ok(Table { columns: columns.collect::<Result<_, _>>()?, rows: cells.rows.len() })
}

/// Numbers if all cells that hold something are. The error is the row of the one that is not, among many that are.
fn values(column: &[&str]) -> Result<Values, usize> {
    let numbers: Vec<Option<f64>> = column.iter().map(|cell| number(cell)).collect();
    let held = column.iter().filter(|cell| !is_nothing(cell)).count();
    let count = numbers.iter().flatten().count();
    if held > 0 && count == held {
        return Ok(Values::Numbers(numbers.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect()));
    }
    if count as f64 >= NEARLY_ALL * held as f64 {
        let mut different: Vec<u64> = numbers.iter().flatten().map(|number| number.to_bits()).collect();
        different.sort_unstable();
        different.dedup();
        let odd = (0..column.len()).find(|&row| numbers[row].is_none() && !is_nothing(column[row]));
        if let (true, Some(row)) = (different.len() > MANY, odd) {
            return Err(row);
        }
    }
    Ok(categories(column))
}

/// Each different cell is a level.
pub(super) fn categories(column: &[&str]) -> Values {
    let mut places: BTreeMap<&str, u32> =
        column.iter().filter(|cell| !is_nothing(cell)).map(|cell| (*cell, 0)).collect();
    places.values_mut().zip(0..).for_each(|(place, next)| *place = next);
    let codes = column.iter().map(|cell| places.get(cell).copied().unwrap_or(MISSING)).collect();
    Values::Categories { levels: places.into_keys().map(str::to_string).collect(), codes }
}
