//! CIFAR-10 as labs take it: as published, or as JPEG where only that is at hand, or generated pictures where neither is.
//!
//! A part has 10,000 pictures: `train-1` to `train-5` and `test`. A lab asks for as many as it learns from, so it need
//! not be sent all.

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::text::{Text, text};
use sha2::{Digest, Sha256};

use super::colours;
use super::mnist::{GENERATED_TEST, TEST_SEED, Unusable, damaged};
use crate::host::{DataError, Host, Interrupt};

/// Height and width.
pub const SIDE: usize = 32;
/// Bytes of a picture: its red, its green and its blue plane, row by row.
pub const SIZE: usize = 3 * SIDE * SIDE;
pub const CLASSES: usize = 10;
/// Pictures of a part.
pub const PART: usize = 10_000;
const TRAINING_PARTS: usize = 5;

/// The pictures as published, and as JPEG.
const EDITIONS: [&str; 2] = ["cifar10", "cifar10-jpeg"];

/// Colour pictures with a label each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pictures {
    /// [`SIZE`] bytes each.
    pub pixels: Vec<u8>,
    pub labels: Vec<u8>,
}

impl Pictures {
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Adds the first `most` records of a part: label, then planes.
    fn extend(&mut self, part: &[u8], most: usize) -> Result<(), CifarError> {
        let (records, rest) = part.as_chunks::<{ 1 + SIZE }>();
        if !rest.is_empty() || records.is_empty() || records.len() > PART {
            return Err(CifarError::Length { bytes: part.len() });
        }
        for (index, [label, pixels @ ..]) in records.iter().enumerate().take(most) {
            if usize::from(*label) >= CLASSES {
                return Err(CifarError::Label { index, label: *label });
            }
            self.labels.push(*label);
            self.pixels.extend_from_slice(pixels);
        }
        Ok(())
    }
}

/// Why a part was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CifarError {
    #[error("has {bytes} bytes, expected up to {} records of {}", PART, 1 + SIZE)]
    Length { bytes: usize },
    #[error("label {index} is {label}, expected less than {}", CLASSES)]
    Label { index: usize, label: u8 },
}

/// Two parts that share no picture.
#[derive(Clone, Debug)]
pub struct Sets {
    pub train: Pictures,
    pub test: Pictures,
    /// `cifar10`, `cifar10-jpeg` or `generated-colour`.
    pub source: &'static str,
    /// sha256 by part of what was read.
    pub sums: BTreeMap<String, String>,
}

pub const AS_JPEG: Text = text(
    "The pictures are those of CIFAR-10 (JPEG): compressed again, so their pixels and all figures differ a little from CIFAR-10's.",
    "使用的是 CIFAR-10（JPEG）：图片经过再次压缩，像素与原版略有不同，所得结果也会略有出入。",
);

pub const STAND_IN: Text = text(
    "CIFAR-10 is not at hand, so generated colour pictures of ten kinds serve instead. They are easier: figures are not comparable.",
    "没有可用的 CIFAR-10，改用程序生成的十类彩色图片。它们更容易识别，因此结果不可比较。",
);

/// So many pictures from the front of both halves; generated ones if `set` is not `cifar10`, or if it is not at hand.
/// Says so where JPEGs or generated pictures stand in.
pub async fn sets(host: &dyn Host, seed: u64, set: &str, train: usize, test: usize) -> Result<Sets, Interrupt> {
    if set == EDITIONS[0] {
        for source in EDITIONS {
            let mut sums = BTreeMap::new();
            let halves = match half(host, source, "test", test, &mut sums).await {
                Ok(test) => half(host, source, "train", train, &mut sums).await.map(|train| (train, test)),
                Err(unusable) => Err(unusable),
            };
            match halves {
                Ok((train, test)) => {
                    if source != EDITIONS[0] {
                        host.emit(EventBody::Note { text: AS_JPEG }).await?;
                    }
                    return Ok(Sets { train, test, source, sums });
                }
                Err(Unusable::Damaged(detail)) => return Err(damaged(&detail)),
                Err(Unusable::Missing) => {}
            }
        }
        host.emit(EventBody::Note { text: STAND_IN }).await?;
    }
    Ok(Sets {
        train: colours::pictures(seed, train),
        test: colours::pictures(TEST_SEED, test.min(GENERATED_TEST)),
        source: "generated-colour",
        sums: BTreeMap::new(),
    })
}

/// Pictures from the front of `train` or `test`.
async fn half(
    host: &dyn Host,
    set: &str,
    half: &str,
    count: usize,
    sums: &mut BTreeMap<String, String>,
) -> Result<Pictures, Unusable> {
    let mut pictures = Pictures::default();
    let parts = if half == "test" { 1 } else { TRAINING_PARTS };
    for number in 1..=parts.min(count.div_ceil(PART)) {
        let part = if half == "test" { format!("{set}/test") } else { format!("{set}/train-{number}") };
        let bytes = host.data(&part).await.map_err(|error| match error {
            DataError::Missing(_) => Unusable::Missing,
            damaged => Unusable::Damaged(damaged.to_string()),
        })?;
        let left = count - pictures.len();
        pictures.extend(&bytes, left).map_err(|error| Unusable::Damaged(format!("`{part}` {error}")))?;
        sums.insert(part, format!("{:x}", Sha256::digest(&bytes)));
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestHost;

    /// Records with labels that count up from `first`.
    fn part(first: u8, count: u8) -> Vec<u8> {
        (0..count).flat_map(|index| [vec![(first + index) % 10], vec![first + index; SIZE]].concat()).collect()
    }

    fn host(files: &[(&str, Vec<u8>)]) -> TestHost {
        let files = files.iter().map(|(name, bytes)| (name.to_string(), bytes.clone())).collect();
        TestHost { files, ..TestHost::default() }
    }

    fn load(host: &TestHost, train: usize, test: usize) -> Result<Sets, Interrupt> {
        pollster::block_on(sets(host, 5, "cifar10", train, test))
    }

    #[test]
    fn only_the_parts_that_are_needed_are_read() {
        let host = host(&[("cifar10/train-1", part(3, 9)), ("cifar10/test", part(40, 4))]);
        let sets = load(&host, 6, 2).expect("it is here");
        assert_eq!(sets.train.labels, [3, 4, 5, 6, 7, 8]);
        assert_eq!(sets.train.pixels[5 * SIZE..], [8; SIZE]);
        assert_eq!((sets.test.labels, sets.source), (vec![0, 1], "cifar10"));
        assert_eq!(sets.sums.keys().collect::<Vec<_>>(), ["cifar10/test", "cifar10/train-1"]);
        assert!(host.events.take().is_empty());
    }

    #[test]
    fn jpegs_and_generated_pictures_stand_in_and_it_is_said() {
        let with_jpegs = host(&[("cifar10-jpeg/train-1", part(3, 9)), ("cifar10-jpeg/test", part(40, 4))]);
        assert_eq!(load(&with_jpegs, 6, 2).expect("JPEGs").source, "cifar10-jpeg");
        assert_eq!(with_jpegs.events.take(), [EventBody::Note { text: AS_JPEG }]);

        let empty = host(&[]);
        let sets = load(&empty, 30, 20).expect("generated");
        assert_eq!((sets.train.len(), sets.test.len(), sets.source), (30, 20, "generated-colour"));
        assert_eq!(empty.events.take(), [EventBody::Note { text: STAND_IN }]);
        assert_ne!(sets.train.pixels[..SIZE], sets.test.pixels[..SIZE]);
    }

    #[test]
    fn a_part_that_is_cut_or_names_no_class_is_named() {
        let spoiled = |change: fn(&mut Vec<u8>)| {
            let mut bytes = part(3, 9);
            change(&mut bytes);
            match load(&host(&[("cifar10/train-1", bytes), ("cifar10/test", part(0, 4))]), 9, 2) {
                Err(Interrupt::Fail { detail, .. }) => detail.expect("what is wrong"),
                other => panic!("{other:?}"),
            }
        };
        assert!(
            spoiled(|bytes| {
                bytes.pop();
            })
            .contains("`cifar10/train-1` has 27656 bytes")
        );
        assert!(spoiled(|bytes| bytes.clear()).contains("has 0 bytes"));
        assert!(spoiled(|bytes| bytes[2 * (1 + SIZE)] = 10).contains("label 2 is 10"));
    }
}
