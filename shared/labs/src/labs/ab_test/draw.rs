//! Experiments drawn at random: what is known at each look.

use kindling_statistics::comparisons::{Pairs, Share};
use kindling_statistics::distributions::binomial_mass;

use super::looks::Kind;
use crate::data::random::Stream;

/// An experiment as it is planned.
#[derive(Clone, Debug)]
pub struct Design {
    pub kind: Kind,
    /// Rate of success without a difference.
    pub base: f64,
    /// Of paired samples, the share on which the two differ.
    pub differing: f64,
    pub effect: f64,
    pub alpha: f64,
    pub power: f64,
    /// Samples (a group, or pairs) from look to look.
    pub step: u64,
    pub looks: usize,
    /// Stop at the first look that is significant.
    pub peeking: bool,
}

/// What has come in: two groups, or pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    Groups(Share, Share),
    Pairs(Pairs),
}

impl Design {
    /// All samples that are planned (a group, or pairs).
    pub fn samples(&self) -> u64 {
        self.step * self.looks as u64
    }
}

/// Draws experiments of one design with one true difference.
pub struct Drawer<'a> {
    design: &'a Design,
    /// Successes of the first and of the second from look to look; of pairs, those on which the two differ.
    steps: [Binomial; 2],
    /// Of a pair on which the two differ, how often the first is right.
    first_wins: f64,
}

impl<'a> Drawer<'a> {
    /// `effect` is the first less the second.
    pub fn new(design: &'a Design, effect: f64) -> Self {
        let binomial = |p: f64| Binomial::new(design.step, p.clamp(0.0, 1.0));
        let differing = design.differing.max(effect.abs());
        let steps = match design.kind {
            Kind::McNemar => [binomial(differing), binomial(0.0)],
            _ => [binomial(design.base + effect), binomial(design.base)],
        };
        Drawer { design, steps, first_wins: (1.0 + effect / differing) / 2.0 }
    }

    /// What is known at each look.
    pub fn draw(&self, stream: &mut Stream) -> Vec<Seen> {
        let mut pairs = Pairs::default();
        let (mut first, mut second) = (Share { successes: 0, trials: 0 }, Share { successes: 0, trials: 0 });
        let look = |_| {
            if self.design.kind == Kind::McNemar {
                let differing = self.steps[0].draw(stream);
                let wins = (0..differing).filter(|_| unit(stream) < self.first_wins).count() as u64;
                pairs.only_first += wins;
                pairs.only_second += differing - wins;
                // Where both agree they may be right or wrong: it tells nothing of the difference.
                pairs.both += self.design.step - differing;
                return Seen::Pairs(pairs);
            }
            first.successes += self.steps[0].draw(stream);
            second.successes += self.steps[1].draw(stream);
            first.trials += self.design.step;
            second.trials += self.design.step;
            Seen::Groups(first, second)
        };
        (0..self.design.looks).map(look).collect()
    }
}

/// Uniform in (0, 1).
fn unit(stream: &mut Stream) -> f64 {
    (f64::from(stream.bits()) + 0.5) / 4_294_967_296.0
}

/// Successes among `n`, drawn through the inverse of the distribution: a table once, then a search a draw.
pub struct Binomial {
    /// The smallest count of the table.
    from: u64,
    /// P(X <= from + place).
    at_most: Vec<f64>,
}

impl Binomial {
    pub fn new(n: u64, p: f64) -> Self {
        let (mean, deviation) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
        // Beyond nine deviations, and a few counts, lies less than a draw can tell.
        let reach = 9.0 * deviation + 12.0;
        let from = (mean - reach).max(0.0) as u64;
        let to = ((mean + reach) as u64).min(n);
        let mut sum = 0.0;
        let at_most = (from..=to).map(|count| {
            sum += binomial_mass(count, n, p);
            sum
        });
        Binomial { from, at_most: at_most.collect() }
    }

    pub fn draw(&self, stream: &mut Stream) -> u64 {
        let unit = unit(stream);
        self.from + self.at_most.partition_point(|&at_most| at_most < unit).min(self.at_most.len() - 1) as u64
    }
}
