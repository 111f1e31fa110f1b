//! Tests of a difference between two models or two variants. All two-sided.
//!
//! Which one depends on how the samples came about: two groups of people each of whom saw one variant are independent
//! ([`two_proportions`], [`welch`]); two models asked about the same test set are paired ([`mcnemar`], [`paired`]).

use crate::distributions::{
    binomial_at_most, binomial_mass, chi_squared_1_tail, normal_quantile, normal_tail, t_quantile, t_two_sided,
};

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tested {
    /// First less second.
    pub difference: f64,
    /// z, t or chi-squared; for an exact test the smaller count.
    pub statistic: f64,
    pub p: f64,
    /// Degrees of freedom of a t; infinite for a normal.
    pub freedom: f64,
    /// Of the difference: zero with a normal margin, t with its own.
    standard_error: f64,
}

/// Successes among trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub successes: u64,
    pub trials: u64,
}

/// Enough of a sample for a t-test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    pub count: f64,
    pub mean: f64,
    /// Unbiased: divided by one less than the count.
    pub variance: f64,
}

/// Samples that two models judged: how often both were right, only one, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    pub both: u64,
    pub only_first: u64,
    pub only_second: u64,
    pub neither: u64,
}

/// How [`mcnemar`] weighs the pairs on which the models differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum McNemar {
    /// By the binomial. Its level is at most what was asked, and below it where such pairs are few.
    Exact,
    /// The exact one with half the mass of what was seen: closer to the level on average (Fagerland et al. 2013).
    MidP,
    /// Chi-squared with Edwards' continuity correction.
    Corrected,
    /// Chi-squared as McNemar had it.
    Plain,
}

/// The z-test with the pooled variance.
pub fn two_proportions(first: Share, second: Share) -> Tested {
    let [n1, n2] = [first.trials as f64, second.trials as f64];
    let pooled = (first.successes + second.successes) as f64 / (n1 + n2);
    let difference = first.rate() - second.rate();
    let under_null = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    let z = if under_null > 0.0 { difference / under_null } else { 0.0 };
    // The interval does not assume that the null holds: its variance is not pooled.
    let standard_error = (first.variance() / n1 + second.variance() / n2).sqrt();
    Tested { difference, statistic: z, p: 2.0 * normal_tail(z.abs()), freedom: f64::INFINITY, standard_error }
}

/// Welch's t-test: the variances may differ.
pub fn welch(first: Moments, second: Moments) -> Tested {
    let [a, b] = [first.variance / first.count, second.variance / second.count];
    let freedom = (a + b).powi(2) / (a * a / (first.count - 1.0) + b * b / (second.count - 1.0));
    t_test(first.mean - second.mean, (a + b).sqrt(), freedom)
}

/// Student's t-test: one variance for both.
pub fn student(first: Moments, second: Moments) -> Tested {
    let freedom = first.count + second.count - 2.0;
    let within = (first.count - 1.0) * first.variance + (second.count - 1.0) * second.variance;
    let standard_error = (within / freedom * (1.0 / first.count + 1.0 / second.count)).sqrt();
    t_test(first.mean - second.mean, standard_error, freedom)
}

/// The t-test of paired differences, such as of ten folds. The folds of one cross-validation share training data, so
/// even this one finds too much there (Dietterich 1998).
pub fn paired(differences: Moments) -> Tested {
    t_test(differences.mean, (differences.variance / differences.count).sqrt(), differences.count - 1.0)
}

fn t_test(difference: f64, standard_error: f64, freedom: f64) -> Tested {
    if standard_error == 0.0 {
        let p = if difference == 0.0 { 1.0 } else { 0.0 };
        return Tested { difference, statistic: 0.0, p, freedom: f64::INFINITY, standard_error };
    }
    let t = difference / standard_error;
    Tested { difference, statistic: t, p: t_two_sided(t, freedom), freedom, standard_error }
}

/// McNemar's test (1947): of the samples on which the two differ, does one win more often than by a fair coin?
pub fn mcnemar(pairs: Pairs, how: McNemar) -> Tested {
    let (b, c) = (pairs.only_first, pairs.only_second);
    let differing = b + c;
    let smaller = b.min(c);
    let exact = 2.0 * binomial_at_most(smaller, differing, 0.5);
    let gap = b.abs_diff(c) as f64;
    let squared = |gap: f64| if differing == 0 { 0.0 } else { gap * gap / differing as f64 };
    let (statistic, p) = match how {
        McNemar::Exact => (smaller as f64, exact.min(1.0)),
        McNemar::MidP => (smaller as f64, (exact - binomial_mass(smaller, differing, 0.5)).min(1.0)),
        McNemar::Corrected => (squared((gap - 1.0).max(0.0)), chi_squared_1_tail(squared((gap - 1.0).max(0.0)))),
        McNemar::Plain => (squared(gap), chi_squared_1_tail(squared(gap))),
    };
    let total = pairs.total().max(1) as f64;
    let difference = (b as f64 - c as f64) / total;
    let variance = differing as f64 / total - difference * difference;
    Tested { difference, statistic, p, freedom: f64::INFINITY, standard_error: (variance / total).sqrt() }
}

/// The statistic of resampled sets. `below` draws a whole number below its argument.
pub fn bootstrap(
    count: u32,
    resamples: usize,
    mut below: impl FnMut(u32) -> u32,
    mut statistic: impl FnMut(&[u32]) -> f64,
) -> Vec<f64> {
    let mut indices = vec![0; count as usize];
    (0..resamples)
        .map(|_| {
            indices.iter_mut().for_each(|index| *index = below(count));
            statistic(&indices)
        })
        .collect()
}

/// The percentile interval of resampled statistics (Efron 1979), between neighbours as numpy interpolates.
pub fn percentile_interval(mut resampled: Vec<f64>, confidence: f64) -> (f64, f64) {
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (resampled.len() - 1) as f64;
        let (below, above) = (resampled[place.floor() as usize], resampled[place.ceil() as usize]);
        below + (above - below) * place.fract()
    };
    (at((1.0 - confidence) / 2.0), at((1.0 + confidence) / 2.0))
}

impl Tested {
    /// The interval of the difference that the same kind of statistic gives, at this confidence.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        let tail = 1.0 - confidence;
        let quantile =
            if self.freedom.is_finite() { t_quantile(tail, self.freedom) } else { normal_quantile(tail / 2.0) };
        (self.difference - quantile * self.standard_error, self.difference + quantile * self.standard_error)
    }
}

impl Share {
    pub fn rate(self) -> f64 {
        self.successes as f64 / self.trials as f64
    }

    /// Of one trial.
    pub fn variance(self) -> f64 {
        self.rate() * (1.0 - self.rate())
    }

    /// Of its zeros and ones.
    pub fn moments(self) -> Moments {
        let count = self.trials as f64;
        Moments { count, mean: self.rate(), variance: self.variance() * count / (count - 1.0) }
    }
}

impl Moments {
    pub fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Moments { count, mean, variance }
    }
}

impl Pairs {
    /// By whether each model was right on each sample.
    pub fn new(first: &[bool], second: &[bool]) -> Self {
        assert_eq!(first.len(), second.len(), "both models judged the same samples");
        let mut pairs = Pairs::default();
        for (&first, &second) in first.iter().zip(second) {
            *match (first, second) {
                (true, true) => &mut pairs.both,
                (true, false) => &mut pairs.only_first,
                (false, true) => &mut pairs.only_second,
                (false, false) => &mut pairs.neither,
            } += 1;
        }
        pairs
    }

    pub fn total(self) -> u64 {
        self.both + self.only_first + self.only_second + self.neither
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_models_are_not_told_apart() {
        let pairs = Pairs::new(&[true, false, true], &[true, false, true]);
        assert_eq!(pairs, Pairs { both: 2, neither: 1, ..Pairs::default() });
        for how in [McNemar::Exact, McNemar::MidP, McNemar::Corrected, McNemar::Plain] {
            assert_eq!(mcnemar(pairs, how).p, 1.0, "{how:?}");
        }
        let share = Share { successes: 30, trials: 100 };
        assert_eq!(two_proportions(share, share).p, 1.0);
        let none = Share { successes: 0, trials: 100 };
        assert_eq!((two_proportions(none, none).p, welch(none.moments(), none.moments()).p), (1.0, 1.0));
    }

    #[test]
    fn pairing_finds_what_independence_misses() {
        // 92 % against 90 % on the same 1,000 samples, differing on 40 of them.
        let pairs = Pairs { both: 890, only_first: 30, only_second: 10, neither: 70 };
        let apart = two_proportions(Share { successes: 920, trials: 1000 }, Share { successes: 900, trials: 1000 });
        assert!(mcnemar(pairs, McNemar::Exact).p < 0.01 && apart.p > 0.1);
    }
}
