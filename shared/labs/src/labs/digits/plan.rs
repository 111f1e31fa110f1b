//! From knobs to a network, a plan, a feed and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;
use kindling_protocol::model::{Architecture, InputSpec};

use super::CLASSES;
use crate::data::augment::{Augmentation, augment};
use crate::data::idx::Digits;
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::data::{pen, random};
use crate::host::Run;
use crate::nn::model;
use crate::train::batch::Feed;
use crate::train::optimiser::Rule;
use crate::train::run_loop::Plan;
use crate::train::schedule::Schedule;

/// Side of a picture.
pub const SIDE: usize = 28;

/// Mean and deviation of all training pixels of MNIST, as everyone uses them.
pub fn input() -> InputSpec {
    InputSpec::Ink { height: SIDE as u32, width: SIDE as u32, ink_box: 20, mean: 0.1307, std: 0.3081 }
}

pub fn architecture(knobs: &Knobs) -> Architecture {
    let (classes, width, dropout) = (CLASSES as u32, knobs.count("width") as u32, knobs.number("dropout") as f32);
    match knobs.word("model") {
        "cnn" => {
            let channels = knobs.count("channels") as u32;
            // Four times the filters on a ninth of the places, as Simard, Steinkraus and Platt (2003) about had it.
            let channels = vec![channels, 4 * channels];
            Architecture::Cnn { side: SIDE as u32, channels, kernel: 5, stride: 2, dense: width, classes, dropout }
        }
        _ => Architecture::Mlp { inputs: (SIDE * SIDE) as u32, hidden: vec![width], classes, dropout },
    }
}

/// A point of the curves every so many steps.
const READ_EVERY: u64 = 20;
/// At least so many points of the validation curves.
const VALIDATIONS: u64 = 10;

pub fn plan(knobs: &Knobs) -> Plan {
    let epochs = knobs.count("epochs") as u64;
    Plan {
        epochs,
        batch: knobs.count("batch"),
        rule: rule(knobs),
        schedule: match knobs.word("schedule") {
            "constant" => Schedule::Constant,
            _ => Schedule::Cosine { warm_up: 0.1 },
        },
        learning_rate: knobs.number("lr"),
        smoothing: knobs.number("smoothing") as f32,
        read_every: READ_EVERY,
        validations: epochs.max(VALIDATIONS),
    }
}

fn rule(knobs: &Knobs) -> Rule {
    match knobs.word("optimiser") {
        "sgd" => Rule::SGD,
        "rmsprop" => Rule::RMS_PROP,
        "adam" => Rule::adam(0.0),
        _ => Rule::adam(knobs.number("decay")),
    }
}

/// Training pictures, some replaced by pen drawings, varied as the knobs say.
pub struct DigitFeed<'a> {
    digits: &'a Digits,
    seed: u64,
    pen: f32,
    augmentation: Option<Augmentation>,
}

pub fn feed<'a>(run: &Run<'_>, digits: &'a Digits) -> DigitFeed<'a> {
    let augmentation = match run.knobs.word("augmentation") {
        "light" => Some(light()),
        "full" => Some(Augmentation::default()),
        _ => None,
    };
    DigitFeed { digits, seed: run.seed, pen: run.knobs.number("pen") as f32, augmentation }
}

/// Half as strong as the default.
fn light() -> Augmentation {
    let full = Augmentation::default();
    Augmentation {
        rotation_degrees: full.rotation_degrees / 2.0,
        shear: full.shear / 2.0,
        scale: full.scale / 2.0,
        aspect: full.aspect / 2.0,
        shift: full.shift / 2.0,
        elastic: full.elastic / 2.0,
        thicker: full.thicker / 2.0,
        thinner: full.thinner / 2.0,
        centre: full.centre,
    }
}

impl Feed for DigitFeed<'_> {
    fn len(&self) -> usize {
        self.digits.len()
    }

    fn sample(&self, epoch: u64, index: u32) -> (Vec<u8>, u8) {
        let (place, index) = (index as usize, u64::from(index));
        let drawn = self.pen > 0.0 && random::stream(self.seed, "digits pen", epoch, index).chance(self.pen);
        let (image, label) = if drawn {
            pen::sample(Some(self.digits), self.seed, epoch, index)
        } else {
            (self.digits.image(place).to_vec(), self.digits.labels[place])
        };
        match &self.augmentation {
            Some(with) => (augment(&image, SIDE, SIDE, with, self.seed, epoch, index), label),
            None => (image, label),
        }
    }
}

pub fn cost(knobs: &Knobs) -> Cost {
    let (plan, samples) = (plan(knobs), super::sets::training_count(knobs));
    let size = model::size(&architecture(knobs));
    let all = plan.epochs * samples as u64;
    let data = knobs.word("data");
    let floats = size.parameters * (3 + plan.rule.moments()) as f64 + size.activations * plan.batch as f64 * 2.0;
    Cost {
        steps: plan.steps(samples),
        samples: all,
        // Forward, and twice as much backward: for the inputs and for the weights. A multiply-add is two.
        flops: 6.0 * size.multiply_adds * all as f64,
        parameters: size.parameters as u64,
        data_bytes: on_its_way(data),
        memory_bytes: (4.0 * floats) as u64 + pictures_in_memory(data, samples),
    }
}
