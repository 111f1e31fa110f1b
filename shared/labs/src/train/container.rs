//! Several parts in one set of bytes that is whole or refused.
//!
//! Eight bytes that say what this is, the sha256 of the head, its length, the head as JSON, and the parts one after
//! another. The head holds each part's length and sha256, and a hash of the run's configuration.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::nn::weights::sha256_hex;

/// Why a set of bytes can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContainerError {
    #[error("it is no checkpoint")]
    Foreign,
    #[error("it is cut short or damaged: {0}")]
    Damaged(String),
    #[error("it was written by another version (format {0}, expected {FORMAT})")]
    Format(u32),
    #[error("it belongs to a run with another lab, knobs, seed or data")]
    OtherRun,
}

#[derive(Serialize, Deserialize)]
struct Head<P> {
    format: u32,
    config: String,
    position: P,
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    name: String,
    bytes: u64,
    sha256: String,
}

const MAGIC: &[u8; 8] = b"KINDLING";
const FORMAT: u32 = 1;
/// sha256 as hex, then the length of the head as u32.
const PREFIX: usize = 8 + 64 + 4;

/// `position` says where the run that `config` names stands.
pub fn write(position: &impl Serialize, config: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let describe = |(name, bytes): &(&str, &[u8])| Part {
        name: name.to_string(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    };
    let head =
        Head { format: FORMAT, config: config.to_string(), position, parts: parts.iter().map(describe).collect() };
    let head = serde_json::to_vec(&head).expect("plain data");
    let mut bytes = MAGIC.to_vec();
    bytes.extend(sha256_hex(&head).as_bytes());
    bytes.extend((head.len() as u32).to_le_bytes());
    bytes.extend(&head);
    parts.iter().for_each(|(_, part)| bytes.extend(*part));
    bytes
}

/// A position, and parts by name.
pub type Contents<'a, P> = (P, Vec<(String, &'a [u8])>);

/// The position and the parts, borrowed from `bytes`. Every byte is covered by a sum.
pub fn read<'a, P: DeserializeOwned>(bytes: &'a [u8], config: &str) -> Result<Contents<'a, P>, ContainerError> {
    let damaged = |detail: &str| ContainerError::Damaged(detail.to_string());
    if !bytes.starts_with(MAGIC) {
        return Err(ContainerError::Foreign);
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
    let head: Head<P> = serde_json::from_slice(head).map_err(|error| damaged(&error.to_string()))?;
    if head.format != FORMAT {
        return Err(ContainerError::Format(head.format));
    }
    if head.config != config {
        return Err(ContainerError::OtherRun);
    }
    let mut parts = Vec::new();
    for Part { name, bytes, sha256 } in head.parts {
        let (part, after) =
            rest.split_at_checked(bytes as usize).ok_or_else(|| damaged(&format!("it ends in `{name}`")))?;
        if sha256_hex(part) != sha256 {
            return Err(damaged(&format!("the sum of `{name}` is wrong")));
        }
        rest = after;
        parts.push((name, part));
    }
    if rest.is_empty() { Ok((head.position, parts)) } else { Err(damaged("it has too many bytes")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::random;

    #[test]
    fn numbers_of_a_position_keep_their_last_bit() {
        let mut random = random::stream(5, "positions", 0, 0);
        let mut any = || f64::from_bits(u64::from(random.bits()) << 32 | u64::from(random.bits()));
        let numbers: Vec<f64> = (0..2_000).map(|_| any()).filter(|number| number.is_finite()).collect();
        let bytes = write(&numbers, "of this run", &[]);
        let (back, _) = read::<Vec<f64>>(&bytes, "of this run").unwrap();
        assert!(
            numbers.len() > 1_000 && back.iter().zip(&numbers).all(|(one, other)| one.to_bits() == other.to_bits())
        );
    }
}
