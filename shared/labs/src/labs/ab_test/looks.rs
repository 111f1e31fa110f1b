//! What a test says at each look, and where it stops.

use kindling_statistics::comparisons::{McNemar, Share, Tested, mcnemar, percentile_interval, two_proportions, welch};
use kindling_statistics::sequential::{Spending, always_valid_p, boundaries};

use super::draw::{Binomial, Design, Seen};
use crate::data::random::Stream;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two proportions, pooled.
    Z,
    Welch,
    McNemar,
    Bootstrap,
    /// Alpha spent over the looks after O'Brien and Fleming.
    Spending,
    /// Holds at every moment.
    AlwaysValid,
}

/// Resamples of a bootstrap, an odd number: its median is one of them.
const RESAMPLES: usize = 999;

impl Kind {
    pub fn of(word: &str) -> Kind {
        match word {
            "welch" => Kind::Welch,
            "mcnemar" => Kind::McNemar,
            "bootstrap" => Kind::Bootstrap,
            "spending" => Kind::Spending,
            "always-valid" => Kind::AlwaysValid,
            _ => Kind::Z,
        }
    }

    /// Made to be looked at: looks at every look, whether one peeks or not.
    pub fn is_sequential(self) -> bool {
        matches!(self, Kind::Spending | Kind::AlwaysValid)
    }
}

/// The fixed rules of a design.
pub struct Judge<'a> {
    design: &'a Design,
    /// |z| to stop at.
    boundaries: Vec<f64>,
}

impl<'a> Judge<'a> {
    pub fn new(design: &'a Design) -> Self {
        Judge { design, boundaries: boundaries(Spending::OBrienFleming, design.alpha, design.looks) }
    }

    /// The look (from 0) at which the experiment calls the two different.
    pub fn verdict(&self, seen: &[Seen], stream: &mut Stream) -> Option<usize> {
        let last = seen.len() - 1;
        let first = if self.design.peeking { 0 } else { last };
        (first..=last).find(|&look| self.rejects(look, &seen[look], stream))
    }

    fn rejects(&self, look: usize, seen: &Seen, stream: &mut Stream) -> bool {
        let alpha = self.design.alpha;
        match (self.design.kind, seen) {
            (Kind::Welch, Seen::Groups(first, second)) => welch(first.moments(), second.moments()).p < alpha,
            (Kind::Bootstrap, Seen::Groups(first, second)) => excludes_zero(*first, *second, alpha, stream),
            (Kind::Spending, seen) => self.crosses(look, seen),
            (Kind::AlwaysValid, seen) => self.always_valid(seen) < alpha,
            (_, seen) => fixed(seen).p < alpha,
        }
    }

    /// Beyond the boundary of that look.
    pub fn crosses(&self, look: usize, seen: &Seen) -> bool {
        fixed_z(seen) >= self.boundaries[look]
    }

    /// The p-value that holds whenever one looks. Tuned for differences about as large as the planned one.
    pub fn always_valid(&self, seen: &Seen) -> f64 {
        let (difference, variance, count) = match seen {
            Seen::Groups(first, second) => {
                // Pooled: as if there were no difference, which is what is tested.
                let pooled =
                    Share { successes: first.successes + second.successes, trials: first.trials + second.trials };
                (first.rate() - second.rate(), 2.0 * pooled.variance(), first.trials as f64)
            }
            Seen::Pairs(pairs) => {
                let count = pairs.total() as f64;
                let difference = (pairs.only_first as f64 - pairs.only_second as f64) / count;
                (difference, (pairs.only_first + pairs.only_second) as f64 / count, count)
            }
        };
        always_valid_p(difference, variance, count, self.design.effect)
    }
}

/// The test for a look that was planned: z for groups, McNemar for pairs.
pub fn fixed(seen: &Seen) -> Tested {
    match seen {
        Seen::Groups(first, second) => two_proportions(*first, *second),
        Seen::Pairs(pairs) => mcnemar(*pairs, McNemar::MidP),
    }
}

fn fixed_z(seen: &Seen) -> f64 {
    match seen {
        Seen::Groups(first, second) => two_proportions(*first, *second).statistic.abs(),
        Seen::Pairs(pairs) => mcnemar(*pairs, McNemar::Plain).statistic.sqrt(),
    }
}

/// A resample of zeros and ones is a binomial: it is drawn as one.
fn excludes_zero(first: Share, second: Share, alpha: f64, stream: &mut Stream) -> bool {
    let [a, b] = [first, second].map(|share| Binomial::new(share.trials, share.rate()));
    let trials = first.trials as f64;
    let resample = |_| (a.draw(stream) as f64 - b.draw(stream) as f64) / trials;
    let (low, high) = percentile_interval((0..RESAMPLES).map(resample).collect(), 1.0 - alpha);
    low > 0.0 || high < 0.0
}
