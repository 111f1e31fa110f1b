//! A checkpoint of one training: where it stands, its weights and its optimiser's moments.

use std::collections::BTreeMap;

use kindling_protocol::knob::Knobs;
use kindling_protocol::model::Dtype;
use serde::{Deserialize, Serialize};

use super::container;
pub use super::container::ContainerError as CheckpointError;
use crate::nn::state::State;
use crate::nn::weights::{self, sha256_hex};

/// All that a run needs to go on as if it had never been cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub position: Position,
    pub model: State,
    pub optimiser: State,
}

/// Where a run stands. Everything else about its place follows from the step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Steps taken.
    pub step: u64,
    /// As the knob stands now; it may have been turned.
    pub learning_rate: f64,
    /// Sums since the last point of the curves: as read from the device, so they go on with the same bits.
    pub loss_sum: f32,
    pub right_sum: f32,
    pub sum_steps: u64,
}

/// Names a run: the same lab, knobs, seed and data (sha256 by part) give the same hash. So a run that began on a data
/// set never goes on with a stand-in for it.
pub fn config_hash(lab: &str, knobs: &Knobs, seed: u64, data: &BTreeMap<String, String>) -> String {
    let config = serde_json::to_string(&(lab, knobs, seed, data)).expect("plain data");
    sha256_hex(config.as_bytes())
}

pub fn write(checkpoint: &Checkpoint, config: &str) -> Vec<u8> {
    let (model, optimiser) = (weights::write(&checkpoint.model), weights::write(&checkpoint.optimiser));
    container::write(&checkpoint.position, config, &[("model", &model), ("optimiser", &optimiser)])
}

/// Reads a checkpoint of the run that `config` names. Every byte is covered by a sum.
pub fn read(bytes: &[u8], config: &str) -> Result<Checkpoint, CheckpointError> {
    let (position, parts) = container::read(bytes, config)?;
    let damaged = |detail: &str| CheckpointError::Damaged(detail.to_string());
    let part = |wanted: &str| {
        let found = parts.iter().find(|(name, _)| name == wanted);
        let (_, bytes) = found.ok_or_else(|| damaged(&format!("it has no `{wanted}`")))?;
        weights::read(bytes, Dtype::F32).map_err(|error| damaged(&error.to_string()))
    };
    Ok(Checkpoint { model: part("model")?, optimiser: part("optimiser")?, position })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::state::Values;

    fn checkpoint() -> Checkpoint {
        let values = Values { shape: vec![2, 1], values: vec![0.1, -2.5] };
        Checkpoint {
            position: Position { step: 17, learning_rate: 0.1 + 0.2, loss_sum: 0.3, right_sum: 5.0, sum_steps: 7 },
            model: [("a.weight".to_string(), values.clone())].into(),
            optimiser: [("a.weight/first".to_string(), values)].into(),
        }
    }

    #[test]
    fn it_comes_back_bit_for_bit() {
        let bytes = write(&checkpoint(), "c");
        assert_eq!(read(&bytes, "c").unwrap(), checkpoint());
        assert_eq!(read(&bytes, "d"), Err(CheckpointError::OtherRun));
        assert_eq!(read(b"{}", "c"), Err(CheckpointError::Foreign));
    }

    #[test]
    fn every_cut_and_every_flipped_bit_is_noticed() {
        let bytes = write(&checkpoint(), "c");
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length], "c").is_err(), "{length} of {} bytes were taken", bytes.len());
        }
        for index in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[index] ^= 1 << (index % 8);
            assert!(read(&flipped, "c").is_err(), "a flipped bit in byte {index} was not noticed");
        }
    }

    #[test]
    fn runs_differ_by_lab_knobs_seed_and_data() {
        let hash = |lab: &str, seed: u64, sum: &str| {
            config_hash(lab, &Knobs::default(), seed, &[("mnist/train-images".to_string(), sum.to_string())].into())
        };
        let base = hash("digits", 1, "0a");
        assert_eq!(base, hash("digits", 1, "0a"));
        assert_ne!(base, hash("digits", 2, "0a"));
        assert_ne!(base, hash("other", 1, "0a"));
        assert_ne!(base, hash("digits", 1, "0b"));
        assert_ne!(base, config_hash("digits", &Knobs::default(), 1, &BTreeMap::new()));
    }
}
