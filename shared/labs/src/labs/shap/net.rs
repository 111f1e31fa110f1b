//! The model that is explained: its weights on the host, and the one number of it that explanations are about.
//!
//! One hidden layer, so that an input that is half one row and half another costs little: its first sums are the sums
//! of the parts that each feature brings ([`Model::parts`]).

use std::ops::Range;

use crate::nn::state::State;

/// Sums that are added side by side: the compiler makes vectors of them, in one order on every machine.
const LANES: usize = 8;

/// `logits = bend(x first + first_bias) second + second_bias`, where `bend` is ReLU or, in a linear model, nothing.
#[derive(Clone, Debug)]
pub struct Net {
    pub hidden: usize,
    pub classes: usize,
    /// `[inputs, hidden]`
    pub first: Vec<f32>,
    pub first_bias: Vec<f32>,
    /// `[hidden, classes]`
    pub second: Vec<f32>,
    pub second_bias: Vec<f32>,
    pub relu: bool,
}

impl Net {
    /// A trained network with one hidden layer or, without one, a logistic regression: then the first layer gives the
    /// logits and the second hands them on.
    pub fn of(state: &State) -> Net {
        let values = |name: &str| state[name].values.clone();
        let classes = state["output.bias"].values.len();
        if state.contains_key("hidden.0.weight") {
            let first_bias = values("hidden.0.bias");
            return Net {
                hidden: first_bias.len(),
                classes,
                first: values("hidden.0.weight"),
                first_bias,
                second: values("output.weight"),
                second_bias: values("output.bias"),
                relu: true,
            };
        }
        let same = |place: usize| f32::from(u8::from(place / classes == place % classes));
        Net {
            hidden: classes,
            classes,
            first: values("output.weight"),
            first_bias: values("output.bias"),
            second: (0..classes * classes).map(same).collect(),
            second_bias: vec![0.0; classes],
            relu: false,
        }
    }

    pub fn logits(&self, row: &[f32]) -> Vec<f32> {
        let mut sums = self.first_bias.clone();
        for (value, weights) in row.iter().zip(self.first.chunks(self.hidden)).filter(|(value, _)| **value != 0.0) {
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
        }
        let mut logits = self.second_bias.clone();
        for (sum, weights) in sums.iter().zip(self.second.chunks(self.classes)) {
            logits.iter_mut().zip(weights).for_each(|(logit, weight)| *logit += self.bend(*sum) * weight);
        }
        logits
    }

    /// The class with the greatest logit; the first of equals.
    pub fn predict(&self, row: &[f32]) -> usize {
        let logits = self.logits(row);
        (1..logits.len()).fold(0, |best, class| if logits[class] > logits[best] { class } else { best })
    }

    pub fn bend(&self, sum: f32) -> f32 {
        if self.relu { sum.max(0.0) } else { sum }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Of the class, one of two.
    Probability,
    /// The class's logit less the mean of the others': of two classes, the logarithm of the odds.
    LogOdds,
}

/// A network, and which of its answers is explained.
#[derive(Clone, Debug)]
pub struct Model {
    pub net: Net,
    pub scale: Scale,
    /// `[hidden]`: the margin of the class is `bent hidden sums * direction + offset`.
    pub direction: Vec<f32>,
    offset: f32,
}

impl Model {
    /// Of more than two classes it is always the log-odds: their softmax is no function of one margin.
    pub fn new(net: Net, class: usize, scale: Scale) -> Model {
        let scale = if net.classes > 2 { Scale::LogOdds } else { scale };
        let margin = |row: &[f32]| {
            let others = row.iter().sum::<f32>() - row[class];
            row[class] - others / (row.len() - 1) as f32
        };
        let direction = net.second.chunks(net.classes).map(margin).collect();
        let offset = margin(&net.second_bias);
        Model { net, scale, direction, offset }
    }

    /// What each group of inputs adds to the hidden sums: `[groups, hidden]`.
    pub fn parts(&self, row: &[f32], groups: &[Range<usize>]) -> Vec<f32> {
        let hidden = self.net.hidden;
        let mut parts = vec![0.0; groups.len() * hidden];
        for (group, part) in groups.iter().zip(parts.chunks_mut(hidden)) {
            for input in group.clone().filter(|&input| row[input] != 0.0) {
                let weights = &self.net.first[input * hidden..][..hidden];
                part.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += row[input] * weight);
            }
        }
        parts
    }

    /// The answer to a whole row.
    pub fn answer(&self, row: &[f32]) -> f64 {
        let whole = 0..row.len();
        f64::from(self.of_sums(&self.net.first_bias, &self.parts(row, &[whole])))
    }

    /// The answer where the hidden sums are `one + other`.
    pub fn of_sums(&self, one: &[f32], other: &[f32]) -> f32 {
        match self.scale {
            Scale::LogOdds => self.project(one, other) + self.offset,
            Scale::Probability => sigmoid(self.project(one, other) + self.offset),
        }
    }

    /// The margin of which a probability of two classes is the sigmoid.
    pub fn margin(&self, sums: &[f32]) -> f32 {
        let bent = sums.iter().map(|sum| self.net.bend(*sum));
        bent.zip(&self.direction).map(|(bent, weight)| bent * weight).sum::<f32>() + self.offset
    }

    fn project(&self, one: &[f32], other: &[f32]) -> f32 {
        let direction = &self.direction;
        let floor = if self.net.relu { 0.0 } else { f32::NEG_INFINITY };
        let mut lanes = [0.0f32; LANES];
        let whole = one.len() / LANES * LANES;
        for place in (0..whole).step_by(LANES) {
            let (one, other, direction) =
                (&one[place..][..LANES], &other[place..][..LANES], &direction[place..][..LANES]);
            for lane in 0..LANES {
                lanes[lane] += (one[lane] + other[lane]).max(floor) * direction[lane];
            }
        }
        let rest = (whole..one.len()).map(|place| (one[place] + other[place]).max(floor) * direction[place]);
        lanes.iter().sum::<f32>() + rest.sum::<f32>()
    }
}

pub fn sigmoid(margin: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-margin))
}
