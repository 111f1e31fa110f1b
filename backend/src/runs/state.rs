//! The states of a run, and every way from one to another.

use kindling_protocol::api::RunState;

/// What can happen to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Its worker process was started.
    Launched,
    /// A person asked for a pause, or for single steps, which end in one.
    PauseAsked,
    /// A person asked for it to go on.
    ResumeAsked,
    /// It stopped by request: its process said so, or the supervisor where no process worked on it.
    Stopped,
    /// Its process said that it is done.
    Finished,
    /// Its process said that it failed, or died once too often.
    Failed,
    /// Its process or the server ended under it.
    CutOff,
}

/// The state after `happening`, or `None` if that can't happen in this state.
pub fn next(state: RunState, happening: Happening) -> Option<RunState> {
    use RunState::*;
    match (state, happening) {
        (Queued | Interrupted, Happening::Launched) => Some(Running),
        (Running | Paused, Happening::PauseAsked) => Some(Paused),
        (Running | Paused, Happening::ResumeAsked) => Some(Running),
        // A failed run may go on from its checkpoint: the cause (a full disk, a lost device) may be gone.
        (Stopped | Failed, Happening::ResumeAsked) => Some(Queued),
        (Queued | Interrupted, Happening::ResumeAsked) => Some(state),
        (Queued | Running | Paused | Interrupted, Happening::Stopped) => Some(Stopped),
        // Interrupted: a process can be found to have ended well after its server was killed.
        (Running | Paused | Interrupted, Happening::Finished) => Some(Finished),
        (Queued | Running | Paused | Interrupted, Happening::Failed) => Some(Failed),
        (Running | Paused, Happening::CutOff) => Some(Interrupted),
        _ => None,
    }
}

/// A process works on it, or soon will without anybody asking.
pub fn is_open(state: RunState) -> bool {
    !is_over(state)
}

/// Nothing happens to it any more unless somebody asks.
pub fn is_over(state: RunState) -> bool {
    matches!(state, RunState::Stopped | RunState::Finished | RunState::Failed)
}

/// A worker process holds its device.
pub fn is_live(state: RunState) -> bool {
    matches!(state, RunState::Running | RunState::Paused)
}

/// As it stands in JSON and in the database.
pub fn name(state: RunState) -> &'static str {
    match state {
        RunState::Queued => "queued",
        RunState::Running => "running",
        RunState::Paused => "paused",
        RunState::Interrupted => "interrupted",
        RunState::Stopped => "stopped",
        RunState::Finished => "finished",
        RunState::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [RunState; 7] = [
        RunState::Queued,
        RunState::Running,
        RunState::Paused,
        RunState::Interrupted,
        RunState::Stopped,
        RunState::Finished,
        RunState::Failed,
    ];
    const HAPPENINGS: [Happening; 7] = [
        Happening::Launched,
        Happening::PauseAsked,
        Happening::ResumeAsked,
        Happening::Stopped,
        Happening::Finished,
        Happening::Failed,
        Happening::CutOff,
    ];

    #[test]
    fn a_finished_run_stays_finished_and_only_asking_reopens_one_that_is_over() {
        for happening in HAPPENINGS {
            assert_eq!(next(RunState::Finished, happening), None);
        }
        for state in STATES.into_iter().filter(|state| is_over(*state)) {
            for happening in HAPPENINGS {
                let reopened = next(state, happening).is_some_and(is_open);
                assert_eq!(reopened, happening == Happening::ResumeAsked && state != RunState::Finished);
            }
        }
    }

    #[test]
    fn every_open_run_can_come_to_an_end_and_every_live_one_can_be_cut_off() {
        for state in STATES.into_iter().filter(|state| is_open(*state)) {
            assert_eq!(next(state, Happening::Failed), Some(RunState::Failed));
            assert_eq!(next(state, Happening::CutOff).is_some(), is_live(state));
            assert_eq!(next(state, Happening::Stopped), Some(RunState::Stopped));
        }
    }

    #[test]
    fn names_are_those_of_the_protocol() {
        for state in STATES {
            assert_eq!(serde_json::to_value(state).unwrap(), name(state));
            assert_eq!(serde_json::from_value::<RunState>(name(state).into()).unwrap(), state);
        }
    }
}
