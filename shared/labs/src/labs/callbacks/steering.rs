//! The callbacks at work: told of every epoch, they change the rate, keep weights and end the training.

use std::cell::RefCell;

use kindling_protocol::event::EventBody;
use kindling_protocol::knob::Knobs;
use kindling_protocol::text::Text;
use serde::{Deserialize, Serialize};

use super::panels;
use super::schedules::Schedule;
use crate::host::{Host, Interrupt, Outcome};
use crate::train::callbacks::{EarlyStopping, Exact, Mode, ModelCheckpoint, Monitor, ReduceOnPlateau};
use crate::train::steer::{Steer, Validated};

/// Drawings of the course, at most, besides those of what happened.
const DRAWN: usize = 50;

/// One epoch of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Of its last step.
    pub rate: f64,
    pub train_loss: f64,
    pub loss: f64,
    pub accuracy: f64,
}

/// A callback did something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// Counted from 1.
    pub epoch: u64,
    pub what: What,
    /// The figure that was watched.
    pub watched: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    Reduced { from: f64, to: f64 },
    Saved,
    Stopped { best_epoch: u64 },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    pub epochs: Vec<Epoch>,
    pub happenings: Vec<Happening>,
    plateau: Option<ReduceOnPlateau>,
    stopping: Option<EarlyStopping>,
    checkpoint: Option<ModelCheckpoint>,
    /// What [`ReduceOnPlateau`] made of the rate, as a share of the knob's.
    factor: Exact,
    stopped: bool,
}

/// Steers one training.
pub struct Callbacks<'a> {
    pub state: RefCell<State>,
    schedule: Schedule,
    steps: u64,
    accuracy_is_watched: bool,
    /// The constant run to draw beside this one; none: this is it, and nothing is drawn.
    constant: Option<&'a [Epoch]>,
    host: &'a dyn Host,
}

impl<'a> Callbacks<'a> {
    /// A run that nothing steers: at one rate to the end.
    pub fn none(steps: u64, host: &'a dyn Host) -> Self {
        let state = State {
            epochs: Vec::new(),
            happenings: Vec::new(),
            plateau: None,
            stopping: None,
            checkpoint: None,
            factor: 1.0.into(),
            stopped: false,
        };
        let state = RefCell::new(state);
        Callbacks { state, schedule: Schedule::Constant, steps, accuracy_is_watched: false, constant: None, host }
    }

    /// As the knobs say.
    pub fn of(knobs: &Knobs, steps: u64, constant: &'a [Epoch], host: &'a dyn Host) -> Self {
        let mut callbacks = Self::none(steps, host);
        callbacks.schedule = Schedule::of(knobs);
        callbacks.accuracy_is_watched = knobs.word("monitor") == "accuracy";
        callbacks.constant = Some(constant);
        let mode = if callbacks.accuracy_is_watched { Mode::Max } else { Mode::Min };
        let monitor = || Monitor::new(mode, knobs.number("min-delta"));
        let state = callbacks.state.get_mut();
        state.plateau = knobs.flag("reduce").then(|| {
            let (patience, cooldown) = (knobs.count("reduce-patience") as u64, knobs.count("cooldown") as u64);
            ReduceOnPlateau::new(monitor(), knobs.number("factor"), patience, cooldown, knobs.number("min-lr"))
        });
        state.stopping =
            knobs.flag("stop").then(|| EarlyStopping::new(monitor(), knobs.count("patience") as u64, false));
        state.checkpoint = knobs.flag("best").then(|| ModelCheckpoint { monitor: Monitor::new(mode, 0.0) });
        callbacks
    }

    /// One epoch is over. What the callbacks do about it, in the order in which Keras would call them.
    fn epoch_ended(&self, seen: &Validated) -> (bool, Vec<Happening>) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let watched = if self.accuracy_is_watched { seen.accuracy } else { seen.loss };
        let rate = seen.learning_rate * f64::from(state.factor);
        let planned = self.schedule.factor(seen.step - 1, self.steps);
        state.epochs.push(Epoch {
            rate: rate * planned,
            train_loss: seen.train_loss,
            loss: seen.loss,
            accuracy: seen.accuracy,
        });
        let epoch = state.epochs.len() as u64;
        let mut what = Vec::new();
        if let Some(to) = state.plateau.as_mut().and_then(|plateau| plateau.epoch_ended(watched, rate as f32)) {
            state.factor = (f64::from(to) / seen.learning_rate).into();
            // As it is drawn: by the schedule, too.
            what.push(What::Reduced { from: rate * planned, to: f64::from(to) * planned });
        }
        let keep = state.checkpoint.as_mut().is_some_and(|checkpoint| checkpoint.epoch_ended(watched));
        if keep {
            what.push(What::Saved);
        }
        if let Some(stopping) = &mut state.stopping
            && stopping.epoch_ended(epoch - 1, watched).stop
        {
            state.stopped = true;
            what.push(What::Stopped { best_epoch: stopping.best_epoch().map_or(0, |best| best + 1) });
        }
        let happenings: Vec<Happening> = what.into_iter().map(|what| Happening { epoch, what, watched }).collect();
        state.happenings.extend(happenings.iter().cloned());
        (keep, happenings)
    }

    async fn tell(&self, step: u64, new: &[Happening]) -> Result<(), Interrupt> {
        let Some(constant) = self.constant else { return Ok(()) };
        // What was saved is told by the panels; on the curves it would be a mark an epoch.
        for happening in new.iter().filter(|happening| happening.what != What::Saved) {
            self.host.emit(EventBody::Mark { step, text: happening.text() }).await?;
        }
        let state = self.state.borrow().clone();
        let epochs = state.epochs.len();
        // Every chart is kept: one an epoch would be too many of a long run.
        if epochs.is_multiple_of(constant.len().div_ceil(DRAWN)) || epochs == constant.len() || !new.is_empty() {
            panels::course(constant, &state, self.host).await?;
        }
        if new.is_empty() { Ok(()) } else { panels::events(&state.happenings, self.host).await }
    }
}

impl Happening {
    pub fn text(&self) -> Text {
        let (en, zh) = match self.what {
            What::Reduced { to, .. } => (format!("rate → {to:.2e}"), format!("学习率 → {to:.2e}")),
            What::Saved => ("best".to_string(), "最佳".to_string()),
            What::Stopped { best_epoch } => {
                (format!("stopped, best was epoch {best_epoch}"), format!("停止，最佳为第 {best_epoch} 轮"))
            }
        };
        Text { en: en.into(), zh: zh.into() }
    }
}

impl Steer for Callbacks<'_> {
    fn factor(&self, step: u64, _: u64) -> f64 {
        f64::from(self.state.borrow().factor) * self.schedule.factor(step, self.steps)
    }

    fn validated<'b>(&'b self, seen: Validated) -> Outcome<'b, bool> {
        Box::pin(async move {
            let (keep, new) = self.epoch_ended(&seen);
            self.tell(seen.step, &new).await?;
            Ok(keep)
        })
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
