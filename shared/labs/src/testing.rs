//! The host of a lab under test: has the data it is given, keeps what it is told, and may cut the run off at a step.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;

use burn::tensor::Device;
use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::knob::{self, KnobValue, Knobs};
use kindling_protocol::model::{Architecture, Dtype, InputSpec, Manifest};
use kindling_protocol::predictions::PANEL;

use crate::crew::{Crew, Here};
use crate::host::{DataError, Exhibit, Host, Interrupt, Lab, LocalFuture, Run, Snapshot, Tick};
use crate::nn::model::Classifier;
use crate::nn::testing::manifest;
use crate::nn::weights;
use crate::train::run_loop::LEARNING_RATE;

#[derive(Default)]
pub(crate) struct TestHost {
    /// After a checkpoint.
    pub stop_at: Option<u64>,
    /// Knobs turned at a step.
    pub turn: RefCell<Vec<(u64, String, KnobValue)>>,
    pub checkpoint: RefCell<Option<Vec<u8>>>,
    pub snapshot: RefCell<Option<Snapshot>>,
    pub events: RefCell<Vec<EventBody>>,
    /// What it has of data, by part.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What its clock shows, which goes on by a millisecond each time it is read. None: it has no clock.
    pub clock: Cell<Option<f64>>,
    /// What runs left to later ones, by name.
    pub remembered: RefCell<BTreeMap<String, Vec<u8>>>,
    /// How many a crew is.
    pub crew: usize,
    /// Figures that the data of the run can't decide, and its report leaves out.
    pub unmeasured: &'static [&'static str],
    /// Those that a report may lack, because they are measured.
    pub unsaid: &'static [&'static str],
}

impl TestHost {
    pub fn that_stops_at(step: u64) -> Self {
        TestHost { stop_at: Some(step), ..TestHost::default() }
    }

    /// Runs the lab on the CPU to its end, or to where it is cut off. A report must name the figures of the spec, and the
    /// model that was handed over last; predictions must fit each other.
    pub fn run(&self, lab: &Lab, knobs: Knobs, resume: Option<Vec<u8>>) -> Result<(), Interrupt> {
        let whole = resume.is_none();
        pollster::block_on((lab.run)(Run { device: Device::flex(), knobs, seed: 7, resume, host: self }))?;
        let declared = (lab.spec)().figures.into_iter().map(|figure| figure.id.to_string());
        let declared: BTreeSet<String> = declared.filter(|id| !self.unmeasured.contains(&&id[..])).collect();
        let reported: BTreeSet<String> = self.figures().expect("a finished run reports").into_keys().collect();
        let said = declared.iter().filter(|id| reported.contains(*id) || !self.unsaid.contains(&id.as_str()));
        assert!(reported.iter().eq(said), "the report names {reported:?}, and the spec {declared:?}");
        let model = self.events.borrow().iter().rev().find_map(|event| match event {
            EventBody::Report { model, .. } => model.as_deref().cloned(),
            _ => None,
        });
        if let Some(model) = model.filter(|_| whole) {
            let handed = self.snapshot.borrow().as_ref().map(|snapshot| snapshot.manifest.clone());
            assert_eq!(handed, Some(model), "the run's model is the last that was handed over");
        }
        let told = self.events.borrow().iter().rev().find_map(|event| match event {
            EventBody::Predictions(predictions) if predictions.id == PANEL => Some(predictions.check()),
            _ => None,
        });
        let tells = (lab.spec)().panels.iter().any(|panel| panel.id == PANEL);
        // One that goes on may have told them before it was cut.
        assert!(
            told == tells.then_some(Ok(())) || told.is_none() && !whole,
            "{told:?}, with a panel for them: {tells}"
        );
        Ok(())
    }

    /// The figures of the report.
    pub fn figures(&self) -> Option<BTreeMap<String, f64>> {
        self.events.borrow().iter().find_map(|event| match event {
            EventBody::Report { figures, .. } => Some(figures.clone()),
            _ => None,
        })
    }
}

/// What the marks of a run say, and its report, where the learning rate is turned at a step.
pub(crate) fn turned(lab: &Lab, knobs: Knobs, step: u64, rate: f64) -> (Vec<String>, BTreeMap<String, f64>) {
    let turn = RefCell::new(vec![(step, LEARNING_RATE.to_string(), KnobValue::Number(rate))]);
    let host = TestHost { turn, ..TestHost::default() };
    host.run(lab, knobs, None).expect("runs");
    let mark = |event: &EventBody| match event {
        EventBody::Mark { text, .. } if text.en.starts_with("Learning rate") => Some(text.en.to_string()),
        _ => None,
    };
    let marks = host.events.borrow().iter().filter_map(mark).collect();
    (marks, host.figures().expect("a report"))
}

/// The lab's knobs, some of them changed.
pub(crate) fn knobs(lab: &Lab, changed: &[(&str, KnobValue)]) -> Knobs {
    let changed = Knobs(changed.iter().map(|(name, value)| (name.to_string(), value.clone())).collect());
    knob::resolve(&(lab.spec)().knobs, &changed).expect("knobs of this lab, in their ranges")
}

/// The lab's knobs for a small run: on generated data, with these numbers, some of it changed again.
pub(crate) fn small(lab: &Lab, numbers: &[(&str, f64)], changed: &[(&str, KnobValue)]) -> Knobs {
    let numbers = numbers.iter().map(|(name, value)| (*name, KnobValue::Number(*value)));
    let base = [("data", "generated".into())].into_iter().chain(numbers);
    knobs(lab, &base.chain(changed.iter().cloned()).collect::<Vec<_>>())
}

/// A host that has this table of the learner's own, and the knobs with it as their data.
pub(crate) fn with_table(csv: String, mut knobs: Knobs) -> (TestHost, Knobs) {
    let hash = "0a".repeat(32);
    let files = [(format!("own/{hash}"), csv.into_bytes())].into();
    knobs.0.extend([("data".to_string(), "own".into()), ("file".to_string(), KnobValue::Word(hash))]);
    (TestHost { files, ..TestHost::default() }, knobs)
}

/// A run of the lab from its beginning to its end.
pub(crate) fn ran(lab: &Lab, knobs: Knobs) -> TestHost {
    let host = TestHost::default();
    host.run(lab, knobs, None).expect("runs");
    host
}

/// A small untrained network for digits, with what its manifest says.
pub(crate) fn classifier(seed: u64) -> (Classifier, Manifest) {
    let architecture = Architecture::Cnn {
        side: 28,
        channels: vec![4, 8],
        kernel: 5,
        stride: 2,
        dense: 16,
        classes: 10,
        dropout: 0.0,
    };
    let model = Classifier::new(&architecture, seed, &Device::flex()).expect("a network of these sizes");
    (model, manifest_of(architecture))
}

/// The model that every page is shipped with.
pub(crate) fn shipped() -> (Classifier, Manifest) {
    let manifest: Manifest =
        serde_json::from_str(include_str!("../../../static/models/digits-cnn/manifest.json")).expect("a manifest");
    let file = manifest.weights.iter().find(|file| file.dtype == Dtype::F16).expect("f16 weights");
    let bytes = include_bytes!("../../../static/models/digits-cnn/model.f16.safetensors");
    let model = weights::load(&manifest, file, bytes, &Device::flex()).expect("the model that is shipped");
    (model, manifest)
}

pub(crate) fn manifest_of(architecture: Architecture) -> Manifest {
    let input = InputSpec::Ink { height: 28, width: 28, ink_box: 20, mean: 0.1307, std: 0.3081 };
    let labels = (0..10).map(|digit| digit.to_string()).collect();
    Manifest { architecture, input, labels, ..manifest(Dtype::F32, b"", b"") }
}

/// What the lab shows of a drawing, some knobs of its examination changed.
pub(crate) fn examine(
    lab: &Lab,
    model: &Classifier,
    manifest: &Manifest,
    pixels: &[u8],
    changed: &[(&str, KnobValue)],
) -> Vec<EventBody> {
    let drawing = (lab.spec)().drawing.expect("a lab that looks at drawings");
    let changed = Knobs(changed.iter().map(|(name, value)| (name.to_string(), value.clone())).collect());
    let knobs = knob::resolve(&drawing.knobs, &changed).expect("knobs of the examination, in their ranges");
    let look = lab.look.expect("a lab that looks at drawings");
    let exhibit = Exhibit { model, manifest, pixels, knobs: &knobs, seed: 1, host: &TestHost::default() };
    pollster::block_on(look(exhibit)).expect("a picture of the right size")
}

impl Host for TestHost {
    fn data<'a>(&'a self, part: &'a str) -> LocalFuture<'a, Result<Vec<u8>, DataError>> {
        let file = self.files.get(part).cloned();
        Box::pin(ready(file.ok_or_else(|| DataError::Missing(part.to_string()))))
    }

    fn now_ms(&self) -> Option<f64> {
        let now = self.clock.get()?;
        self.clock.set(Some(now + 1.0));
        Some(now)
    }

    fn recall<'a>(&'a self, name: &'a str) -> LocalFuture<'a, Option<Vec<u8>>> {
        Box::pin(ready(self.remembered.borrow().get(name).cloned()))
    }

    fn remember(&self, name: &str, bytes: Vec<u8>) {
        self.remembered.borrow_mut().insert(name.to_string(), bytes);
    }

    fn crew<'a>(&'a self, lab: &Lab, _: usize, setup: &[u8]) -> Option<Box<dyn Crew + 'a>> {
        (self.crew > 1).then(|| Box::new(Here::new(lab, &Device::flex(), self.crew, setup, self)) as Box<dyn Crew>)
    }

    fn emit(&self, event: EventBody) -> LocalFuture<'_, Result<(), Interrupt>> {
        self.events.borrow_mut().push(event);
        Box::pin(ready(Ok(())))
    }

    fn tick<'a>(&'a self, progress: &'a Progress) -> LocalFuture<'a, Result<Tick, Interrupt>> {
        let stop = self.stop_at == Some(progress.step);
        let now = |(step, knob, value): &(u64, String, KnobValue)| {
            (*step == progress.step).then(|| (knob.clone(), value.clone()))
        };
        let turned = self.turn.borrow().iter().filter_map(now).collect();
        // Weights are asked for now and then, as a page does that wants them on the pad.
        let snapshot = progress.step.is_multiple_of(64);
        Box::pin(ready(Ok(Tick { turned, checkpoint: stop, snapshot, stop })))
    }

    fn checkpoint(&self, _: u64, bytes: Vec<u8>) -> LocalFuture<'_, Result<(), Interrupt>> {
        *self.checkpoint.borrow_mut() = Some(bytes);
        Box::pin(ready(Ok(())))
    }

    fn snapshot(&self, model: Snapshot) -> LocalFuture<'_, Result<(), Interrupt>> {
        *self.snapshot.borrow_mut() = Some(model);
        Box::pin(ready(Ok(())))
    }
}
