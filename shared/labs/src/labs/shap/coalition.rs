//! Coalitions: which features keep the value of the row that is explained, and what the model says then.
//!
//! A coalition is a bit mask over features. Its value `v(S)` is the mean answer over the background, with the features
//! of `S` from the row and all others from the background row: the *interventional* expectation of Lundberg and Lee
//! (2017), which breaks correlations between features, on purpose.

use std::collections::BTreeMap;

use super::net::Model;
use crate::data::random;

/// Most features that all coalitions are gone through for: there are `2^12` of them.
pub const EXACT: usize = 12;
/// As many as a mask has bits for, less the one that steps through masks carry over into.
pub const MOST: usize = 63;

/// Coalitions neither empty nor whole, with what each counts in the regression.
#[derive(Clone, Debug, Default)]
pub struct Coalitions {
    pub masks: Vec<u64>,
    pub weights: Vec<f64>,
}

/// All `2^features` coalitions, in the order of their masks.
pub fn all(features: usize) -> Vec<u64> {
    (0..1 << features).collect()
}

/// The coalition of all features.
pub fn whole(features: usize) -> u64 {
    (1 << features) - 1
}

/// At most `budget` coalitions for KernelSHAP, chosen as its authors' library does.
///
/// The Shapley kernel weighs a size `s` as a whole by `(M - 1) / (s (M - s))`: small and large coalitions count most. So
/// sizes are gone through from the outside in, `s` with `M - s`, as long as the budget has room for all coalitions of a
/// size. What is left of it is drawn from the sizes that remain, each coalition together with its complement, which
/// cancels much of the noise (Covert and Lee 2021).
pub fn sampled(features: usize, budget: usize, seed: u64) -> Coalitions {
    let mut chosen = Coalitions::default();
    // Pairs of sizes with their share of all weight.
    let sizes: Vec<usize> = (1..=features / 2).collect();
    let weight = |size: usize| {
        let both = if 2 * size == features { 1.0 } else { 2.0 };
        both * (features - 1) as f64 / (size * (features - size)) as f64
    };
    let total: f64 = sizes.iter().map(|&size| weight(size)).sum();
    let (mut left, mut share_left, mut next) = (budget, 1.0, 0);
    while next < sizes.len() {
        let size = sizes[next];
        let share = weight(size) / total;
        let count = choose(features, size) * if 2 * size == features { 1.0 } else { 2.0 };
        if count > left as f64 || left as f64 * share / share_left < count * (1.0 - 1e-8) {
            break;
        }
        for mask in of_size(features, size) {
            let pair = if 2 * size == features { vec![mask] } else { vec![mask, whole(features) ^ mask] };
            chosen.weights.extend(pair.iter().map(|_| share / count));
            chosen.masks.extend(pair);
        }
        left -= count as usize;
        share_left -= share;
        next += 1;
    }
    if next < sizes.len() && left > 1 {
        let drawn = drawn(features, &sizes[next..], weight, left, seed);
        let times: f64 = drawn.values().sum();
        chosen.weights.extend(drawn.values().map(|count| share_left * count / times));
        chosen.masks.extend(drawn.into_keys());
    }
    chosen
}

/// Coalitions of these sizes, with how often each was drawn. Different ones count against the budget.
fn drawn(
    features: usize,
    sizes: &[usize],
    weight: impl Fn(usize) -> f64,
    budget: usize,
    seed: u64,
) -> BTreeMap<u64, f64> {
    let total: f64 = sizes.iter().map(|&size| weight(size)).sum();
    let mut random = random::stream(seed, "coalitions", 0, features as u64);
    let mut drawn = BTreeMap::new();
    let mut order: Vec<u32> = (0..features as u32).collect();
    for _ in 0..4 * budget {
        if drawn.len() + 2 > budget {
            break;
        }
        let mut at = f64::from(random.unit()) * total;
        let mut sized = sizes.iter().copied().skip_while(|&size| {
            at -= weight(size);
            at >= 0.0
        });
        let size = sized.next().unwrap_or(sizes[sizes.len() - 1]);
        random.shuffle(&mut order);
        let mask = order[..size].iter().fold(0, |mask, feature| mask | 1 << feature);
        for mask in [mask, whole(features) ^ mask] {
            *drawn.entry(mask).or_insert(0.0) += 1.0;
        }
    }
    drawn
}

/// All masks with `size` of `features` bits, ascending (Gosper).
fn of_size(features: usize, size: usize) -> Vec<u64> {
    let mut masks = vec![(1u64 << size) - 1];
    while let Some(&last) = masks.last() {
        let low = last & last.wrapping_neg();
        let ripple = last + low;
        let next = ripple | (((last ^ ripple) / low) >> 2);
        if next > whole(features) {
            break;
        }
        masks.push(next);
    }
    masks
}

/// As a float: of 63 features there are too many for anything else.
pub fn choose(features: usize, size: usize) -> f64 {
    (1..=size).fold(1.0, |ways, at| ways * (features - size + at) as f64 / at as f64).round()
}

/// `v(S)` of each row for each coalition: `[rows][coalitions]`. Rows and background are as [`Model::parts`] has them.
pub fn values(model: &Model, rows: &[Vec<f32>], background: &[Vec<f32>], masks: &[u64]) -> Vec<Vec<f64>> {
    let hidden = model.net.hidden;
    let mut values = vec![vec![]; rows.len()];
    for &mask in masks {
        // What the background brings is the same for all rows.
        let rest: Vec<Vec<f32>> =
            background.iter().map(|parts| sum(&model.net.first_bias, parts, hidden, !mask)).collect();
        for (row, values) in rows.iter().zip(&mut values) {
            let own = sum(&vec![0.0; hidden], row, hidden, mask); // [hidden]
            let total: f64 = rest.iter().map(|rest| f64::from(model.of_sums(rest, &own))).sum();
            values.push(total / background.len() as f64);
        }
    }
    values
}

/// `start` and the parts of the features in `mask`.
fn sum(start: &[f32], parts: &[f32], hidden: usize, mask: u64) -> Vec<f32> {
    let mut sums = start.to_vec();
    for (feature, part) in parts.chunks(hidden).enumerate() {
        if mask >> feature & 1 == 1 {
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
    }
    sums
}
