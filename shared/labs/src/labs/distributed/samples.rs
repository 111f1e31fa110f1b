//! What the replicas learn from: digits, or the colour pictures of CIFAR-10.

use std::collections::BTreeMap;

use crate::data::cifar::{self, Pictures};
use crate::data::idx::Digits;
use crate::data::mnist::{self, Wanted};
use crate::host::{Interrupt, Run};

use super::plan;

/// What a picture is, and how its bytes become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Digits,
    Colour,
}

impl Kind {
    /// By the knob `data`.
    pub fn of(data: &str) -> Kind {
        match data {
            "cifar10" | "generated-colour" => Kind::Colour,
            _ => Kind::Digits,
        }
    }

    /// Bytes of a picture, which are the inputs of the network.
    pub fn pixels(self) -> usize {
        match self {
            Kind::Digits => mnist::SIDE * mnist::SIDE,
            Kind::Colour => cifar::SIZE,
        }
    }

    /// Digits as everyone takes them, by the mean and deviation of MNIST. Colour from -1 to 1: at a deviation of 1 the
    /// brightness that all of 3,072 inputs share would leave room for smaller rates only.
    fn number(self, byte: u8) -> f32 {
        let level = f32::from(byte) / 255.0;
        match self {
            Kind::Digits => (level - 0.1307) / 0.3081,
            Kind::Colour => (level - 0.5) / 0.5,
        }
    }

    /// The same 256 numbers everywhere.
    pub fn numbers(self, bytes: &[u8]) -> Vec<f32> {
        let table: [f32; 256] = std::array::from_fn(|byte| self.number(byte as u8));
        bytes.iter().map(|&byte| table[usize::from(byte)]).collect()
    }
}

/// Pictures of one kind with a label each.
#[derive(Clone, Debug)]
pub struct Samples {
    pub kind: Kind,
    pub pixels: Vec<u8>,
    pub labels: Vec<u8>,
}

impl Samples {
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Those pictures, in that order.
    pub fn pick(&self, indices: impl IntoIterator<Item = usize>) -> Samples {
        let (size, mut picked) = (self.kind.pixels(), Samples { kind: self.kind, pixels: vec![], labels: vec![] });
        for index in indices {
            picked.pixels.extend_from_slice(&self.pixels[index * size..][..size]);
            picked.labels.push(self.labels[index]);
        }
        picked
    }
}

impl From<Digits> for Samples {
    fn from(Digits { images, labels, .. }: Digits) -> Self {
        Samples { kind: Kind::Digits, pixels: images, labels }
    }
}

impl From<Pictures> for Samples {
    fn from(Pictures { pixels, labels }: Pictures) -> Self {
        Samples { kind: Kind::Colour, pixels, labels }
    }
}

pub struct Sets {
    pub train: Samples,
    pub test: Samples,
    /// sha256 by part.
    pub sums: BTreeMap<String, String>,
}

impl Sets {
    pub async fn load(run: &Run<'_>) -> Result<Sets, Interrupt> {
        let (data, train) = (run.knobs.word("data"), plan::sample_count(&run.knobs));
        Ok(match Kind::of(data) {
            Kind::Digits => {
                let wanted = Wanted { set: data, train, validation: 0, test: usize::MAX };
                let sets = mnist::sets(run.host, run.seed, wanted).await?;
                Sets { train: sets.train.into(), test: sets.test.into(), sums: sets.sums }
            }
            Kind::Colour => {
                let sets = cifar::sets(run.host, run.seed, data, train, cifar::PART).await?;
                Sets { train: sets.train.into(), test: sets.test.into(), sums: sets.sums }
            }
        })
    }
}
