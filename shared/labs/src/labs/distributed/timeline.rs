//! What the run would take on machines of its own. What each step of a replica took is measured where it was computed,
//! be it beside others or in turn; what the network adds is worked out from the messages that were really sent.

use super::plan::Plan;

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
