//! The data: MNIST, or generated drawings where it is not at hand or not wanted.

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::knob::Knobs;

use crate::data::generator;
use crate::data::idx::Digits;
use crate::data::mnist::{self, Unusable};
use crate::host::{Interrupt, Run};

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
/// Generated drawings are made before the first step, so there are fewer.
const GENERATED_TRAINING: usize = 10_000;
const DRAWINGS: usize = 1_000;
/// Above every seed that a run can have.
const VALIDATION_SEED: u64 = (1 << 60) + 1;
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
            let mut sums = BTreeMap::new();
            let train = mnist::half(run.host, "mnist", "train", &mut sums).await;
            match (train, mnist::half(run.host, "mnist", "test", &mut sums).await) {
                (Ok(train), Ok(test)) => return Ok(Self::of_mnist(&run.knobs, train, test, drawings, sums)),
                (Err(Unusable::Missing), _) | (_, Err(Unusable::Missing)) => {
                    run.host.emit(EventBody::Note { text: mnist::STAND_IN }).await?;
                }
                (Err(Unusable::Damaged(detail)), _) | (_, Err(Unusable::Damaged(detail))) => {
                    return Err(mnist::damaged(&detail));
                }
            }
        }
        let count = run.knobs.count("samples").min(GENERATED_TRAINING);
        Ok(Sets {
            train: generator::digits(run.seed, count),
            validation: generator::digits(VALIDATION_SEED, HELD_OUT),
            test: generator::digits(mnist::TEST_SEED, mnist::GENERATED_TEST),
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
