//! How many times as fast replicas are: by Amdahl's law, with messages, and as measured here.

use kindling_protocol::text::{Text, text};

use super::compress::Sparse;
use super::plan::{Compression, Plan};
use super::position::Position;
use super::ring::{self, Message};

/// What the times of a run tell.
pub struct Speed {
    /// Of one to [`MOST`] replicas that share the same global batch, or why it can't be worked out.
    pub worked_out: Result<Vec<SpeedUp>, Text>,
    /// None where there was one worker.
    pub measured: Option<Measured>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpeedUp {
    pub amdahl: f64,
    /// With all-reduce and straggler.
    pub real: f64,
}

/// Replicas side by side, against one worker with the large batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    pub workers: usize,
    pub median: f64,
    /// The middle half of the steps that were timed.
    pub quartiles: [f64; 2],
}

/// Replicas that are worked out.
pub const MOST: usize = 8;

impl Speed {
    /// None where nothing was measured.
    pub fn of(plan: &Plan, position: &Position, parameters: usize) -> Option<Speed> {
        if position.times.is_empty() {
            return None;
        }
        let all = |time| (1..=MOST).map(|count| speed_up(plan, time, parameters, count)).collect();
        let worked_out = StepTime::of(plan, &position.times).map(all);
        Some(Speed { worked_out, measured: measured(&position.walls) })
    }

    pub fn figures(&self, plan: &Plan) -> Vec<(String, f64)> {
        let worked_out = self.worked_out.as_ref().ok().and_then(|all| all.get(plan.replicas - 1));
        let worked_out = worked_out.into_iter().flat_map(|at| [("amdahl", at.amdahl), ("speed_up", at.real)]);
        let measured = self.measured.map(|measured| ("measured", measured.median));
        worked_out.chain(measured).map(|(name, value)| (name.to_string(), value)).collect()
    }
}

/// Time of a step as a fixed part and a part for every sample, through the two batch sizes that were measured.
#[derive(Clone, Copy, Debug)]
pub struct StepTime {
    pub fixed_ms: f64,
    pub sample_ms: f64,
}

impl StepTime {
    /// Or why the parts can't be told from each other. `compute[step]` has the time of each replica, then of the large
    /// batch.
    ///
    /// Whatever else runs here adds to the times, and more to a long step than to a short one. Then the fixed part
    /// shrinks, at last below nothing, and Amdahl's law would allow all there is. So it must be greater than what it can
    /// be off by, and so must the difference that it follows from.
    pub fn of(plan: &Plan, compute: &[Vec<f64>]) -> Result<StepTime, Text> {
        if plan.replicas == 1 {
            return Err(ONE_SIZE);
        }
        let (small, small_spread) = floor(compute.iter().flat_map(|times| &times[..plan.replicas]).copied().collect());
        let (large, large_spread) = floor(compute.iter().map(|times| times[plan.replicas]).collect());
        let count = plan.replicas as f64;
        let fixed_ms = (count * small - large) / (count - 1.0);
        let spread_ms = (count * small_spread + large_spread) / (count - 1.0);
        let sample_ms = (large - small) / (plan.batch as f64 * (count - 1.0));
        let told = fixed_ms > spread_ms && large - small > small_spread + large_spread;
        if told { Ok(StepTime { fixed_ms, sample_ms }) } else { Err(unsteady(large, fixed_ms, spread_ms)) }
    }
}

/// The time of the fastest tenth, and how far from it the fastest quarter ends: nothing makes a step faster than it is, so
/// what many come close to is the time of an undisturbed one.
fn floor(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let floor = times[times.len() / 10];
    (floor, times[times.len() / 4] - floor)
}

const ONE_SIZE: Text = text(
    "No speed-up is worked out: one replica's batch is the large batch, and from one size of batch it can't be told what part of a step does not shrink with it.",
    "未推算加速比：只有一个副本时，它的批量就是大批量；只有一种批量，无法得知一步中哪一部分不随批量缩小。",
);

fn unsteady(large: f64, fixed_ms: f64, spread_ms: f64) -> Text {
    Text {
        en: format!(
            "No speed-up is worked out: of the {large:.2} ms of a large batch, the part that does not shrink with the batch came out as {fixed_ms:.2} ms, give or take {spread_ms:.2}. Other programs at work disturb such times."
        )
        .into(),
        zh: format!(
            "未推算加速比：大批量的一步为 {large:.2} 毫秒，其中不随批量缩小的部分测得 {fixed_ms:.2} 毫秒，误差约 {spread_ms:.2} 毫秒。同时运行的其他程序会干扰这类计时。"
        )
        .into(),
    }
}

fn speed_up(plan: &Plan, time: StepTime, parameters: usize, count: usize) -> SpeedUp {
    let work = time.sample_ms * (plan.replicas * plan.batch) as f64;
    let (one, shared) = (time.fixed_ms + work, time.fixed_ms + work / count as f64);
    let slow = if count > 1 { plan.straggler } else { 1.0 };
    let ring_ms = ring::duration_ms(&messages(plan, parameters, count), plan.latency_ms, plan.bytes_per_ms);
    let each = shared * slow + ring_ms / plan.local.unwrap_or(1) as f64;
    SpeedUp { amdahl: one / shared, real: one / each }
}

/// What so many replicas send where they meet.
fn messages(plan: &Plan, parameters: usize, count: usize) -> Vec<Message> {
    match (plan.local, plan.compression) {
        (None, Compression::TopK { .. }) => {
            let part: Sparse = vec![(0, 0.0); plan.kept(parameters)];
            ring::all_gather(&vec![part; count], 1).1
        }
        _ => ring::all_reduce(&mut vec![vec![0.0; parameters]; count]),
    }
}

/// Over the timed steps that had as many workers as the last one: a run may go on with another crew. Each is compared with
/// itself, so what disturbs both sides of it counts little.
fn measured(walls: &[[f64; 3]]) -> Option<Measured> {
    let workers = walls.last()?[0];
    let same = walls.iter().filter(|[of, beside, _]| *of == workers && *beside > 0.0);
    let mut ratios: Vec<f64> = same.map(|[_, beside, alone]| alone / beside).collect();
    ratios.sort_by(f64::total_cmp);
    let at = |quarter: usize| ratios.get(quarter * ratios.len().saturating_sub(1) / 4).copied();
    Some(Measured { workers: workers as usize, median: at(2)?, quartiles: [at(1)?, at(3)?] })
}

#[cfg(test)]
mod tests {
    use kindling_protocol::knob::KnobValue;

    use super::*;
    use crate::labs::distributed::LAB;
    use crate::testing::knobs;

    fn plan(replicas: f64) -> Plan {
        let number = KnobValue::Number;
        Plan::of(&knobs(&LAB, &[("batch", number(12.0)), ("replicas", number(replicas))]), 480)
    }

    /// Of steps that took so long: each replica's times, then the large batch's.
    fn speed(plan: &Plan, times: Vec<Vec<f64>>) -> Speed {
        Speed::of(plan, &Position { times, ..Position::default() }, 1_000).expect("times")
    }

    #[test]
    fn amdahl_is_the_bound_where_times_are_steady() {
        let plan = plan(4.0);
        // 1 ms and a quarter of a millisecond a sample.
        let steady = vec![vec![4.0, 4.0, 4.0, 4.0, 13.0]; 10];
        let time = StepTime::of(&plan, &steady).expect("parts");
        assert!((time.fixed_ms - 1.0).abs() < 1e-9 && (time.sample_ms - 0.25).abs() < 1e-9, "{time:?}");
        // Long steps that were often held up are not taken for slow ones.
        let mut times = vec![vec![4.0, 4.0, 4.0, 4.0, 31.0]; 7];
        times.extend(vec![vec![5.0, 4.0, 4.0, 9.0, 13.0]; 3]);
        let held_up = StepTime::of(&plan, &times).expect("parts");
        assert_eq!((held_up.fixed_ms, held_up.sample_ms), (time.fixed_ms, time.sample_ms));

        let all = speed(&plan, steady).worked_out.expect("speed-ups");
        assert!((all[3].amdahl - 1.0 / (1.0 / 13.0 + 12.0 / 13.0 / 4.0)).abs() < 1e-9);
        assert!(all[3].real < all[3].amdahl);
        assert_eq!(all[0], SpeedUp { amdahl: 1.0, real: 1.0 });
    }

    #[test]
    fn where_times_do_not_allow_it_nothing_is_worked_out() {
        let refused = |replicas: f64, times: Vec<Vec<f64>>| {
            let plan = plan(replicas);
            let speed = speed(&plan, times);
            assert!(speed.figures(&plan).is_empty());
            speed.worked_out.expect_err("a cause").en
        };
        // Held up at each step, the large batch takes more than four small ones: nothing is left for the fixed part.
        let loaded = refused(4.0, vec![vec![4.0, 4.0, 4.0, 4.0, 17.0]; 10]);
        assert!(loaded.contains("came out as -0.33 ms, give or take 0.00"), "{loaded}");
        // It seems to be 1 ms, but no two large batches took as long as each other.
        let uneven = (0..10).map(|step| vec![4.0, 4.0, 4.0, 4.0, 10.0 + 3.0 * f64::from(step)]);
        let uneven = refused(4.0, uneven.collect());
        assert!(uneven.contains("came out as 1.00 ms, give or take 1.00"), "{uneven}");
        // A clock too coarse for the difference.
        refused(4.0, vec![vec![1.0; 5]; 10]);
        let one = refused(1.0, vec![vec![4.0, 4.0]; 10]);
        assert!(one.contains("one replica"), "{one}");
    }

    #[test]
    fn side_by_side_is_measured_against_the_large_batch_alone() {
        // One with another crew, before the run was cut; then eight, of which one was held up.
        let mut walls = vec![[4.0, 1.0, 4.0]];
        walls.extend([[2.0, 6.0, 10.0]; 4]);
        walls.extend([[2.0, 5.0, 10.0]; 3]);
        walls.push([2.0, 50.0, 10.0]);
        let right = Measured { workers: 2, median: 10.0 / 6.0, quartiles: [10.0 / 6.0, 2.0] };
        assert_eq!(measured(&walls), Some(right));
        assert_eq!(measured(&[]), None);
        assert_eq!(measured(&[[2.0, 0.0, 0.0]]), None, "a clock that is too coarse");
    }
}
