//! Resampling: fewer common rows, more rare ones, or new ones between those that there are.
//!
//! Only ever of the training part. A copy of a row in both training and test would be recognised and not predicted.

use super::rows::{COMMON, RARE, counts};
use crate::data::random;
use crate::train::rows::Rows;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strategy {
    /// As the rows are.
    Keep,
    /// Common rows are left out at random.
    Under { ratio: f64 },
    /// Rare rows come several times, drawn at random.
    Over { ratio: f64 },
    /// New rare rows between a rare row and one of its `neighbours` nearest of the same class.
    Smote { ratio: f64, neighbours: usize },
}

/// Rare rows that neighbours are looked for among. Chawla et al. look among all, which takes the square of their number.
const LOOKED_AMONG: usize = 2_000;

/// `ratio` is that of rare to common rows afterwards; it is never made less than it is.
pub fn resample(train: &Rows, strategy: Strategy, seed: u64) -> Rows {
    let [common, rare] = counts(&train.labels);
    let missing = |ratio: f64| ((ratio * common as f64).round() as usize).saturating_sub(rare);
    let mut random = random::stream(seed, "resampling", 0, 0);
    let of = |class: u32| (0..train.labels.len()).filter(|&row| train.labels[row] == class).collect::<Vec<_>>();
    match strategy {
        _ if common == 0 || rare == 0 => train.clone(),
        Strategy::Keep => train.clone(),
        Strategy::Under { ratio } => {
            let mut commons = of(COMMON);
            random.shuffle(&mut commons);
            commons.truncate(((rare as f64 / ratio).round() as usize).max(1));
            let mut kept = [commons, of(RARE)].concat();
            kept.sort_unstable();
            let mut rows = Rows { width: train.width, ..Rows::default() };
            kept.into_iter().for_each(|row| push(&mut rows, input(train, row), train.labels[row]));
            rows
        }
        Strategy::Over { ratio } => {
            let (mut rows, rares) = (train.clone(), of(RARE));
            for _ in 0..missing(ratio) {
                let row = rares[random.below(rares.len() as u32) as usize];
                push(&mut rows, input(train, row), RARE);
            }
            rows
        }
        Strategy::Smote { ratio, neighbours } => {
            let (mut rows, rares) = (train.clone(), of(RARE));
            let mut among = rares.clone();
            random.shuffle(&mut among);
            among.truncate(LOOKED_AMONG);
            let mut near: Vec<Option<Vec<usize>>> = vec![None; rares.len()];
            for _ in 0..missing(ratio) {
                let place = random.below(rares.len() as u32) as usize;
                let row = rares[place];
                let near = near[place].get_or_insert_with(|| nearest(train, row, &among, neighbours));
                let partner = match near.len() {
                    0 => row,
                    count => near[random.below(count as u32) as usize],
                };
                let gap = random.unit();
                let (from, to) = (input(train, row), input(train, partner));
                let new: Vec<f32> = from.iter().zip(to).map(|(from, to)| from + gap * (to - from)).collect();
                push(&mut rows, &new, RARE);
            }
            rows
        }
    }
}

/// The `count` rows of `among` that are nearest to `row` by Euclid, itself left out; of equals the first.
pub fn nearest(train: &Rows, row: usize, among: &[usize], count: usize) -> Vec<usize> {
    let own = input(train, row);
    let distance = |other: usize| -> f32 {
        own.iter().zip(input(train, other)).map(|(own, other)| (own - other) * (own - other)).sum()
    };
    let mut others: Vec<(f32, usize)> =
        among.iter().filter(|&&other| other != row).map(|&other| (distance(other), other)).collect();
    let by = |a: &(f32, usize), b: &(f32, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if others.len() > count {
        others.select_nth_unstable_by(count, by);
        others.truncate(count);
    }
    others.sort_by(by);
    others.into_iter().map(|(_, other)| other).collect()
}

pub fn input(rows: &Rows, row: usize) -> &[f32] {
    &rows.inputs[row * rows.width..(row + 1) * rows.width]
}

fn push(rows: &mut Rows, input: &[f32], label: u32) {
    rows.inputs.extend_from_slice(input);
    rows.labels.push(label);
}
