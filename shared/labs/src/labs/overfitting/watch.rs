//! Who watches a training for its gap: what is learnt by heart is right on the training set and on no other.

use std::cell::RefCell;

use burn::tensor::Tensor;
use kindling_protocol::event::EventBody;
use kindling_protocol::knob::Knobs;
use kindling_protocol::model::InputSpec;
use kindling_protocol::text::Text;
use serde::{Deserialize, Serialize};

use super::penalty::Decay;
use super::{panels, plan};
use crate::data::idx::Digits;
use crate::host::{Host, Interrupt, Outcome};
use crate::nn::model::Classifier;
use crate::train::batch::score;
use crate::train::callbacks::{EarlyStopping, Mode, Monitor};
use crate::train::steer::{Steer, Validated};

/// Drawings of the gap, at most.
const DRAWN: usize = 50;

/// How a training stands when it is looked at, without dropout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    pub epoch: f64,
    pub train_loss: f64,
    pub train_accuracy: f64,
    pub loss: f64,
    pub accuracy: f64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    epochs: Vec<Epoch>,
    stopping: Option<EarlyStopping>,
    stopped: bool,
}

/// Watches one training.
pub struct Watch<'a> {
    state: RefCell<State>,
    decay: Decay,
    train: &'a Digits,
    spec: InputSpec,
    /// Whether this is the training that the panels show.
    shown: bool,
    /// So many looks are planned.
    looks: usize,
    host: &'a dyn Host,
}

impl<'a> Watch<'a> {
    pub fn new(knobs: &Knobs, decay: Decay, train: &'a Digits, spec: InputSpec, host: &'a dyn Host) -> Self {
        let stopping = knobs
            .flag("stop")
            .then(|| EarlyStopping::new(Monitor::new(Mode::Min, 0.0), knobs.count("patience") as u64, true));
        let state = RefCell::new(State { stopping, ..State::default() });
        Watch { state, decay, train, spec, shown: false, looks: plan::looks(knobs) as usize, host }
    }

    pub fn shown(self) -> Self {
        Watch { shown: true, ..self }
    }

    /// Never ends before its plan.
    pub fn without_stopping(self) -> Self {
        self.state.borrow_mut().stopping = None;
        self
    }

    pub fn epochs(self) -> Vec<Epoch> {
        self.state.into_inner().epochs
    }

    async fn see(&self, seen: Validated) -> Result<bool, Interrupt> {
        let fit = score(&seen.model, &self.spec, self.train).await;
        let (train_loss, train_accuracy) = (fit.loss(1.0), fit.accuracy());
        let epoch = Epoch { epoch: seen.epoch, train_loss, train_accuracy, loss: seen.loss, accuracy: seen.accuracy };
        let (verdict, epochs) = {
            let state = &mut *self.state.borrow_mut();
            state.epochs.push(epoch);
            let count = state.epochs.len() as u64;
            let verdict = state.stopping.as_mut().map(|stopping| stopping.epoch_ended(count - 1, seen.loss));
            state.stopped = verdict.is_some_and(|verdict| verdict.stop);
            (verdict.unwrap_or_default(), state.epochs.clone())
        };
        let values = [("fit-loss", train_loss), ("fit-accuracy", train_accuracy)];
        let values = values.map(|(name, value)| (name.to_string(), value)).into();
        self.host.emit(EventBody::Points { step: seen.step, epoch: seen.epoch, values }).await?;
        if verdict.stop {
            let text = stopped(self.state.borrow().stopping.as_ref().and_then(EarlyStopping::best_epoch));
            self.host.emit(EventBody::Mark { step: seen.step, text }).await?;
        }
        // Every chart is kept: one a look would be too many of a long run.
        let is_due = epochs.len().is_multiple_of(self.looks.div_ceil(DRAWN)) || epochs.len() == self.looks;
        if self.shown && (is_due || verdict.stop) {
            panels::gap(&epochs, self.host).await?;
        }
        Ok(verdict.keep)
    }
}

fn stopped(best: Option<u64>) -> Text {
    let best = best.map_or(0, |epoch| epoch + 1);
    Text {
        en: format!("Stopped early, best was epoch {best}").into(), zh: format!("早停，最佳为第 {best} 轮").into()
    }
}

impl Steer for Watch<'_> {
    fn penalty(&self, model: &Classifier) -> Option<Tensor<1>> {
        self.decay.penalty(model)
    }

    fn validated<'b>(&'b self, seen: Validated) -> Outcome<'b, bool> {
        Box::pin(self.see(seen))
    }

    fn stopped(&self) -> bool {
        self.state.borrow().stopped
    }

    fn save(&self) -> Vec<u8> {
        serde_json::to_vec(&*self.state.borrow()).expect("plain data")
    }

    fn resume(&self, state: &[u8]) -> Result<(), serde_json::Error> {
        *self.state.borrow_mut() = serde_json::from_slice(state)?;
        Ok(())
    }
}
