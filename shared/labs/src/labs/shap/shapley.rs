//! Shapley values of a game: exactly, and by KernelSHAP's regression.

use super::coalition::{Coalitions, choose};

/// Shapley values (1953) from the values of all coalitions, in the order of their masks:
/// `phi_i = sum over S without i of |S|! (M - |S| - 1)! / M! * (v(S + i) - v(S))`.
pub fn exact(features: usize, values: &[f64]) -> Vec<f64> {
    // |S|! (M - |S| - 1)! / M! = 1 / (M choose(M - 1, |S|))
    let weights: Vec<f64> = (0..features).map(|size| 1.0 / (features as f64 * choose(features - 1, size))).collect();
    let of = |feature: usize| {
        let without = (0..values.len()).filter(|mask| mask >> feature & 1 == 0);
        without.map(|mask| weights[mask.count_ones() as usize] * (values[mask | 1 << feature] - values[mask])).sum()
    };
    (0..features).map(of).collect()
}

/// KernelSHAP (Lundberg and Lee 2017): Shapley values are the solution of
///
/// `min sum over S of w_S (v(S) - v(none) - sum of phi in S)^2`, so that `sum of all phi = v(all) - v(none)`.
///
/// The constraint is kept exactly, by a Lagrange multiplier: so a sum that comes out right says nothing about the
/// values in it. Matrix and factor depend on the coalitions alone, and serve all rows.
pub struct Regression {
    coalitions: Coalitions,
    features: usize,
    /// Lower triangle of Cholesky, `[features, features]`.
    factor: Vec<f64>,
    /// `matrix^-1 ones`
    shares: Vec<f64>,
}

/// Against the diagonal's mean. Where there are fewer coalitions than features, many solutions fit: this chooses the
/// shortest. Where there are enough it moves nothing that matters.
const RIDGE: f64 = 1e-10;

impl Regression {
    pub fn new(features: usize, coalitions: Coalitions) -> Regression {
        let mut matrix = vec![0.0; features * features];
        for (mask, weight) in coalitions.masks.iter().zip(&coalitions.weights) {
            let members: Vec<usize> = (0..features).filter(|feature| mask >> feature & 1 == 1).collect();
            for &row in &members {
                members.iter().for_each(|column| matrix[row * features + column] += weight);
            }
        }
        let diagonal: f64 = (0..features).map(|place| matrix[place * (features + 1)]).sum();
        let ridge = (RIDGE * diagonal / features as f64).max(f64::MIN_POSITIVE.sqrt());
        (0..features).for_each(|place| matrix[place * (features + 1)] += ridge);
        let factor = cholesky(features, matrix);
        let shares = solve(features, &factor, vec![1.0; features]);
        Regression { coalitions, features, factor, shares }
    }

    pub fn masks(&self) -> &[u64] {
        &self.coalitions.masks
    }

    /// `values` are those of [`Regression::masks`]; `none` and `all` of the empty and the whole coalition.
    pub fn solve(&self, values: &[f64], none: f64, all: f64) -> Vec<f64> {
        let mut right = vec![0.0; self.features];
        for ((mask, weight), value) in self.coalitions.masks.iter().zip(&self.coalitions.weights).zip(values) {
            let pull = weight * (value - none);
            (0..self.features).filter(|feature| mask >> feature & 1 == 1).for_each(|feature| right[feature] += pull);
        }
        let free = solve(self.features, &self.factor, right);
        let excess = free.iter().sum::<f64>() - (all - none);
        let total: f64 = self.shares.iter().sum();
        free.iter().zip(&self.shares).map(|(free, share)| free - share * excess / total).collect()
    }
}

/// The lower triangle L with L L^T = matrix, which is symmetric and positive.
fn cholesky(size: usize, mut matrix: Vec<f64>) -> Vec<f64> {
    for column in 0..size {
        for row in column..size {
            let known: f64 = (0..column).map(|k| matrix[row * size + k] * matrix[column * size + k]).sum();
            let rest = matrix[row * size + column] - known;
            matrix[row * size + column] = if row == column {
                // A pivot that rounding made negative is one of a direction that no coalition measures.
                rest.max(f64::MIN_POSITIVE.sqrt()).sqrt()
            } else {
                rest / matrix[column * size + column]
            };
        }
    }
    matrix
}

fn solve(size: usize, factor: &[f64], mut right: Vec<f64>) -> Vec<f64> {
    for row in 0..size {
        let known: f64 = (0..row).map(|k| factor[row * size + k] * right[k]).sum();
        right[row] = (right[row] - known) / factor[row * size + row];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| factor[k * size + row] * right[k]).sum();
        right[row] = (right[row] - known) / factor[row * size + row];
    }
    right
}
