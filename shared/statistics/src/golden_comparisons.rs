//! Tests, power and distributions against SciPy and statsmodels: `tests/goldens/comparisons.py`.

use serde_json::Value;

use crate::comparisons::{
    McNemar, Moments, Pairs, Share, mcnemar, paired, percentile_interval, student, two_proportions, welch,
};
use crate::distributions::{
    binomial_at_most, binomial_mass, chi_squared_1_tail, normal_quantile, normal_tail, t_quantile, t_two_sided,
};
use crate::power::Planned;
use crate::sequential::always_valid_p;
use crate::testing::numbers;

const GOLDEN: &str = include_str!("../../../tests/goldens/comparisons.json");

fn cases(name: &str) -> Vec<Value> {
    let golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
    let cases = golden[name].as_array().expect("a list of cases").clone();
    assert_eq!(cases.len(), 40, "{name}");
    cases
}

/// To 1e-9 of the value itself, so that small p-values count too.
fn assert_near(got: &[f64], expected: &[f64], case: &Value) {
    assert_eq!(got.len(), expected.len());
    for (place, (got, expected)) in got.iter().zip(expected).enumerate() {
        let allowed = 1e-9 * expected.abs() + 1e-290;
        assert!((got - expected).abs() <= allowed, "value {place}: {got}, expected {expected} of {case}");
    }
}

#[test]
fn two_proportions_are_those_of_statsmodels() {
    for case in cases("proportions") {
        let given = numbers(&case);
        let share = |place: usize| Share { successes: given[place] as u64, trials: given[place + 1] as u64 };
        let found = two_proportions(share(0), share(2));
        let (low, high) = found.interval(0.9);
        assert_near(&[found.statistic, found.p, low, high], &given[4..], &case);
    }
}

#[test]
fn t_tests_are_those_of_scipy() {
    for case in cases("t_tests") {
        let (first, second) = (numbers(&case[0]), numbers(&case[1]));
        let mut got = Vec::new();
        for test in [welch, student] {
            let found = test(Moments::of(&first), Moments::of(&second));
            let (low, high) = found.interval(0.95);
            got.extend([found.statistic, found.p, found.freedom, low, high]);
        }
        let differences: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
        let found = paired(Moments::of(&differences));
        got.extend([found.statistic, found.p]);
        assert_near(&got, &numbers(&case[2]), &case);
    }
}

#[test]
fn mcnemar_is_that_of_statsmodels() {
    for case in cases("pairs") {
        let given = numbers(&case);
        let pairs = Pairs { both: 50, only_first: given[0] as u64, only_second: given[1] as u64, neither: 20 };
        let [exact, mid, corrected, plain] =
            [McNemar::Exact, McNemar::MidP, McNemar::Corrected, McNemar::Plain].map(|how| mcnemar(pairs, how));
        let got = [exact.p, mid.p, corrected.statistic, corrected.p, plain.statistic, plain.p];
        assert_near(&got, &given[2..], &case);
    }
}

#[test]
fn power_and_samples_are_those_of_statsmodels() {
    for case in cases("planned") {
        let given = numbers(&case);
        let planned = Planned::proportions(given[0], given[1], given[2]);
        assert_near(&[planned.power(given[4]), planned.samples(given[3])], &given[5..], &case);
    }
}

#[test]
fn the_always_valid_p_is_the_integral_that_it_stands_for() {
    for case in cases("mixture") {
        let given = numbers(&case);
        assert_near(&[always_valid_p(given[0], given[1], given[2], given[3])], &given[4..], &case);
    }
}

#[test]
fn distributions_are_those_of_scipy() {
    for case in cases("tails") {
        let given = numbers(&case);
        let [x, freedom, q, k, n, p] = given[..6] else { panic!("six inputs") };
        let (k, n) = (k as u64, n as u64);
        let got = [
            normal_tail(x),
            normal_quantile(q),
            t_two_sided(x, freedom),
            t_quantile(q, freedom),
            chi_squared_1_tail(x.abs()),
            binomial_mass(k, n, p),
            binomial_at_most(k, n, p),
        ];
        assert_near(&got, &given[6..], &case);
    }
}

#[test]
fn percentiles_are_those_of_numpy() {
    for case in cases("percentiles") {
        let (low, high) = percentile_interval(numbers(&case[0]), 0.9);
        assert_near(&[low, high], &numbers(&case[1]), &case);
    }
}
