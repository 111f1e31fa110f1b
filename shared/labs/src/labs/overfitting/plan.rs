//! From knobs to networks, plans and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;
use kindling_protocol::model::{Architecture, InputSpec};

use super::penalty::Decay;
use crate::data::idx::Digits;
use crate::data::mnist::{CLASSES, SIDE, Wanted};
use crate::data::random;
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::nn::model;
use crate::train::batch::Feed;
use crate::train::optimiser::Rule;
use crate::train::run_loop::{LEARNING_RATE, Plan};
use crate::train::schedule::Schedule;

/// The last pictures of the training half: enough that the gap is no accident of theirs.
const VALIDATION: usize = 5_000;
const BATCH: usize = 32;

/// Hidden units of the sweep. The smallest can't learn all samples by heart, the greatest could many times over.
pub const SWEEP: [u32; 11] = [2, 4, 6, 8, 11, 16, 24, 40, 80, 160, 320];

pub fn wanted(knobs: &Knobs) -> Wanted<'_> {
    Wanted { set: knobs.word("data"), train: knobs.count("samples"), validation: VALIDATION, test: usize::MAX }
}

/// Mean and deviation of all training pixels of MNIST.
pub fn input() -> InputSpec {
    InputSpec::Ink { height: SIDE as u32, width: SIDE as u32, ink_box: 20, mean: 0.1307, std: 0.3081 }
}

pub fn architecture(knobs: &Knobs, width: u32) -> Architecture {
    let (inputs, classes, dropout) = ((SIDE * SIDE) as u32, CLASSES as u32, knobs.number("dropout") as f32);
    Architecture::Mlp { inputs, hidden: vec![width], classes, dropout }
}

/// To look at a training costs more than an epoch of a thousand pictures. Early stopping must look after each.
const LOOKS: u64 = 50;

/// How often a training is looked at.
pub fn looks(knobs: &Knobs) -> u64 {
    let epochs = knobs.count("epochs") as u64;
    if knobs.flag("stop") { epochs } else { epochs.min(LOOKS) }
}

/// `validations` is how often the training is looked at.
pub fn plan(knobs: &Knobs, decay: Decay, validations: u64) -> Plan {
    Plan {
        epochs: knobs.count("epochs") as u64,
        batch: BATCH,
        rule: Rule::adam(decay.decoupled()),
        schedule: Schedule::Cosine { warm_up: 0.0 },
        learning_rate: knobs.number(LEARNING_RATE),
        smoothing: 0.0,
        read_every: u64::MAX,
        validations,
    }
}

/// The training pictures, a share of them with another label than their own.
pub struct Noisy(pub Digits);

impl Noisy {
    /// Which labels are wrong, and how, is decided by the seed and the picture's place.
    pub fn new(mut digits: Digits, share: f64, seed: u64) -> Self {
        for (index, label) in digits.labels.iter_mut().enumerate() {
            let mut random = random::stream(seed, "label noise", 0, index as u64);
            if random.chance(share as f32) {
                *label = (*label + 1 + random.below(CLASSES as u32 - 1) as u8) % CLASSES as u8;
            }
        }
        Noisy(digits)
    }
}

impl Feed for Noisy {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn sample(&self, _: u64, index: u32) -> (Vec<u8>, u8) {
        (self.0.image(index as usize).to_vec(), self.0.labels[index as usize])
    }
}

/// Widths of all trainings of a run, in their order.
pub fn widths(knobs: &Knobs) -> Vec<u32> {
    let mut widths = vec![knobs.count("width") as u32];
    // Without decay there is no other place for it.
    if knobs.number("decay") > 0.0 {
        widths.push(widths[0]);
    }
    if knobs.flag("sweep") {
        widths.extend(SWEEP);
    }
    widths
}

pub fn cost(knobs: &Knobs) -> Cost {
    let plan = plan(knobs, Decay::of(knobs), 1);
    let samples = knobs.count("samples");
    let widths = widths(knobs);
    let each = plan.epochs * samples as u64;
    let sizes = widths.iter().map(|&width| model::size(&architecture(knobs, width)));
    let size = model::size(&architecture(knobs, widths[0]));
    let data = knobs.word("data");
    let floats = size.parameters * (3 + plan.rule.moments()) as f64 + size.activations * plan.batch as f64 * 2.0;
    Cost {
        steps: plan.steps(samples) * widths.len() as u64,
        samples: each * widths.len() as u64,
        // Forward, and twice as much backward. A multiply-add is two.
        flops: sizes.map(|size| 6.0 * size.multiply_adds * each as f64).sum(),
        parameters: size.parameters as u64,
        data_bytes: on_its_way(data),
        memory_bytes: (4.0 * floats) as u64 + pictures_in_memory(data, samples),
    }
}
