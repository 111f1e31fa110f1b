//! Two things that are both called weight decay. With plain gradient descent they are one; with Adam they are not
//! (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization").
//!
//! L2 in the loss adds `decay * weight` to the gradient, and Adam divides every gradient by its own size: a weight with
//! large gradients is hardly pulled, one that the data want nothing of by almost the full rate. Decoupled decay, AdamW,
//! takes the same share `rate * decay` off every weight, whatever its gradient.

use burn::module::{ModuleVisitor, Param};
use burn::tensor::Tensor;
use kindling_protocol::knob::Knobs;

use crate::nn::model::Classifier;

/// Where a decay of some strength acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decay {
    InLoss(f64),
    Decoupled(f64),
}

impl Decay {
    pub fn of(knobs: &Knobs) -> Decay {
        match knobs.word("decay-in") {
            "weights" => Decay::Decoupled(knobs.number("decay")),
            _ => Decay::InLoss(knobs.number("decay")),
        }
    }

    /// As strong, in the other place.
    pub fn other(self) -> Decay {
        match self {
            Decay::InLoss(decay) => Decay::Decoupled(decay),
            Decay::Decoupled(decay) => Decay::InLoss(decay),
        }
    }

    /// What AdamW is told.
    pub fn decoupled(self) -> f64 {
        match self {
            Decay::Decoupled(decay) => decay,
            Decay::InLoss(_) => 0.0,
        }
    }

    /// What is added to the loss: `decay / 2` times the sum of all squared weights, so that its gradient is
    /// `decay * weight`. Biases are left alone.
    pub fn penalty(self, model: &Classifier) -> Option<Tensor<1>> {
        let Decay::InLoss(decay) = self else { return None };
        if decay == 0.0 {
            return None;
        }
        let mut squares = Squares::default();
        model.visit(&mut squares);
        squares.sum.map(|sum| sum.mul_scalar(decay / 2.0)) // [1]
    }
}

/// The sum of all squared weights.
#[derive(Default)]
struct Squares {
    path: Vec<String>,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for Squares {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.path.last().is_some_and(|name| name == "weight") {
            let squares = param.val().square().sum(); // [1]
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + squares,
                None => squares,
            });
        }
    }
}
