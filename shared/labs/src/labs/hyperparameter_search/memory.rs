//! Scores that earlier runs found, so that later ones with more trials, another method or another range need not train
//! for them again.

use std::collections::BTreeMap;

use super::SLUG;
use crate::host::Host;
use crate::nn::weights::sha256_hex;
use crate::train::container;

/// The score on each fold, as bits, by configuration and length of training. As bits, which no reader of JSON rounds.
pub type Scores = BTreeMap<String, Vec<u64>>;

/// Says which trainings the scores are of. Another number once the same ask would be answered otherwise.
const CONTENT: &str = "scores of hyperparameter-search, 1";
/// Configurations that are remembered, of all problems.
const MOST: usize = 2_000;

/// The scores of this problem and of others; the one that was searched last is the last.
pub struct Memory {
    others: Vec<(String, Scores)>,
    problem: String,
    pub scores: Scores,
}

impl Memory {
    /// `setup` is what a worker has to know: with an ask it decides the answer. Unless they are `used`, the scores of
    /// this problem are forgotten.
    pub async fn recall(host: &dyn Host, setup: &[u8], used: bool) -> Memory {
        let problem = sha256_hex(setup);
        let bytes = host.recall(SLUG).await.unwrap_or_default();
        // One that can't be read is as good as none.
        let mut others: Vec<(String, Scores)> =
            container::read(&bytes, CONTENT).map(|(scores, _)| scores).unwrap_or_default();
        let known = others.iter().position(|(other, _)| *other == problem);
        let scores = known.map(|place| others.remove(place).1).filter(|_| used).unwrap_or_default();
        Memory { others, problem, scores }
    }

    /// Leaves these scores to later runs, with those that were known. What is too much goes, problem by problem, the
    /// one that was searched longest ago first.
    pub fn remember(mut self, host: &dyn Host, scores: Scores) {
        for (key, scores) in scores {
            let known = self.scores.entry(key).or_default();
            if scores.len() > known.len() {
                *known = scores;
            }
        }
        let mut all = self.others;
        all.push((self.problem, self.scores));
        while all.len() > 1 && all.iter().map(|(_, scores)| scores.len()).sum::<usize>() > MOST {
            all.remove(0);
        }
        if all.iter().all(|(_, scores)| scores.len() <= MOST) {
            host.remember(SLUG, container::write(&all, CONTENT, &[]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestHost;

    fn scores(count: usize) -> Scores {
        (0..count).map(|key| (format!("{key}"), vec![1, 2])).collect()
    }

    #[test]
    fn what_was_searched_longest_ago_is_forgotten_first() {
        let host = TestHost::default();
        let known = |problem: &[u8]| pollster::block_on(Memory::recall(&host, problem, true));
        for problem in [b"a", b"b", b"c"] {
            known(problem).remember(&host, scores(900));
        }
        assert_eq!([b"a", b"b", b"c"].map(|problem| known(problem).scores.len()), [0, 900, 900]);
        // Searched again, it is the newest.
        known(b"b").remember(&host, scores(1));
        known(b"d").remember(&host, scores(900));
        assert_eq!([b"b", b"c", b"d"].map(|problem| known(problem).scores.len()), [900, 0, 900]);
        known(b"e").remember(&host, scores(MOST + 1));
        assert_eq!([b"d", b"e"].map(|problem| known(problem).scores.len()), [900, 0]);
    }
}
