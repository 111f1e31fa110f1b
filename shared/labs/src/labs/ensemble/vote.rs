//! Many opinions made one, as scikit-learn's `VotingClassifier` does it.
//!
//! A member is what it says of each sample: probabilities `[samples, classes]`. Weights need not sum to 1; without any,
//! all count alike.

/// The class with the greatest value; the first of equals.
pub fn argmax(row: &[f64]) -> usize {
    (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
}

/// Soft voting: the weighted mean of what the members say.
pub fn soft(members: &[Vec<f64>], weights: Option<&[f64]>) -> Vec<f64> {
    let equal = vec![1.0; members.len()];
    let weights = weights.unwrap_or(&equal);
    let total: f64 = weights.iter().sum();
    let places = 0..members.first().map_or(0, Vec::len);
    let mean =
        |place: usize| members.iter().zip(weights).map(|(member, weight)| weight * member[place]).sum::<f64>() / total;
    places.map(mean).collect() // [samples, classes]
}

/// Hard voting: each member has its weight in votes for one class, and the shares of the votes come back. Their
/// [`argmax`] is the answer: where votes are level, the first class.
pub fn hard(members: &[Vec<f64>], weights: Option<&[f64]>, classes: usize) -> Vec<f64> {
    let ballot = |member: &Vec<f64>| -> Vec<f64> {
        let one = |row: &[f64]| (0..classes).map(|class| f64::from(u8::from(class == argmax(row)))).collect::<Vec<_>>();
        member.chunks(classes).flat_map(one).collect()
    };
    soft(&members.iter().map(ballot).collect::<Vec<_>>(), weights) // [samples, classes]
}

/// The weight of a vote that is right so often among `classes`: the logarithm of its odds, which is the best one for
/// two classes and members that err independently (Nitzan and Paroush 1982), plus log(classes - 1), so that chance
/// weighs nothing (SAMME, Zhu et al. 2009). No member counts against what it says.
pub fn weight(accuracy: f64, classes: usize) -> f64 {
    let accuracy = accuracy.clamp(1e-3, 1.0 - 1e-3);
    (libm::log(accuracy / (1.0 - accuracy)) + libm::log(classes as f64 - 1.0)).max(0.0)
}

/// The share of samples on which two members answer differently.
pub fn disagreement(one: &[f64], other: &[f64], classes: usize) -> f64 {
    let rows = one.chunks(classes).zip(other.chunks(classes));
    let differ = rows.filter(|(one, other)| argmax(one) != argmax(other)).count();
    differ as f64 / (one.len() / classes).max(1) as f64
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        classes: usize,
        members: Vec<Vec<f64>>,
        weights: Option<Vec<f64>>,
        hard: Vec<usize>,
        soft: Vec<usize>,
        probabilities: Vec<f64>,
    }

    #[test]
    fn votes_are_those_of_scikit_learn_ties_included() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../../../../tests/goldens/voting.json")).expect("the golden file");
        assert!(cases.len() >= 40);
        let (mut level, mut apart) = (0, 0);
        for (place, case) in cases.iter().enumerate() {
            let weights = case.weights.as_deref();
            let answers = |votes: &[f64]| votes.chunks(case.classes).map(argmax).collect::<Vec<_>>();
            let hard = hard(&case.members, weights, case.classes);
            assert_eq!(answers(&hard), case.hard, "hard vote of case {place}");
            let soft = soft(&case.members, weights);
            assert!(soft.iter().zip(&case.probabilities).all(|(a, b)| (a - b).abs() < 1e-15), "case {place}");
            assert_eq!(answers(&soft), case.soft, "soft vote of case {place}");
            let most = |row: &&[f64]| row.iter().filter(|&&votes| votes == row[argmax(row)]).count() > 1;
            level += hard.chunks(case.classes).filter(most).count();
            apart += case.hard.iter().zip(&case.soft).filter(|(hard, soft)| hard != soft).count();
        }
        assert!(level > 10 && apart > 10, "{level} level votes, {apart} where hard and soft differ");
    }

    #[test]
    fn the_loss_of_the_mean_is_at_most_the_mean_loss() {
        let mut random = crate::data::random::stream(5, "jensen", 0, 0);
        for _ in 0..50 {
            let members: Vec<Vec<f64>> = (0..4)
                .map(|_| {
                    let raw: Vec<f64> = (0..3).map(|_| f64::from(random.between(0.01, 1.0))).collect();
                    raw.iter().map(|value| value / raw.iter().sum::<f64>()).collect()
                })
                .collect();
            let loss = |row: &[f64]| kindling_statistics::calibration::log_loss(&[1], row, 3);
            let mean = members.iter().map(|member| loss(member)).sum::<f64>() / 4.0;
            assert!(loss(&soft(&members, None)) < mean);
            let same = vec![members[0].clone(); 4];
            assert!((loss(&soft(&same, None)) - loss(&members[0])).abs() < 1e-12, "of one opinion nothing is gained");
        }
    }

    #[test]
    fn weights_by_hand() {
        assert_eq!(weight(0.5, 2), 0.0);
        assert_eq!(weight(0.05, 10), 0.0, "worse than chance");
        assert!((weight(0.1, 10)).abs() < 1e-12, "as good as chance");
        assert!((weight(0.9, 2) - 9f64.ln()).abs() < 1e-12);
        assert_eq!(disagreement(&[0.9, 0.1, 0.2, 0.8], &[0.6, 0.4, 0.7, 0.3], 2), 0.5);
    }
}
