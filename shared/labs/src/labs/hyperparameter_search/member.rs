//! One training: a configuration on all folds but one, judged on that one. A worker of the crew has the folds and does
//! one after another.

use std::future::ready;

use burn::tensor::Device;

use super::net::Net;
use super::problem::Problem;
use super::space::Config;
use crate::crew::{Member, pack, unpack};
use crate::host::LocalFuture;
use crate::train::rows::Rows;

struct Trainer {
    seed: u64,
    classes: usize,
    folds: Vec<(Rows, Rows)>,
}

/// What a worker has to know: the seed, how many classes and folds there are, and the folds.
pub fn setup(problem: &Problem, seed: u64) -> Vec<u8> {
    let mut numbers = vec![problem.classes as f32, problem.folds.len() as f32];
    for rows in problem.folds.iter().flat_map(|(train, judged)| [train, judged]) {
        numbers.extend([rows.width as f32, rows.labels.len() as f32]);
        numbers.extend(rows.labels.iter().map(|&label| label as f32));
        numbers.extend(&rows.inputs);
    }
    [seed.to_le_bytes().to_vec(), pack(&numbers)].concat()
}

pub fn join(_: Device, setup: &[u8]) -> Box<dyn Member> {
    let (seed, rest) = setup.split_first_chunk().expect("a seed");
    let mut numbers = unpack(rest).into_iter();
    let mut take = |count: usize| -> Vec<f32> { numbers.by_ref().take(count).collect() };
    let head = take(2);
    let mut rows = || {
        let size = take(2);
        let (width, count) = (size[0] as usize, size[1] as usize);
        let labels = take(count).into_iter().map(|label| label as u32).collect();
        Rows { labels, inputs: take(count * width), width }
    };
    let folds = (0..head[1] as usize).map(|_| (rows(), rows())).collect();
    Box::new(Trainer { seed: u64::from_le_bytes(*seed), classes: head[0] as usize, folds })
}

pub fn ask(config: &Config, epochs: u64, fold: usize) -> Vec<u8> {
    let mut numbers = vec![fold as f32, epochs as f32];
    // A network takes its hyperparameters in this precision.
    numbers.extend(config.map(|value| value as f32));
    pack(&numbers)
}

/// The accuracy on the fold.
pub fn answered(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(*bytes.first_chunk().expect("a number"))
}

impl Member for Trainer {
    fn answer(&self, ask: Vec<u8>) -> LocalFuture<'_, Vec<u8>> {
        let numbers = unpack(&ask);
        let (train, judged) = &self.folds[numbers[0] as usize];
        let config: Config = std::array::from_fn(|place| f64::from(numbers[2 + place]));
        let net = Net::train(train, self.classes, &config, numbers[1] as u64, self.seed);
        Box::pin(ready(net.accuracy(judged).to_le_bytes().to_vec()))
    }
}
