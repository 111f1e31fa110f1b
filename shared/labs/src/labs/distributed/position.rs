//! Where a run stands, and its checkpoints.

use serde::{Deserialize, Serialize};

use super::replica::Worker;
use crate::host::Interrupt;
use crate::train::container;
use crate::train::run_loop::unfit;

/// All that a run needs to go on, besides the weights.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Position {
    pub step: u64,
    /// Of one worker, as the knob stands now.
    pub learning_rate: f64,
    /// Losses since the last point: of the replicas, the large batch and the one worker.
    pub losses: [f32; 3],
    /// Samples seen, and the three losses there.
    pub history: Vec<[f32; 4]>,
    /// Milliseconds of the last steps: each replica's, then the large batch's. None where the host has no clock.
    pub times: Vec<Vec<f64>>,
    /// Of steps that were timed as a whole: how many workers computed, and the milliseconds of the replicas side by side
    /// and of the large batch alone.
    pub walls: Vec<[f64; 3]>,
    /// Bytes that one replica has sent.
    pub sent: u64,
    /// Of the last all-reduce, by the network of the knobs.
    pub ring_ms: f64,
}

pub fn checkpoint(position: &Position, workers: &[Worker], config: &str) -> Vec<u8> {
    let values = workers.iter().flat_map(|worker| worker.weights.iter().chain(&worker.unsent).chain(&worker.velocity));
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    container::write(position, config, &[("workers", &bytes)])
}

/// `workers` say how many there are, and how large.
pub fn resume(bytes: &[u8], config: &str, mut workers: Vec<Worker>) -> Result<(Position, Vec<Worker>), Interrupt> {
    let (position, parts) = container::read(bytes, config).map_err(|error| unfit(&error))?;
    let mut words = parts.iter().flat_map(|(_, part)| part.chunks_exact(4));
    for worker in &mut workers {
        for value in worker.weights.iter_mut().chain(&mut worker.unsent).chain(&mut worker.velocity) {
            let word = words.next().ok_or_else(|| unfit(&"it has too few weights"))?;
            *value = f32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        }
    }
    Ok((position, workers))
}
