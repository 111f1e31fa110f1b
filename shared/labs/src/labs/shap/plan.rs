//! From knobs to sizes and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;

use super::coalition::EXACT;
use super::explain::{self, BEST, Method};
use super::net::Scale;
use crate::data::size::on_its_way;

/// Rows a training step takes.
pub const BATCH: usize = 128;
/// Explained rows that are held against exact values.
pub const CHECKED: usize = 20;
/// Coalitions at which KernelSHAP is held against exact values, to see how its error falls.
pub const BUDGETS: [usize; 9] = [10, 25, 50, 100, 250, 500, 1000, 2000, 4000];
/// Of the sets that the knob `data` offers: features, inputs about, classes.
const SIZES: [(&str, usize, usize, usize); 6] = [
    ("adult", 12, 87, 2),
    ("breast-cancer", 9, 10, 2),
    ("wine-quality", 12, 13, 2),
    ("mnist", 49, 784, 10),
    ("generated", 7, 9, 2),
    ("own", 12, 20, 2),
];

pub fn training_steps(knobs: &Knobs) -> u64 {
    knobs.count("steps") as u64
}

pub fn method(knobs: &Knobs) -> Method {
    match knobs.word("method") {
        "exact" => Method::Exact,
        "deep" => Method::Deep,
        _ => Method::Kernel(knobs.count("coalitions")),
    }
}

pub fn scale(knobs: &Knobs) -> Scale {
    if knobs.word("output") == "log-odds" { Scale::LogOdds } else { Scale::Probability }
}

/// Steps of each stage: training, the reference, the explanations, the errors by number of coalitions.
pub fn stages(knobs: &Knobs, explained: usize) -> [u64; 4] {
    let checked = explained.min(CHECKED);
    [training_steps(knobs), explain::steps(checked), explain::steps(explained), BUDGETS.len() as u64]
}

pub fn cost(knobs: &Knobs) -> Cost {
    let data = knobs.word("data");
    let sizes = SIZES.iter().find(|(name, ..)| *name == data).expect("the knob offers these");
    let (&(_, features, inputs, classes), data_bytes) = (sizes, on_its_way(data));
    let (explained, background) = (knobs.count("explained"), knobs.count("background"));
    let (hidden, parameters) = match knobs.word("model") {
        // It answers as a single unit does.
        "linear" => (1, (inputs + 1) * classes),
        _ => {
            let hidden = knobs.count("hidden");
            (hidden, (inputs + 1) * hidden + (hidden + 1) * classes)
        }
    };
    let coalitions = match method(knobs) {
        Method::Exact if features <= EXACT => 1 << features,
        Method::Exact => BEST,
        Method::Kernel(budget) => budget,
        Method::Deep => features,
    };
    let checks = BUDGETS.iter().sum::<usize>() + if features <= EXACT { 1 << features } else { BEST };
    let answers = background * (explained * coalitions + CHECKED * checks);
    let samples = training_steps(knobs) * BATCH as u64;
    Cost {
        steps: stages(knobs, explained).iter().sum(),
        samples,
        // A hidden unit of an answer: two sums, a bend and a product.
        flops: 6.0 * parameters as f64 * samples as f64 + 4.0 * (answers * hidden) as f64,
        parameters: parameters as u64,
        data_bytes,
        memory_bytes: 8 * data_bytes + 40_000 * inputs as u64 * 4 + (background * features * hidden * 4) as u64,
    }
}
