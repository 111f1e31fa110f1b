//! A stand-in with a rare class: two clouds of many, one cloud of few that lies between and beside them.

use super::{Column, Table, Values};
use crate::data::random;

/// Rows of the table, and the share of the rare class.
pub const ROWS: usize = 12_000;
pub const RARE: f32 = 0.05;
/// Measures that tell the classes apart, and those that tell nothing.
const TELLING: usize = 4;
const NOISE: usize = 2;

/// Measures and a last column `class` with `common` and `rare`. The common class is a mixture of two Gaussians, the
/// rare one a Gaussian that overlaps with both: even the best rule must trade recall for precision.
pub fn rare_class(seed: u64, rows: usize, rare: f32) -> Table {
    let mut columns = vec![Vec::new(); TELLING + NOISE];
    let mut codes = Vec::with_capacity(rows);
    for row in 0..rows {
        let mut random = random::stream(seed, "rare class", 0, row as u64);
        let is_rare = random.chance(rare);
        let second = random.chance(0.4);
        let centre: [f32; TELLING] = match (is_rare, second) {
            (true, _) => [1.6, 1.4, -1.0, 0.8],
            (false, true) => [-1.2, 1.0, 0.6, 0.0],
            (false, false) => [0.4, -1.0, 0.4, -0.4],
        };
        for (place, column) in columns.iter_mut().enumerate() {
            let mean = centre.get(place).copied().unwrap_or(0.0);
            column.push(f64::from(mean + random.normal()));
        }
        codes.push(u32::from(is_rare));
    }
    let numbers = columns.into_iter().enumerate();
    let numbers = numbers
        .map(|(place, values)| Column { name: format!("measure {}", place + 1), values: Values::Numbers(values) });
    let levels = vec!["common".to_string(), "rare".to_string()];
    let label = Column { name: "class".into(), values: Values::Categories { levels, codes } };
    Table { columns: numbers.chain([label]).collect(), rows }
}
