//! What the run would take on machines of its own. What each step of a replica took is measured where it was computed,
//! be it beside others or in turn; what the network adds is worked out from the messages that were really sent.

use super::compress::Sparse;
use super::plan::{Compression, Plan};
use super::ring::{self, Message};

/// Milliseconds of one replica: at work, waiting for the others, sending.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    pub begins: f64,
    pub waits: f64,
    /// Begin and end of the all-reduce, where there is one after this step.
    pub sends: Option<[f64; 2]>,
}

/// The schedule of some steps by replica. `compute[step]` has the time of each replica, and perhaps of others after them.
pub fn lanes(plan: &Plan, compute: &[Vec<f64>], ring_ms: f64) -> Vec<Vec<Turn>> {
    let mut clocks = vec![0.0f64; plan.replicas];
    let mut lanes = vec![Vec::new(); plan.replicas];
    for (step, times) in (1..).zip(compute) {
        for (replica, (clock, lane)) in clocks.iter_mut().zip(&mut lanes).enumerate() {
            let begins = *clock;
            let late = replica > 0 && replica + 1 == plan.replicas;
            *clock += times[replica] * if late { plan.straggler } else { 1.0 };
            lane.push(Turn { begins, waits: *clock, sends: None });
        }
        if plan.local.is_none_or(|every| step % every == 0) {
            // Nobody can begin before the slowest is there.
            let begins = clocks.iter().copied().fold(0.0, f64::max);
            clocks.fill(begins + ring_ms);
            lanes.iter_mut().filter_map(|lane| lane.last_mut()).for_each(|turn| {
                turn.sends = Some([begins, begins + ring_ms]);
            });
        }
    }
    lanes
}

/// Time of a step as a fixed part and a part for every sample, through the two batch sizes that were measured.
#[derive(Clone, Copy, Debug)]
pub struct StepTime {
    pub fixed_ms: f64,
    pub sample_ms: f64,
}

impl StepTime {
    /// None where nothing was measured.
    pub fn of(plan: &Plan, compute: &[Vec<f64>]) -> Option<StepTime> {
        let small = undisturbed(compute.iter().flat_map(|times| times[..plan.replicas].iter().copied()).collect())?;
        let large = undisturbed(compute.iter().map(|times| times[plan.replicas]).collect())?;
        let (batch, global) = (plan.batch as f64, (plan.replicas * plan.batch) as f64);
        let sample_ms = if plan.replicas > 1 { (large - small) / (global - batch) } else { 0.0 };
        // Where the clock is too coarse to tell them apart, all is proportional.
        Some(match sample_ms > 0.0 && sample_ms * batch <= small {
            true => StepTime { fixed_ms: small - sample_ms * batch, sample_ms },
            false => StepTime { fixed_ms: 0.0, sample_ms: large / global },
        })
    }
}

/// Of the fastest tenth: workers and whatever else runs here take each other's time, and more of a long step than of a
/// short one.
fn undisturbed(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 10).copied()
}

/// How many times as fast `count` replicas are as one, where they share the same global batch: by Amdahl's law, and with
/// messages and straggler.
pub fn speed_up(plan: &Plan, time: StepTime, parameters: usize, count: usize) -> [f64; 2] {
    let work = time.sample_ms * (plan.replicas * plan.batch) as f64;
    let one = (time.fixed_ms + work).max(f64::MIN_POSITIVE);
    let shared = time.fixed_ms + work / count as f64;
    let slow = if count > 1 { plan.straggler } else { 1.0 };
    let ring_ms = ring::duration_ms(&messages(plan, parameters, count), plan.latency_ms, plan.bytes_per_ms);
    let each = shared * slow + ring_ms / plan.local.unwrap_or(1) as f64;
    [one / shared.max(f64::MIN_POSITIVE), one / each.max(f64::MIN_POSITIVE)]
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
