//! From knobs to a network, trainings and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;
use kindling_protocol::model::{Architecture, InputSpec};

use super::attack::Pgd;
use super::transform::Transform;
use super::{CLASSES, SIDE, exam};
use crate::data::mnist::Wanted;
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::nn::model;
use crate::train::schedule::Schedule;

pub const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.1 };

/// Pictures looked at on the way.
const VALIDATION: usize = 200;
/// Generated drawings are made before the first step, so there are fewer.
const GENERATED: usize = 10_000;

/// Mean and deviation of all training pixels of MNIST, as everyone uses them.
pub fn input() -> InputSpec {
    InputSpec::Ink { height: SIDE as u32, width: SIDE as u32, ink_box: 20, mean: 0.1307, std: 0.3081 }
}

pub fn architecture(knobs: &Knobs) -> Architecture {
    let (classes, dense) = (CLASSES as u32, knobs.count("width") as u32);
    match knobs.word("model") {
        "cnn" => Architecture::Cnn {
            side: SIDE as u32,
            channels: vec![dense / 16, dense / 4],
            kernel: 5,
            stride: 2,
            dense,
            classes,
            dropout: 0.0,
        },
        _ => Architecture::Mlp { inputs: (SIDE * SIDE) as u32, hidden: vec![dense], classes, dropout: 0.0 },
    }
}

/// What a training picture suffers before the network sees it.
#[derive(Clone, Copy, Debug)]
pub enum Defence {
    /// One full step from the picture itself (Goodfellow et al. 2014).
    Fgsm { eps: f64 },
    /// Steps from a random place near it (Madry et al. 2017).
    Pgd { attack: Pgd },
}

pub fn defence(knobs: &Knobs) -> Defence {
    let eps = knobs.number("eps");
    match knobs.word("defence") {
        "fgsm" => Defence::Fgsm { eps },
        // One step a quarter longer than the way: almost as good as many (Wong, Rice and Kolter 2020).
        "fast" => Defence::Pgd { attack: Pgd { step: 1.25 * eps, ..Pgd::new(eps, 1) } },
        _ => Defence::Pgd { attack: Pgd::new(eps, knobs.count("inner-steps")) },
    }
}

/// Gradients with respect to the pictures that a step of the defended training takes.
fn inner_steps(knobs: &Knobs) -> usize {
    match defence(knobs) {
        Defence::Fgsm { .. } => 1,
        Defence::Pgd { attack } => attack.steps,
    }
}

pub fn transform(knobs: &Knobs) -> Transform {
    match knobs.word("transform") {
        "blur" => Transform::Blur,
        _ => Transform::Quantise { levels: knobs.count("levels") },
    }
}

/// Times through the training set of the two undefended networks and of the defended one.
pub fn epochs(knobs: &Knobs) -> [u64; 3] {
    let plain = knobs.count("plain-epochs") as u64;
    [plain, plain, knobs.count("epochs") as u64]
}

/// Steps of each stage: three trainings and the exam.
pub fn steps(knobs: &Knobs, samples: usize) -> [u64; 4] {
    let a_time = samples.div_ceil(knobs.count("batch")) as u64;
    let [first, second, defended] = epochs(knobs).map(|epochs| epochs * a_time);
    [first, second, defended, exam::trials(knobs).len() as u64]
}

pub fn wanted(knobs: &Knobs) -> Wanted<'_> {
    Wanted { set: knobs.word("data"), train: samples(knobs), validation: VALIDATION, test: knobs.count("tested") }
}

fn samples(knobs: &Knobs) -> usize {
    let wanted = knobs.count("samples");
    if knobs.word("data") == "generated" { wanted.min(GENERATED) } else { wanted }
}

pub fn cost(knobs: &Knobs) -> Cost {
    let samples = samples(knobs);
    let size = model::size(&architecture(knobs));
    let [first, second, defended] = epochs(knobs).map(|epochs| epochs * samples as u64);
    let attacked = exam::gradients(knobs) as f64 * knobs.count("tested") as f64;
    // Forward, backward for the weights, backward for the inputs; an attack needs no slope of the weights.
    let passes =
        3.0 * (first + second + defended) as f64 + 2.0 * (inner_steps(knobs) as f64 * defended as f64 + attacked);
    let data = knobs.word("data");
    let floats = size.parameters * 6.0 + size.activations * knobs.count("batch") as f64 * 2.0;
    Cost {
        steps: steps(knobs, samples).iter().sum(),
        samples: first + second + defended,
        flops: 2.0 * size.multiply_adds * passes,
        parameters: size.parameters as u64,
        data_bytes: on_its_way(data),
        memory_bytes: (4.0 * floats) as u64 + pictures_in_memory(data, samples),
    }
}
