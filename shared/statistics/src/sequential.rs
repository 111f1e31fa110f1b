//! Tests that may be looked at while they run.
//!
//! A p-value of a fixed test, read again and again until it is small, will be small some time: with no difference at all
//! and for ever more looks the error goes to one. Two honest ways: spend alpha over a planned number of looks
//! ([`boundaries`]), or a test that holds at every moment ([`always_valid_p`]).

use crate::distributions::{normal_quantile, normal_tail};

/// How much of alpha may be used up at each share of the planned samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// Little at first, so that nearly all is left at the end (Lan and DeMets 1983, after O'Brien and Fleming 1979).
    OBrienFleming,
    /// About the same at each look (after Pocock 1977).
    Pocock,
}

impl Spending {
    /// Alpha used up when `share` of the samples are in.
    pub fn spent(self, share: f64, alpha: f64) -> f64 {
        match self {
            // Half for each side, as the published tables have it.
            Spending::OBrienFleming => 4.0 * normal_tail(normal_quantile(alpha / 4.0) / share.sqrt()),
            Spending::Pocock => alpha * libm::log(1.0 + (std::f64::consts::E - 1.0) * share),
        }
    }
}

/// For each of `looks` at equal distances the |z| at which to stop, so that all looks together reject a true null with
/// probability `alpha`.
///
/// The density of the sum so far, where it has crossed no boundary, is carried from look to look (Armitage, McPherson
/// and Rowe 1969); each boundary cuts off what the spending allows.
pub fn boundaries(spending: Spending, alpha: f64, looks: usize) -> Vec<f64> {
    const HALF: usize = 600;
    let mut found: Vec<f64> = Vec::new();
    // The density of the Brownian sum at the last look, on a grid from -edge to edge by Simpson's rule.
    let mut last: Vec<(f64, f64)> = Vec::new();
    let mut spent = 0.0;
    let step = 1.0 / looks as f64;
    for look in 1..=looks {
        let share = look as f64 * step;
        let now = spending.spent(share, alpha);
        let crossed = |edge: f64| -> f64 {
            if last.is_empty() {
                return 2.0 * normal_tail(edge / step.sqrt());
            }
            let beyond = |x: f64| normal_tail((edge - x) / step.sqrt()) + normal_tail((edge + x) / step.sqrt());
            last.iter().map(|&(x, weight)| weight * beyond(x)).sum()
        };
        let (mut low, mut high) = (0.0, 12.0 * share.sqrt());
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if crossed(middle) > now - spent { low = middle } else { high = middle }
        }
        let edge = (low + high) / 2.0;
        found.push(edge / share.sqrt());
        spent = now;
        // Beyond eight deviations of the sum so far there is nothing to carry.
        let edge = edge.min(8.0 * share.sqrt());
        let width = edge / HALF as f64;
        let density = |x: f64| -> f64 {
            let normal = |x: f64| libm::exp(-x * x / (2.0 * step)) / (2.0 * std::f64::consts::PI * step).sqrt();
            if last.is_empty() { normal(x) } else { last.iter().map(|&(from, weight)| weight * normal(x - from)).sum() }
        };
        let weigh = |place: usize| {
            let x = (place as f64 - HALF as f64) * width;
            let simpson = if place == 0 || place == 2 * HALF { 1.0 } else { [2.0, 4.0][place % 2] };
            (x, density(x) * simpson * width / 3.0)
        };
        last = (0..=2 * HALF).map(weigh).collect();
    }
    found
}

/// The p-value that holds whenever one looks: one over the mixture likelihood ratio of a mean that is normal around
/// zero with deviation `spread` (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2017). The smallest one so far counts.
///
/// `mean` of `count` differences, each with this variance.
pub fn always_valid_p(mean: f64, variance: f64, count: f64, spread: f64) -> f64 {
    if variance <= 0.0 || count <= 0.0 {
        return 1.0;
    }
    let mixed = variance + count * spread * spread;
    let exponent = (count * spread * mean).powi(2) / (2.0 * variance * mixed);
    (libm::exp(-exponent) * (mixed / variance).sqrt()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_those_of_the_published_tables() {
        // Lan and DeMets, two-sided 0.05, five looks (as in the tables of Jennison and Turnbull 2000 and gsDesign).
        let near = |got: Vec<f64>, expected: &[f64]| {
            assert!(got.len() == expected.len(), "{got:?}");
            let worst = got.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 0.002, "{got:?} against {expected:?}");
        };
        near(boundaries(Spending::OBrienFleming, 0.05, 5), &[4.877, 3.357, 2.680, 2.290, 2.031]);
        near(boundaries(Spending::Pocock, 0.05, 5), &[2.438, 2.427, 2.410, 2.397, 2.386]);
        near(boundaries(Spending::Pocock, 0.05, 1), &[1.960]);
    }

    #[test]
    fn all_of_alpha_is_spent_at_the_end() {
        for spending in [Spending::OBrienFleming, Spending::Pocock] {
            assert!((spending.spent(1.0, 0.05) - 0.05).abs() < 1e-12);
            assert!(spending.spent(0.5, 0.05) < 0.05);
        }
    }
}
