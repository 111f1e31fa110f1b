//! A line through points: the smallest thing that learns. Make it yours.
//!
//! - [`spec`]: knobs, goals, curves, and what a run costs.

mod spec;

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::event::{EventBody, FailureCode, Progress};
use kindling_protocol::text::text;

use crate::data::random;
use crate::host::{Interrupt, Lab, Run};
use crate::nn::state;

pub const LAB: Lab = Lab::new(spec::spec, spec::cost, |run| Box::pin(run_lab(run)));

const SLUG: &str = "my-lab";
const POINTS: usize = 64;
/// Reading from a GPU waits for it.
const READ_EVERY: u64 = 10;

/// All that a run needs to go on.
struct State {
    step: u64,
    slope: f32,
    intercept: f32,
    /// As it was read last.
    loss: f64,
}

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let (steps, rate) = (run.knobs.count("steps") as u64, run.knobs.number("lr"));
    let device = run.device.clone().autodiff();
    let (x, y) = points(run.seed, &device);
    let start = begin(&run)?;
    let mut slope = number(start.slope, &device).require_grad(); // [1]
    let mut intercept = number(start.intercept, &device).require_grad(); // [1]
    let mut last = start.loss;

    for step in start.step + 1..=steps {
        let miss = x.clone() * slope.clone() + intercept.clone() - y.clone(); // [points]
        let loss = miss.powi_scalar(2).mean(); // [1]
        let gradients = loss.backward();
        let moved = |parameter: &Tensor<1>| {
            let gradient = parameter.grad(&gradients).expect("the loss depends on both");
            (parameter.clone().inner() - gradient.mul_scalar(rate)).to_device(&run.device)
        };
        let (next_slope, next_intercept) = (moved(&slope), moved(&intercept));
        if step.is_multiple_of(READ_EVERY) || step == steps {
            last = f64::from(read(loss.inner()).await?);
            let values = BTreeMap::from([("loss".to_string(), last)]);
            run.host.emit(EventBody::Points { step, epoch: step as f64, values }).await?;
        }
        let progress =
            Progress { step, steps, epoch: step as f64, samples: step * POINTS as u64, ..Progress::default() };
        let tick = run.host.tick(&progress).await?;
        if tick.checkpoint {
            let (slope, intercept) = (read(next_slope.clone()).await?, read(next_intercept.clone()).await?);
            run.host.checkpoint(step, State { step, slope, intercept, loss: last }.bytes()).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
        slope = Tensor::from_inner(next_slope).require_grad();
        intercept = Tensor::from_inner(next_intercept).require_grad();
    }
    let figures = BTreeMap::from([("loss".to_string(), last)]);
    run.host.emit(EventBody::Report { figures, model: None }).await
}

/// Points near the line y = 2x - 1, the same for the same seed on every device.
fn points(seed: u64, device: &Device) -> (Tensor<1>, Tensor<1>) {
    let mut stream = random::stream(seed, "points", 0, 0);
    let x: Vec<f32> = (0..POINTS).map(|_| stream.between(-1.0, 1.0)).collect();
    let y: Vec<f32> = x.iter().map(|x| 2.0 * x - 1.0 + 0.05 * stream.normal()).collect();
    let tensor = |values: Vec<f32>| Tensor::from_data(TensorData::new(values, [POINTS]), device); // [points]
    (tensor(x), tensor(y))
}

fn number(value: f32, device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(vec![value], [1]), device)
}

fn begin(run: &Run<'_>) -> Result<State, Interrupt> {
    match &run.resume {
        None => Ok(State { step: 0, slope: 0.0, intercept: 0.0, loss: f64::INFINITY }),
        Some(bytes) => State::read(bytes).ok_or_else(|| Interrupt::Fail {
            code: FailureCode::Checkpoint,
            text: text("The checkpoint is damaged.", "检查点已损坏。"),
            detail: None,
        }),
    }
}

/// The one number of a tensor. Not a number means that the steps were too large.
async fn read(tensor: Tensor<1>) -> Result<f32, Interrupt> {
    match state::read(tensor).await[..] {
        [value] if value.is_finite() => Ok(value),
        _ => Err(Interrupt::Fail {
            code: FailureCode::NotANumber,
            text: text("The line ran away: lower the learning rate.", "直线发散了：请调低学习率。"),
            detail: None,
        }),
    }
}

impl State {
    fn bytes(&self) -> Vec<u8> {
        let line = [self.slope.to_le_bytes(), self.intercept.to_le_bytes()].concat();
        [&self.step.to_le_bytes()[..], &line, &self.loss.to_le_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<State> {
        let (step, rest) = bytes.split_first_chunk()?;
        let (slope, rest) = rest.split_first_chunk()?;
        let (intercept, rest) = rest.split_first_chunk()?;
        let loss = rest.try_into().ok()?;
        Some(State {
            step: u64::from_le_bytes(*step),
            slope: f32::from_le_bytes(*slope),
            intercept: f32::from_le_bytes(*intercept),
            loss: f64::from_le_bytes(loss),
        })
    }
}

#[cfg(test)]
mod tests {
    use kindling_protocol::knob::{KnobValue, Knobs};

    use super::*;
    use crate::testing::{TestHost, knobs};

    fn with_rate(rate: f64) -> Knobs {
        knobs(&LAB, &[("lr", KnobValue::Number(rate))])
    }

    fn final_loss(host: &TestHost) -> f64 {
        host.figures().expect("a report")["loss"]
    }

    #[test]
    fn the_goal_holds_at_the_defaults_and_fails_with_tiny_steps() {
        let goal = &spec::spec().goals[0];
        let (good, bad) = (TestHost::default(), TestHost::default());
        good.run(&LAB, knobs(&LAB, &[]), None).expect("runs");
        bad.run(&LAB, with_rate(0.0001), None).expect("runs");
        assert!(goal.holds(final_loss(&good), 1.0));
        assert!(!goal.holds(final_loss(&bad), 1.0));
    }

    #[test]
    fn steps_that_are_too_large_end_the_run_with_a_cause() {
        let ended = TestHost::default().run(&LAB, with_rate(10.0), None);
        assert!(matches!(ended, Err(Interrupt::Fail { code: FailureCode::NotANumber, .. })), "{ended:?}");
    }

    #[test]
    fn a_run_that_was_cut_ends_at_the_same_bits() {
        let whole = TestHost::default();
        whole.run(&LAB, with_rate(0.3), None).expect("runs");
        for stop_at in [1, 77, 200] {
            let (cut, rest) = (TestHost::that_stops_at(stop_at), TestHost::default());
            assert!(matches!(cut.run(&LAB, with_rate(0.3), None), Err(Interrupt::Stop)));
            rest.run(&LAB, with_rate(0.3), cut.checkpoint.take()).expect("goes on");
            assert_eq!(final_loss(&whole).to_bits(), final_loss(&rest).to_bits(), "cut at {stop_at}");
        }
    }

    #[test]
    fn a_damaged_checkpoint_is_refused() {
        let refused = TestHost::default().run(&LAB, with_rate(0.3), Some(vec![1, 2, 3]));
        assert!(matches!(refused, Err(Interrupt::Fail { code: FailureCode::Checkpoint, .. })), "{refused:?}");
    }
}
