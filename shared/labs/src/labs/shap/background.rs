//! Which training rows stand for "not knowing" a feature.
//!
//! SHAP values say how an answer differs from the mean answer over the background. With 100 rows drawn at random that
//! mean is off by several hundredths, and nothing in the values tells: they add up to `f(x)` from the wrong base.

use crate::data::random;

/// Indices of `count` rows, or all where there are no more. `answers` are the model's to each training row.
///
/// `spread`: the rows in the order of the answers, in `count` groups of equal size, the middle row of each: so the mean
/// over the background is close to that over all rows. Otherwise they are drawn at random.
pub fn choose(answers: &[f64], count: usize, spread: bool, seed: u64) -> Vec<usize> {
    if count >= answers.len() {
        return (0..answers.len()).collect();
    }
    let order = random::permutation(seed, 0, answers.len());
    let mut order: Vec<usize> = order.into_iter().map(|row| row as usize).collect();
    if !spread {
        order.truncate(count);
        return order;
    }
    // The order before decides among equal answers.
    order.sort_by(|&one, &other| answers[one].total_cmp(&answers[other]));
    let middle = |group: usize| order[(2 * group + 1) * order.len() / (2 * count)];
    (0..count).map(middle).collect()
}
