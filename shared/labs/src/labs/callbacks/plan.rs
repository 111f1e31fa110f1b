//! From knobs to a network, a plan and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;
use kindling_protocol::model::{Architecture, InputSpec};

use crate::data::idx::Digits;
use crate::data::mnist::{CLASSES, SIDE, Wanted};
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::nn::model;
use crate::train::batch::Feed;
use crate::train::optimiser::Rule;
use crate::train::run_loop::{LEARNING_RATE, Plan};
use crate::train::schedule::Schedule;

/// What the callbacks watch is measured on the last pictures of the training half.
const VALIDATION: usize = 2_000;

pub fn wanted(knobs: &Knobs) -> Wanted<'_> {
    Wanted { set: knobs.word("data"), train: knobs.count("samples"), validation: VALIDATION, test: usize::MAX }
}

/// Mean and deviation of all training pixels of MNIST.
pub fn input() -> InputSpec {
    InputSpec::Ink { height: SIDE as u32, width: SIDE as u32, ink_box: 20, mean: 0.1307, std: 0.3081 }
}

pub fn architecture(knobs: &Knobs) -> Architecture {
    let hidden = vec![knobs.count("width") as u32];
    Architecture::Mlp { inputs: (SIDE * SIDE) as u32, hidden, classes: CLASSES as u32, dropout: 0.0 }
}

/// Of both trainings: the rate of this plan is constant, and what steers the second one multiplies it.
pub fn plan(knobs: &Knobs) -> Plan {
    let epochs = knobs.count("epochs") as u64;
    Plan {
        epochs,
        batch: knobs.count("batch"),
        rule: if knobs.word("optimiser") == "adam" { Rule::adam(0.0) } else { Rule::SGD },
        schedule: Schedule::Constant,
        learning_rate: knobs.number(LEARNING_RATE),
        smoothing: 0.0,
        // Once an epoch, with the validation.
        read_every: u64::MAX,
        validations: epochs,
    }
}

/// The training pictures as they are.
pub struct Plain<'a>(pub &'a Digits);

impl Feed for Plain<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn sample(&self, _: u64, index: u32) -> (Vec<u8>, u8) {
        (self.0.image(index as usize).to_vec(), self.0.labels[index as usize])
    }
}

/// Both trainings, the second at its full length: where it is stopped is not known before.
pub fn cost(knobs: &Knobs) -> Cost {
    let (plan, samples) = (plan(knobs), knobs.count("samples"));
    let size = model::size(&architecture(knobs));
    let all = 2 * plan.epochs * samples as u64;
    let data = knobs.word("data");
    let floats = size.parameters * (3 + plan.rule.moments()) as f64 + size.activations * plan.batch as f64 * 2.0;
    Cost {
        steps: 2 * plan.steps(samples),
        samples: all,
        // Forward, and twice as much backward. A multiply-add is two.
        flops: 6.0 * size.multiply_adds * all as f64,
        parameters: size.parameters as u64,
        data_bytes: on_its_way(data),
        memory_bytes: (4.0 * floats) as u64 + pictures_in_memory(data, samples),
    }
}
