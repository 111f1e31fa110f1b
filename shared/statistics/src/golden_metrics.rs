//! Metrics, curves and calibration against scikit-learn on 1,000 random cases: `tests/goldens/metrics.py`.

use crate::calibration::{brier, expected_calibration_error, log_loss, reliability};
use crate::confusion::{Average, Confusion};
use crate::curves::Ranking;
use crate::testing::{SplitMix, fingerprint, numbers};

const GOLDEN: &str = include_str!("../../../tests/goldens/metrics.json");
const ALLOWED: f64 = 1e-12;

fn matrix_values(random: &mut SplitMix) -> Vec<f64> {
    let (count, classes) = (1 + random.below(40), 2 + random.below(4));
    let present = 1 + random.below(classes);
    let truth: Vec<u32> = (0..count).map(|_| random.below(present) as u32).collect();
    let mut answer = |&truth: &u32| if random.below(2) == 0 { truth } else { random.below(classes) as u32 };
    let predicted: Vec<u32> = truth.iter().map(&mut answer).collect();
    let matrix = Confusion::new(classes as usize, &truth, &predicted);
    let mut values = vec![matrix.accuracy(), matrix.balanced_accuracy(), matrix.matthews(), matrix.kappa()];
    for average in [Average::Micro, Average::Macro, Average::Weighted] {
        let rates = matrix.averaged(average);
        values.extend([rates.precision, rates.recall, rates.f1]);
    }
    for class in 0..classes as usize {
        let rates = matrix.cells(class).rates();
        values.extend([rates.precision, rates.recall, rates.f1, rates.specificity]);
    }
    let mut row = |_: &u32| {
        let row: Vec<f64> = (0..classes).map(|_| 1.0 + random.below(9) as f64).collect();
        let sum: f64 = row.iter().sum();
        row.into_iter().map(move |value| value / sum)
    };
    let probabilities: Vec<f64> = truth.iter().flat_map(&mut row).collect();
    values.push(log_loss(&truth, &probabilities, classes as usize));
    values
}

fn score_values(random: &mut SplitMix) -> Vec<f64> {
    let count = 1 + random.below(40);
    let (rare, steps) = (1 + random.below(6), 2 + random.below(19));
    let truth: Vec<bool> = (0..count).map(|_| random.below(rare) == 0).collect();
    let scores: Vec<f64> = (0..count).map(|_| random.below(steps + 1) as f64 / steps as f64).collect();
    let ranking = Ranking::new(&truth, &scores);
    let bins = reliability(&truth, &scores, 10);
    let mut values = vec![
        ranking.auc().unwrap_or(-1.0),
        ranking.average_precision(),
        brier(&truth, &scores),
        expected_calibration_error(&bins),
    ];
    let filled = || bins.iter().filter(|bin| bin.count > 0);
    values.extend(filled().map(|bin| bin.said).chain(filled().map(|bin| bin.was)));
    for curve in [ranking.roc(), ranking.precision_recall()] {
        values.extend(curve.iter().map(|point| point.0).chain(curve.iter().map(|point| point.1)));
    }
    values
}

#[test]
fn every_value_equals_scikit_learn() {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).expect("JSON");
    let prints = numbers(&golden["prints"]);
    assert_eq!(prints.len(), 1000);
    for (seed, expected) in prints.into_iter().enumerate() {
        let random = &mut SplitMix(seed as u64);
        let values = [matrix_values(random), score_values(random)].concat();
        if let Some(listed) = golden["values"].get(seed) {
            let listed = numbers(listed);
            assert_eq!(listed.len(), values.len(), "case {seed}");
            for (place, (got, expected)) in values.iter().zip(listed).enumerate() {
                assert!((got - expected).abs() < ALLOWED, "case {seed}, value {place}: {got}, expected {expected}");
            }
        }
        let got = fingerprint(&values);
        // The sum of some hundred values has rounding errors of its own.
        assert!((got - expected).abs() < ALLOWED * expected.abs().max(1.0), "case {seed}: {got}, expected {expected}");
    }
}
