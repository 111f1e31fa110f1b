//! A checkpoint: one set of bytes that is whole or refused.
//!
//! Eight bytes that say what this is, the sha256 of the manifest, its length, the manifest as JSON, and the parts
//! one after another. The manifest holds each part's length and sha256, and a hash of the run's configuration.

use std::collections::BTreeMap;

use kindling_protocol::knob::Knobs;
use kindling_protocol::model::Dtype;
use serde::{Deserialize, Serialize};

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

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    config: String,
    position: Position,
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    name: String,
    bytes: u64,
    sha256: String,
}

/// Why a checkpoint can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("it is no checkpoint")]
    Foreign,
    #[error("it is cut short or damaged: {0}")]
    Damaged(String),
    #[error("it was written by another version (format {0}, expected {FORMAT})")]
    Format(u32),
    #[error("it belongs to a run with another lab, knobs, seed or data")]
    OtherRun,
}

const MAGIC: &[u8; 8] = b"KINDLING";
const FORMAT: u32 = 1;
/// sha256 as hex, then the length of the manifest as u32.
const PREFIX: usize = 8 + 64 + 4;
const PARTS: [&str; 2] = ["model", "optimiser"];

/// Names a run: the same lab, knobs, seed and data (sha256 by part) give the same hash. So a run that began on a data
/// set never goes on with a stand-in for it.
pub fn config_hash(lab: &str, knobs: &Knobs, seed: u64, data: &BTreeMap<String, String>) -> String {
    let config = serde_json::to_string(&(lab, knobs, seed, data)).expect("plain data");
    sha256_hex(config.as_bytes())
}

pub fn write(checkpoint: &Checkpoint, config: &str) -> Vec<u8> {
    let parts = [weights::write(&checkpoint.model), weights::write(&checkpoint.optimiser)];
    let describe = |(name, bytes): (&str, &Vec<u8>)| Part {
        name: name.to_string(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    };
    let head = Head {
        format: FORMAT,
        config: config.to_string(),
        position: checkpoint.position.clone(),
        parts: PARTS.into_iter().zip(&parts).map(describe).collect(),
    };
    let head = serde_json::to_vec(&head).expect("plain data");
    let mut bytes = MAGIC.to_vec();
    bytes.extend(sha256_hex(&head).as_bytes());
    bytes.extend((head.len() as u32).to_le_bytes());
    bytes.extend(&head);
    parts.iter().for_each(|part| bytes.extend(part));
    bytes
}

/// Reads a checkpoint of the run that `config` names. Every byte is covered by a sum.
pub fn read(bytes: &[u8], config: &str) -> Result<Checkpoint, CheckpointError> {
    let damaged = |detail: &str| CheckpointError::Damaged(detail.to_string());
    if !bytes.starts_with(MAGIC) {
        return Err(CheckpointError::Foreign);
    }
    if bytes.len() < PREFIX {
        return Err(damaged("it ends in its head"));
    }
    let (prefix, rest) = bytes.split_at(PREFIX);
    let length = u32::from_le_bytes([prefix[72], prefix[73], prefix[74], prefix[75]]) as usize;
    let (head, mut rest) = rest.split_at_checked(length).ok_or_else(|| damaged("it ends in its head"))?;
    if sha256_hex(head).as_bytes() != &prefix[8..72] {
        return Err(damaged("the sum of its head is wrong"));
    }
    let head: Head = serde_json::from_slice(head).map_err(|error| CheckpointError::Damaged(error.to_string()))?;
    if head.format != FORMAT {
        return Err(CheckpointError::Format(head.format));
    }
    if head.config != config {
        return Err(CheckpointError::OtherRun);
    }
    let mut states = Vec::new();
    for (part, name) in head.parts.iter().zip(PARTS) {
        let (bytes, after) =
            rest.split_at_checked(part.bytes as usize).ok_or_else(|| damaged(&format!("it ends in `{name}`")))?;
        if part.name != name || sha256_hex(bytes) != part.sha256 {
            return Err(damaged(&format!("the sum of `{name}` is wrong")));
        }
        rest = after;
        states.push(weights::read(bytes, Dtype::F32).map_err(|error| CheckpointError::Damaged(error.to_string()))?);
    }
    match (<[State; 2]>::try_from(states), rest) {
        (Ok([model, optimiser]), []) => Ok(Checkpoint { position: head.position, model, optimiser }),
        _ => Err(damaged("it has too few parts or too many bytes")),
    }
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
