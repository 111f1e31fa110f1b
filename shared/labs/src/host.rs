//! What a lab may ask of whoever runs it: data, a place for events and checkpoints, and the person's wishes.
//!
//! The browser's engine worker is one host, the server's worker process another, a test a third. A host
//! has the clock, so pauses, progress and the cadence of checkpoints are its business; a lab calls
//! [`Host::tick`] once a step and does what it is told.

use std::future::{Future, ready};
use std::pin::Pin;

use burn::tensor::Device;
use kindling_protocol::event::{EventBody, FailureCode, Progress};
use kindling_protocol::input::Picture;
use kindling_protocol::knob::{KnobValue, Knobs};
use kindling_protocol::lab::{Cost, LabSpec};
use kindling_protocol::model::Manifest;
use kindling_protocol::text::{Text, text};

use crate::crew::{Crew, JoinFn};
use crate::nn::model::Classifier;

/// Everything here runs on one thread, in a browser on the only one.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What a lab does for its host, unless it is interrupted.
pub type Outcome<'a, T> = LocalFuture<'a, Result<T, Interrupt>>;

/// A lab: what it is, what it takes, and how it runs. A plain value, so that the registry is a slice.
pub struct Lab {
    pub spec: fn() -> LabSpec,
    /// `knobs` are resolved: complete and in range, here and in `run`.
    pub cost: fn(&Knobs) -> Cost,
    pub run: for<'a> fn(Run<'a>) -> Outcome<'a, ()>,
    pub sample: SampleFn,
    pub samples: SamplesFn,
    /// Where the spec says that the lab looks at drawings.
    pub look: Option<LookFn>,
    /// Its part that workers do, where it gathers a crew.
    pub join: Option<JoinFn>,
    /// Members of its crew stand for machines: a host that has processes makes each of them one.
    pub apart: bool,
}

/// An example of the lab's data chosen by a seed, with its label; for a pad that wants one.
pub type SampleFn = for<'a> fn(&'a dyn Host, u64) -> Outcome<'a, (Picture, String)>;

/// Examples of a run's test set by index, as its confusion matrix names them. The knobs are the run's, resolved: they say
/// which data it was.
pub type SamplesFn = for<'a> fn(&'a dyn Host, &'a Knobs, &'a [u32]) -> Outcome<'a, Vec<Picture>>;

/// What the lab shows of a drawing: panels of its examination, and a note that tells the outcome.
pub type LookFn = for<'a> fn(Exhibit<'a>) -> Outcome<'a, Vec<EventBody>>;

/// A drawing and a model, for a lab to look at.
pub struct Exhibit<'a> {
    /// Without autodiff.
    pub model: &'a Classifier,
    pub manifest: &'a Manifest,
    /// As the model is shown it: one byte a pixel, before they are made numbers for it. There is ink on it.
    pub pixels: &'a [u8],
    /// Of the examination, resolved.
    pub knobs: &'a Knobs,
    /// Of whatever is left to chance.
    pub seed: u64,
    /// Ticked in what takes long, so that other questions are answered meanwhile.
    pub host: &'a dyn Host,
}

impl Lab {
    /// A lab that has no more than that.
    pub const fn new(
        spec: fn() -> LabSpec,
        cost: fn(&Knobs) -> Cost,
        run: for<'a> fn(Run<'a>) -> Outcome<'a, ()>,
    ) -> Lab {
        Lab {
            spec,
            cost,
            run,
            sample: |_, _| Box::pin(ready(Err(no_pictures()))),
            samples: |_, _, _| Box::pin(ready(Err(no_pictures()))),
            look: None,
            join: None,
            apart: false,
        }
    }

    /// A lab whose examples are pictures.
    pub const fn with_pictures(self, sample: SampleFn, samples: SamplesFn) -> Lab {
        Lab { sample, samples, ..self }
    }

    /// A lab that looks at the learner's own drawing, as its spec says.
    pub const fn with_drawing(self, look: LookFn) -> Lab {
        Lab { look: Some(look), ..self }
    }

    /// A lab that hands parts of its runs to workers.
    pub const fn with_crew(self, join: JoinFn) -> Lab {
        Lab { join: Some(join), ..self }
    }

    /// A lab whose workers stand for machines of their own.
    pub const fn apart(self) -> Lab {
        Lab { apart: true, ..self }
    }
}

fn no_pictures() -> Interrupt {
    let text = text("This lab has no pictures.", "这个实验没有图片。");
    Interrupt::Fail { code: FailureCode::Internal, text, detail: None }
}

/// One run of a lab.
pub struct Run<'a> {
    /// Without autodiff; a lab that trains calls `device.clone().autodiff()`.
    pub device: Device,
    pub knobs: Knobs,
    pub seed: u64,
    /// A checkpoint of this very run, as [`Host::checkpoint`] got it.
    pub resume: Option<Vec<u8>>,
    pub host: &'a dyn Host,
}

pub trait Host {
    /// The decompressed bytes of `set/part`, such as `mnist/train-images`.
    fn data<'a>(&'a self, part: &'a str) -> LocalFuture<'a, Result<Vec<u8>, DataError>>;

    /// Tells an event. Returns when it is stored or on its way.
    fn emit(&self, event: EventBody) -> LocalFuture<'_, Result<(), Interrupt>>;

    /// Called once a step, between steps: yields, pauses, steps, stops. What it returns is for the lab to do now.
    fn tick<'a>(&'a self, progress: &'a Progress) -> LocalFuture<'a, Result<Tick, Interrupt>>;

    /// Keeps a checkpoint, atomically. The bytes are one complete set.
    fn checkpoint(&self, step: u64, bytes: Vec<u8>) -> LocalFuture<'_, Result<(), Interrupt>>;

    /// Hands over the weights as they are, because [`Tick::snapshot`] asked or the run is done.
    fn snapshot(&self, model: Snapshot) -> LocalFuture<'_, Result<(), Interrupt>>;

    /// Milliseconds on a clock that only counts up, for a lab that measures its device; none where nothing is to be
    /// measured. What is computed must not depend on it.
    fn now_ms(&self) -> Option<f64>;

    /// What an earlier run [remembered](Host::remember) here under this name, as far as it is still there.
    fn recall<'a>(&'a self, name: &'a str) -> LocalFuture<'a, Option<Vec<u8>>>;

    /// Leaves something to later runs, in place of what was there under this name. It may be gone at any time, so it
    /// may save time and must not change what a run comes to. Small: it is kept for good.
    fn remember(&self, name: &str, bytes: Vec<u8>);

    /// Workers for a run of this lab, at least two and at most `most`; none where there are no cores to spare. Each
    /// joins on the CPU, with `setup`. Labs ask by [`crate::crew::gather`].
    fn crew<'a>(&'a self, lab: &Lab, most: usize, setup: &[u8]) -> Option<Box<dyn Crew + 'a>>;
}

/// What the host wants done at a step boundary.
#[derive(Debug, Default)]
pub struct Tick {
    /// Live knobs that were turned, already checked. A run that goes on is told them again, so one that stands where it
    /// is turned to is left alone.
    pub turned: Vec<(String, KnobValue)>,
    /// Write a checkpoint now. Never changes what the run computes.
    pub checkpoint: bool,
    /// Hand over the weights now. Never changes what the run computes.
    pub snapshot: bool,
    /// After the checkpoint that comes with it: end the run.
    pub stop: bool,
}

/// Weights on their way to the pad or the registry.
pub struct Snapshot {
    /// Its file references are filled in.
    pub manifest: Manifest,
    /// f32 safetensors.
    pub weights: Vec<u8>,
    /// safetensors with `inputs` (u8) and `logits` (f32).
    pub parity: Vec<u8>,
}

/// Why a run ends early.
#[derive(Debug, Clone)]
pub enum Interrupt {
    /// By request.
    Stop,
    /// `text` is whole without `detail`, which is for whoever looks closer and in no language of the page.
    Fail { code: FailureCode, text: Text, detail: Option<String> },
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum DataError {
    /// The host does not have it. A lab then uses its generated stand-in and says so.
    #[error("`{0}` is not here")]
    Missing(String),
    #[error("`{part}` is unusable: {detail}")]
    Damaged { part: String, detail: String },
}
