//! Several trainings one after another that pause, go on and end as one run.
//!
//! ```ignore
//! let mut stages = Stages::begin(&run, &config, &[steps, steps])?;
//! let alone = stages.next(|series| Some(format!("alone-{series}")), async |run| train_one(run).await).await?;
//! let both = stages.next(|series| Some(format!("both-{series}")), async |run| train_two(run).await).await?;
//! ```
//!
//! Each stage is a [`Run`] of its own, with a host that counts its steps on from the stage before. What a stage comes
//! to is bytes ([`weights::write`](crate::nn::weights::write) of a model, JSON of what was measured): they go into
//! every later checkpoint, so a resumed run does no stage twice.

use std::cell::RefCell;
use std::collections::BTreeMap;

use kindling_protocol::event::{EventBody, FailureCode, Progress};
use kindling_protocol::knob::KnobValue;
use kindling_protocol::text::text;
use serde::{Deserialize, Serialize};

use super::container;
use crate::crew::Crew;
use crate::host::{DataError, Host, Interrupt, Lab, LocalFuture, Run, Snapshot, Tick};

/// The stages of a run, begun or taken up again.
pub struct Stages<'a> {
    run: &'a Run<'a>,
    config: String,
    steps: Vec<u64>,
    /// Of stages before the next one.
    done: Vec<Vec<u8>>,
    next: usize,
    /// Where the run was cut off, the checkpoint of the stage that was at work.
    inner: Option<Vec<u8>>,
    place: Place,
}

/// What the stages share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    /// Samples that the stages before have seen.
    samples: u64,
    /// Knobs that were turned so far: they stay as they are.
    turned: BTreeMap<String, KnobValue>,
    /// Those of them that were turned before the stage that is at work. It begins with them, also where it is taken up
    /// again; what was turned in it is its own checkpoint's.
    #[serde(default)]
    before: BTreeMap<String, KnobValue>,
}

impl<'a> Stages<'a> {
    /// `steps` is how many each stage takes at most. `config` names the run in its checkpoints.
    pub fn begin(run: &'a Run<'a>, config: &str, steps: &[u64]) -> Result<Self, Interrupt> {
        let mut stages = Stages {
            run,
            config: config.to_string(),
            steps: steps.to_vec(),
            done: Vec::new(),
            next: 0,
            inner: None,
            place: Place::default(),
        };
        if let Some(bytes) = &run.resume {
            let unfit = |detail: String| Interrupt::Fail {
                code: FailureCode::Checkpoint,
                text: text("The checkpoint can't be used.", "检查点无法使用。"),
                detail: Some(detail),
            };
            let (place, parts) = container::read(bytes, config).map_err(|error| unfit(error.to_string()))?;
            let mut parts: Vec<Vec<u8>> = parts.into_iter().map(|(_, bytes)| bytes.to_vec()).collect();
            stages.inner = Some(parts.pop().ok_or_else(|| unfit("it has no part".into()))?);
            if parts.len() >= steps.len() {
                return Err(unfit(format!("it has {} stages, expected {}", parts.len() + 1, steps.len())));
            }
            (stages.place, stages.done) = (place, parts);
        }
        Ok(stages)
    }

    /// Does the next stage, unless it was done before the run was cut off. `series` names its curves among those of the
    /// lab, or leaves one out. Where the stage was cut off, its run has the checkpoint to resume. Knobs that were turned in
    /// a stage before stand in this run's knobs as they were turned.
    pub async fn next(
        &mut self,
        series: impl Fn(&str) -> Option<String>,
        work: impl AsyncFnOnce(Run<'_>) -> Result<Vec<u8>, Interrupt>,
    ) -> Result<Vec<u8>, Interrupt> {
        let index = self.next;
        self.next += 1;
        if let Some(done) = self.done.get(index) {
            return Ok(done.clone());
        }
        let host = StageHost {
            outer: self.run.host,
            series: &series,
            before: self.steps[..index].iter().sum(),
            steps: self.steps.iter().sum(),
            config: &self.config,
            done: &self.done,
            place: RefCell::new(self.place.clone()),
            samples: RefCell::new(0),
        };
        let mut knobs = self.run.knobs.clone();
        knobs.0.extend(self.place.before.clone());
        let run =
            Run { device: self.run.device.clone(), knobs, seed: self.run.seed, resume: self.inner.take(), host: &host };
        let bytes = work(run).await?;
        let samples = host.samples.into_inner();
        self.place = host.place.into_inner();
        self.place.samples += samples;
        self.place.before = self.place.turned.clone();
        self.done.push(bytes.clone());
        Ok(bytes)
    }
}

/// The host of one stage.
struct StageHost<'a> {
    outer: &'a dyn Host,
    series: &'a dyn Fn(&str) -> Option<String>,
    /// Steps of the stages before, and of all.
    before: u64,
    steps: u64,
    config: &'a str,
    done: &'a [Vec<u8>],
    place: RefCell<Place>,
    samples: RefCell<u64>,
}

impl Host for StageHost<'_> {
    fn data<'a>(&'a self, part: &'a str) -> LocalFuture<'a, Result<Vec<u8>, DataError>> {
        self.outer.data(part)
    }

    fn emit(&self, event: EventBody) -> LocalFuture<'_, Result<(), Interrupt>> {
        let event = match event {
            EventBody::Points { step, epoch, values } => {
                let named = |(name, value): (String, f64)| Some(((self.series)(&name)?, value));
                let values: BTreeMap<_, _> = values.into_iter().filter_map(named).collect();
                if values.is_empty() {
                    return Box::pin(std::future::ready(Ok(())));
                }
                EventBody::Points { step: step + self.before, epoch, values }
            }
            EventBody::Mark { step, text } => EventBody::Mark { step: step + self.before, text },
            other => other,
        };
        self.outer.emit(event)
    }

    fn tick<'a>(&'a self, progress: &'a Progress) -> LocalFuture<'a, Result<Tick, Interrupt>> {
        Box::pin(async move {
            self.samples.replace(progress.samples);
            let progress = Progress {
                step: progress.step + self.before,
                steps: self.steps,
                samples: progress.samples + self.place.borrow().samples,
                ..progress.clone()
            };
            let tick = self.outer.tick(&progress).await?;
            self.place.borrow_mut().turned.extend(tick.turned.iter().cloned());
            Ok(tick)
        })
    }

    fn checkpoint(&self, step: u64, bytes: Vec<u8>) -> LocalFuture<'_, Result<(), Interrupt>> {
        let parts: Vec<(&str, &[u8])> =
            self.done.iter().map(|done| ("done", &done[..])).chain([("at work", &bytes[..])]).collect();
        let whole = container::write(&*self.place.borrow(), self.config, &parts);
        self.outer.checkpoint(step + self.before, whole)
    }

    fn snapshot(&self, model: Snapshot) -> LocalFuture<'_, Result<(), Interrupt>> {
        self.outer.snapshot(model)
    }

    fn now_ms(&self) -> Option<f64> {
        self.outer.now_ms()
    }

    fn recall<'a>(&'a self, name: &'a str) -> LocalFuture<'a, Option<Vec<u8>>> {
        self.outer.recall(name)
    }

    fn remember(&self, name: &str, bytes: Vec<u8>) {
        self.outer.remember(name, bytes);
    }

    fn crew<'a>(&'a self, lab: &Lab, most: usize, setup: &[u8]) -> Option<Box<dyn Crew + 'a>> {
        self.outer.crew(lab, most, setup)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use kindling_protocol::knob::Knobs;

    use super::*;
    use crate::testing::TestHost;

    const STEPS: [u64; 3] = [3, 5, 2];

    /// Adds up its steps, weighed by the stage and by a knob that may be turned.
    async fn sum(run: Run<'_>, stage: u64) -> Result<Vec<u8>, Interrupt> {
        let start: [u64; 3] = match &run.resume {
            Some(bytes) => serde_json::from_slice(bytes).expect("what was written"),
            None => [0, 0, run.knobs.number("weight") as u64],
        };
        let [mut step, mut total, mut weight] = start;
        while step < STEPS[stage as usize] {
            step += 1;
            total += step * (stage + 1) * weight;
            let values = [("total".to_string(), total as f64)].into();
            run.host.emit(EventBody::Points { step, epoch: 0.0, values }).await?;
            let progress = Progress { step, steps: STEPS[stage as usize], samples: step * 10, ..Progress::default() };
            let tick = run.host.tick(&progress).await?;
            for (_, value) in tick.turned {
                let KnobValue::Number(number) = value else { panic!("a number") };
                weight = number as u64;
            }
            if tick.checkpoint {
                let bytes = serde_json::to_vec(&[step, total, weight]).expect("plain data");
                run.host.checkpoint(step, bytes).await?;
            }
            if tick.stop {
                return Err(Interrupt::Stop);
            }
        }
        Ok(total.to_le_bytes().to_vec())
    }

    fn whole(host: &TestHost, resume: Option<Vec<u8>>) -> Result<Vec<Vec<u8>>, Interrupt> {
        let knobs = Knobs([("weight".to_string(), KnobValue::Number(1.0))].into());
        let run = Run { device: Device::flex(), knobs, seed: 1, resume, host };
        pollster::block_on(async {
            let mut stages = Stages::begin(&run, "c", &STEPS)?;
            let mut totals = Vec::new();
            for stage in 0..3 {
                let named = |series: &str| (stage != 2).then(|| format!("{stage}-{series}"));
                totals.push(stages.next(named, async |run| sum(run, stage).await).await?);
            }
            Ok(totals)
        })
    }

    /// Series, step and value of each point.
    fn points(host: &TestHost) -> Vec<(String, u64, f64)> {
        let of = |event: &EventBody| match event {
            EventBody::Points { step, values, .. } => {
                values.iter().map(|(name, value)| (name.clone(), *step, *value)).collect()
            }
            _ => Vec::new(),
        };
        host.events.borrow().iter().flat_map(of).collect()
    }

    #[test]
    fn a_run_cut_at_any_step_ends_the_same() {
        let straight = TestHost::default();
        let totals = whole(&straight, None).expect("runs");
        assert_eq!(totals, [6u64, 30, 9].map(|total| total.to_le_bytes().to_vec()));
        let all = points(&straight);
        assert_eq!(all.iter().map(|(_, step, _)| *step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(all[..3].iter().all(|(name, ..)| name == "0-total"), "{all:?}");
        for cut_at in 1..=10 {
            let (cut, rest) = (TestHost::that_stops_at(cut_at), TestHost::default());
            assert!(matches!(whole(&cut, None), Err(Interrupt::Stop)), "at {cut_at}");
            let checkpoint = cut.checkpoint.take();
            assert_eq!(whole(&rest, checkpoint.clone()).expect("goes on"), totals, "cut at {cut_at}");
            let mut told = points(&cut);
            told.extend(points(&rest));
            assert_eq!(told, all, "cut at {cut_at}");
            let refused = Run {
                device: Device::flex(),
                knobs: Knobs::default(),
                seed: 1,
                resume: checkpoint,
                host: &TestHost::default(),
            };
            assert!(Stages::begin(&refused, "another", &STEPS).is_err());
            assert!(cut_at <= 3 || Stages::begin(&refused, "c", &STEPS[..1]).is_err());
        }
    }

    #[test]
    fn a_knob_stays_turned_in_later_stages() {
        let host =
            TestHost { turn: RefCell::new(vec![(2, "weight".into(), KnobValue::Number(10.0))]), ..TestHost::default() };
        let totals = whole(&host, None).expect("runs");
        let expected = [1 + 2 + 3 * 10, 2 * 10 * (1 + 2 + 3 + 4 + 5), 3 * 10 * (1 + 2)];
        assert_eq!(totals, expected.map(|total: u64| total.to_le_bytes().to_vec()));
    }

    #[test]
    fn a_stage_that_is_taken_up_begins_with_the_knobs_that_it_began_with() {
        let begins_with = |host: &TestHost, resume: Option<Vec<u8>>| {
            let run = Run { device: Device::flex(), knobs: Knobs::default(), seed: 1, resume, host };
            let seen = RefCell::new(Knobs::default());
            let mut stages = Stages::begin(&run, "c", &STEPS).expect("a checkpoint of it");
            let work = async |run: Run<'_>| {
                *seen.borrow_mut() = run.knobs.clone();
                let progress = Progress { step: 2, steps: 3, ..Progress::default() };
                let tick = run.host.tick(&progress).await?;
                if tick.checkpoint {
                    run.host.checkpoint(2, vec![1]).await?;
                }
                if tick.stop { Err(Interrupt::Stop) } else { Ok(vec![]) }
            };
            drop(pollster::block_on(stages.next(|_| None, work)));
            seen.into_inner()
        };
        let turn = RefCell::new(vec![(2, "weight".into(), KnobValue::Number(10.0))]);
        let cut = TestHost { turn, ..TestHost::that_stops_at(2) };
        assert_eq!(begins_with(&cut, None), Knobs::default());
        let checkpoint = cut.checkpoint.take();
        assert!(checkpoint.is_some());
        assert_eq!(begins_with(&TestHost::default(), checkpoint), Knobs::default());
    }
}
