//! A generated table whose truth is known: the log-odds are a sum of one function a column, so the SHAP values of the
//! truth are those functions less their means. One column is a copy of another with a little noise, and causes nothing.

use crate::data::random;
use crate::data::tabular::{Column, Dataset, Labels, Table, Values};

pub const ROWS: usize = 6_000;
/// How much of the twin is noise.
const NOISE: f32 = 0.15;
const KINDS: [&str; 3] = ["a", "b", "c"];

/// What each column adds to the log-odds; `kind` as the number of its level.
pub fn truth(column: &str, value: f64) -> f64 {
    match column {
        "slope" => 1.5 * value,
        "valley" => 1.2 * (value * value - 1.0),
        "wave" => 1.5 * libm::sin(2.0 * value),
        "step" => 1.6 * f64::from(u8::from(value > 0.5)) - 0.8,
        "kind" => [-0.8, 0.0, 1.0][value as usize],
        // The copy and the noise.
        _ => 0.0,
    }
}

pub fn dataset(seed: u64) -> Dataset {
    let names = ["slope", "valley", "wave", "step", "twin of slope", "noise"];
    let mut numbers = vec![vec![]; names.len()];
    let (mut kinds, mut classes) = (Vec::new(), Vec::new());
    for row in 0..ROWS {
        let mut random = random::stream(seed, "additive truth", 0, row as u64);
        let mut values: Vec<f32> = (0..names.len()).map(|_| random.between(-1.7, 1.7)).collect();
        values[4] = values[0] + NOISE * random.normal();
        let kind = random.below(KINDS.len() as u32);
        let sums = names.iter().zip(&values).map(|(name, &value)| truth(name, f64::from(value)));
        let log_odds = sums.sum::<f64>() + truth("kind", f64::from(kind));
        classes.push(u32::from(random.chance((1.0 / (1.0 + libm::exp(-log_odds))) as f32)));
        kinds.push(kind);
        numbers.iter_mut().zip(values).for_each(|(column, value)| column.push(f64::from(value)));
    }
    let levels = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
    let mut columns: Vec<Column> = names
        .iter()
        .zip(numbers)
        .map(|(name, values)| Column { name: name.to_string(), values: Values::Numbers(values) })
        .collect();
    columns.push(Column { name: "kind".into(), values: Values::Categories { levels: levels(&KINDS), codes: kinds } });
    columns.push(Column {
        name: "class".into(),
        values: Values::Categories { levels: levels(&["no", "yes"]), codes: classes },
    });
    let label = columns.len() - 1;
    let table = Table { columns, rows: ROWS };
    let of_row = match &table.columns[label].values {
        Values::Categories { codes, .. } => codes.iter().map(|&code| Some(code)).collect(),
        Values::Numbers(_) => vec![],
    };
    // Not by `Labels::of_column`, which would call the rarer class the second: the truth is that of `yes`.
    let labels = Labels { column: label, classes: levels(&["no", "yes"]), of_row };
    Dataset {
        source: "generated".into(),
        table,
        labels,
        features: (0..label).collect(),
        meanings: None,
        test: vec![],
        sums: Default::default(),
    }
}
