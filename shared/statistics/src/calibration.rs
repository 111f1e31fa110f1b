//! Is a probability of 0.8 right in 8 of 10 cases? Reliability, and the two proper scores.

use crate::confusion::ratio;

/// Samples whose probabilities lie close together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub count: u64,
    /// The mean probability.
    pub said: f64,
    /// The share that was positive.
    pub was: f64,
}

/// `bins` of equal width over [0, 1], each open below and closed above but the first. An empty one has count 0.
pub fn reliability(truth: &[bool], probabilities: &[f64], bins: usize) -> Vec<Bin> {
    assert_eq!(truth.len(), probabilities.len(), "a probability for each sample");
    let mut sums = vec![Bin::default(); bins];
    // Edges as numpy's linspace has them, and the first that is not below: as scikit-learn bins.
    let edges: Vec<f64> = (1..bins).map(|edge| edge as f64 * (1.0 / bins as f64)).collect();
    for (&truth, &probability) in truth.iter().zip(probabilities) {
        let bin = &mut sums[edges.partition_point(|&edge| edge < probability)];
        bin.count += 1;
        bin.said += probability;
        bin.was += f64::from(u8::from(truth));
    }
    for bin in &mut sums {
        bin.said = ratio(bin.said, bin.count as f64);
        bin.was = ratio(bin.was, bin.count as f64);
    }
    sums
}

/// The mean gap between what was said and what was, weighed by the counts (Naeini et al. 2015).
pub fn expected_calibration_error(bins: &[Bin]) -> f64 {
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    bins.iter().map(|bin| bin.count as f64 * (bin.said - bin.was).abs()).sum::<f64>() / total.max(1) as f64
}

/// The mean squared gap between the probability and the truth (Brier 1950).
pub fn brier(truth: &[bool], probabilities: &[f64]) -> f64 {
    let gap = |(&truth, &probability): (&bool, &f64)| (probability - f64::from(u8::from(truth))).powi(2);
    ratio(truth.iter().zip(probabilities).map(gap).sum(), truth.len() as f64)
}

/// Mean of minus the logarithm of the true class's probability. `probabilities` is `[samples, classes]`. A probability
/// of 0 is taken for the smallest step of an f64, so that one sample cannot make it infinite.
pub fn log_loss(truth: &[u32], probabilities: &[f64], classes: usize) -> f64 {
    assert_eq!(probabilities.len(), truth.len() * classes, "a probability for each sample and class");
    let of = |(&truth, row): (&u32, &[f64])| -libm::log(row[truth as usize].clamp(f64::EPSILON, 1.0 - f64::EPSILON));
    ratio(truth.iter().zip(probabilities.chunks(classes.max(1))).map(of).sum(), truth.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let (truth, said) = ([true, false, true, true], [0.9, 0.8, 0.3, 1.0]);
        let bins = reliability(&truth, &said, 2);
        assert_eq!(bins[0], Bin { count: 1, said: 0.3, was: 1.0 });
        assert_eq!((bins[1].count, bins[1].was), (3, 2.0 / 3.0));
        assert!((expected_calibration_error(&bins) - (0.7 + 0.7) / 4.0).abs() < 1e-12);
        assert!((brier(&truth, &said) - (0.01 + 0.64 + 0.49) / 4.0).abs() < 1e-12);
        assert!((log_loss(&[0, 1], &[0.5, 0.5, 0.75, 0.25], 2) - (2f64.ln() + 4f64.ln()) / 2.0).abs() < 1e-12);
        assert!(log_loss(&[0], &[0.0, 1.0], 2).is_finite());
    }
}
