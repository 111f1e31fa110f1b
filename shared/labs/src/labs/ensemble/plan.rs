//! From knobs to members and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;
use kindling_protocol::model::Architecture;

use crate::data::mnist::{CLASSES, SIDE};
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::nn::model;

/// Network and seed of one member, and whether it has a share of the data of its own.
#[derive(Clone, Debug)]
pub struct Member {
    pub architecture: Architecture,
    pub seed: u64,
    pub bootstrap: bool,
}

/// The members of a run whose data have `inputs` numbers a row and so many classes.
pub fn members(knobs: &Knobs, run_seed: u64, inputs: usize, classes: usize) -> Vec<Member> {
    let diversity = knobs.word("diversity");
    let member = |place: usize| Member {
        architecture: architecture(knobs, if diversity == "architecture" { place } else { 0 }, inputs, classes),
        // Seeds of runs are below 2^53: those of members are nobody else's.
        seed: if diversity == "none" { run_seed } else { run_seed | (place as u64) << 53 },
        bootstrap: diversity == "bagging",
    };
    (0..knobs.count("members")).map(member).collect()
}

/// The first is the plain one. The second, on pictures, has convolutions.
fn architecture(knobs: &Knobs, place: usize, inputs: usize, classes: usize) -> Architecture {
    let (width, classes) = (knobs.count("width") as u32, classes as u32);
    let mlp =
        |hidden: &[u32]| Architecture::Mlp { inputs: inputs as u32, hidden: hidden.to_vec(), classes, dropout: 0.0 };
    let convolutions = Architecture::Cnn {
        side: SIDE as u32,
        channels: vec![8, 32],
        kernel: 5,
        stride: 2,
        dense: width,
        classes,
        dropout: 0.0,
    };
    match place % 4 {
        1 if table(knobs).is_none() => convolutions,
        1 => mlp(&[2 * width, width]),
        2 => mlp(&[width, width]),
        3 => mlp(&[2 * width]),
        _ => mlp(&[width]),
    }
}

/// Of the tables that the knob `data` offers: rows to learn from, inputs, classes.
const TABLES: [(&str, usize, usize, usize); 2] = [
    // One of its columns is a category that is spread out.
    ("wine-quality", 3_500, 13, 7),
    // A guess: nobody knows it before it is read.
    ("own", 3_500, 20, 2),
];
/// The table that is learnt from, if it is no pictures.
fn table(knobs: &Knobs) -> Option<(&'static str, usize, usize, usize)> {
    TABLES.into_iter().find(|(name, ..)| *name == knobs.word("data"))
}

pub fn cost(knobs: &Knobs) -> Cost {
    let (_, rows, inputs, classes) = table(knobs).unwrap_or(("", usize::MAX, SIDE * SIDE, CLASSES));
    let samples = knobs.count("samples").min(rows);
    let sizes: Vec<model::Size> =
        members(knobs, 0, inputs, classes).iter().map(|member| model::size(&member.architecture)).collect();
    let (count, epochs) = (sizes.len() as u64, knobs.count("epochs") as u64);
    let batch = knobs.count("batch").min(samples);
    let seen = epochs * samples as u64;
    let sum = |of: fn(&model::Size) -> f64| sizes.iter().map(of).sum::<f64>();
    let data_bytes = on_its_way(knobs.word("data"));
    let files = match table(knobs) {
        Some(_) => 4 * data_bytes,
        None => pictures_in_memory(knobs.word("data"), samples),
    };
    // As numbers, and what one member drew of them.
    let rows = (2 * samples * inputs * size_of::<f32>()) as u64;
    Cost {
        steps: count * epochs * (samples / batch) as u64,
        samples: count * seen,
        // Forward, and twice as much backward. A multiply-add is two.
        flops: 6.0 * sum(|size| size.multiply_adds) * seen as f64,
        parameters: sum(|size| size.parameters) as u64,
        data_bytes,
        memory_bytes: (24.0 * sum(|size| size.parameters)) as u64 + files + rows,
    }
}
