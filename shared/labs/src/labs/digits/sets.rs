//! The data: MNIST, or generated drawings where it is not at hand or not wanted.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::input::Picture;
use kindling_protocol::knob::Knobs;
use kindling_protocol::text::{Text, text};

use super::CLASSES;
use super::plan::SIDE;
use crate::data::idx::Digits;
use crate::data::{generator, random};
use crate::host::{DataError, Host, Interrupt, Run};
use crate::nn::weights::sha256_hex;

/// What a run learns from and is judged by.
pub struct Sets {
    pub train: Digits,
    /// Held out of training; thresholds are chosen on it.
    pub validation: Digits,
    /// Looked at once, at the end.
    pub test: Digits,
    /// Drawings of a seed that no training draws from.
    pub drawings: Digits,
    /// `mnist` or `generated`.
    pub source: &'static str,
    pub validation_source: &'static str,
    /// sha256 by part.
    pub sums: BTreeMap<String, String>,
}

/// The last pictures of the training set are held out, unless training takes them too.
const HELD_OUT: usize = 2_000;
const TRAINING: usize = 60_000;
/// Generated drawings are made before the first step, so there are fewer.
const GENERATED_TRAINING: usize = 10_000;
const GENERATED_TEST: usize = 2_000;
const DRAWINGS: usize = 1_000;
/// Above every seed that a run can have.
const VALIDATION_SEED: u64 = (1 << 60) + 1;
const TEST_SEED: u64 = (1 << 60) + 2;
const DRAWINGS_SEED: u64 = (1 << 60) + 3;

/// Training samples an epoch.
pub fn training_count(knobs: &Knobs) -> usize {
    let wanted = knobs.count("samples");
    if knobs.word("data") == "mnist" { wanted } else { wanted.min(GENERATED_TRAINING) }
}

impl Sets {
    pub async fn load(run: &Run<'_>) -> Result<Sets, Interrupt> {
        let drawings = generator::digits(DRAWINGS_SEED, DRAWINGS);
        if run.knobs.word("data") == "mnist" {
            let (mut sums, train, test) = (BTreeMap::new(), "train", "test");
            match (mnist(run.host, train, &mut sums).await, mnist(run.host, test, &mut sums).await) {
                (Ok(train), Ok(test)) => return Ok(Self::of_mnist(&run.knobs, train, test, drawings, sums)),
                (Err(Unusable::Missing), _) | (_, Err(Unusable::Missing)) => {
                    run.host.emit(EventBody::Note { text: STAND_IN }).await?;
                }
                (Err(Unusable::Damaged(detail)), _) | (_, Err(Unusable::Damaged(detail))) => {
                    return Err(damaged(&detail));
                }
            }
        }
        let count = run.knobs.count("samples").min(GENERATED_TRAINING);
        Ok(Sets {
            train: generator::digits(run.seed, count),
            validation: generator::digits(VALIDATION_SEED, HELD_OUT),
            test: generator::digits(TEST_SEED, GENERATED_TEST),
            drawings,
            source: "generated",
            validation_source: "generated/validation",
            sums: BTreeMap::new(),
        })
    }

    fn of_mnist(knobs: &Knobs, train: Digits, test: Digits, drawings: Digits, sums: BTreeMap<String, String>) -> Sets {
        let count = knobs.count("samples").min(train.len());
        let held_out = train.len().saturating_sub(HELD_OUT);
        let (validation, validation_source) = if count <= held_out {
            (train.pick(held_out..train.len()), "mnist/train, the last 2,000")
        } else {
            (generator::digits(VALIDATION_SEED, HELD_OUT), "generated/validation")
        };
        Sets { train: train.pick(0..count), validation, test, drawings, source: "mnist", validation_source, sums }
    }
}

const STAND_IN: Text = text(
    "MNIST is not at hand, so generated drawings of digits serve instead. They are easier: figures are not comparable.",
    "没有可用的 MNIST 数据，改用程序生成的手写数字。它们更容易识别，因此结果不可与 MNIST 比较。",
);

enum Unusable {
    Missing,
    Damaged(String),
}

/// One half of MNIST, `train` or `test`.
async fn mnist(host: &dyn Host, half: &str, sums: &mut BTreeMap<String, String>) -> Result<Digits, Unusable> {
    let mut files = Vec::new();
    for kind in ["images", "labels"] {
        let part = format!("mnist/{half}-{kind}");
        let bytes = host.data(&part).await.map_err(|error| match error {
            DataError::Missing(_) => Unusable::Missing,
            damaged => Unusable::Damaged(damaged.to_string()),
        })?;
        sums.insert(part, sha256_hex(&bytes));
        files.push(bytes);
    }
    let digits = Digits::from_idx(&files[0], &files[1], CLASSES as u8);
    let digits = digits.map_err(|error| Unusable::Damaged(format!("`mnist/{half}`: {error}")))?;
    if (digits.height, digits.width) != (SIDE, SIDE) || digits.len() > TRAINING {
        return Err(Unusable::Damaged(format!(
            "`mnist/{half}` has {} pictures of {}x{}",
            digits.len(),
            digits.height,
            digits.width
        )));
    }
    Ok(digits)
}

fn damaged(detail: &str) -> Interrupt {
    let text = text("The data can't be used: it is not what it should be.", "数据无法使用：内容与应有的不符。");
    Interrupt::Fail { code: FailureCode::Data, text, detail: Some(detail.to_string()) }
}

/// A test picture chosen by `seed`, or a generated drawing where there is no test set.
pub async fn sample(host: &dyn Host, seed: u64) -> Result<(Picture, String), Interrupt> {
    let mut random = random::stream(seed, "digits sample", 0, 0);
    let digits = match mnist(host, "test", &mut BTreeMap::new()).await {
        Ok(test) if !test.is_empty() => test.pick([random.below(test.len() as u32) as usize]),
        Err(Unusable::Damaged(detail)) => return Err(damaged(&detail)),
        _ => generator::digits(seed, 1),
    };
    Ok((picture(digits.image(0)), digits.labels[0].to_string()))
}

/// Test pictures by index, as the confusion matrix names them.
pub async fn samples(host: &dyn Host, indices: &[u32]) -> Result<Vec<Picture>, Interrupt> {
    let test = match mnist(host, "test", &mut BTreeMap::new()).await {
        Ok(test) => test,
        Err(Unusable::Damaged(detail)) => return Err(damaged(&detail)),
        Err(Unusable::Missing) => generator::digits(TEST_SEED, GENERATED_TEST),
    };
    let known = indices.iter().filter(|&&index| (index as usize) < test.len());
    Ok(known.map(|&index| picture(test.image(index as usize))).collect())
}

fn picture(image: &[u8]) -> Picture {
    Picture { height: SIDE as u32, width: SIDE as u32, channels: 1, pixels: BASE64.encode(image) }
}
