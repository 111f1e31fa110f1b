//! A run as one file: what it was, and all it said. Whoever has its events can draw it again.

use kindling_protocol::api::{RunInfo, RunState};
use kindling_protocol::event::Event;
use kindling_protocol::lab::Place;
use kindling_protocol::text::text;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::JsFuture;

use crate::runner::RunRow;
use crate::store::runs::{self as kept, KeptRun};
use crate::trouble::Trouble;

/// Version of the file.
const FORMAT: u32 = 1;

/// A long run is a few megabytes.
const MAX_BYTES: f64 = 64e6;
const MAX_EVENTS: usize = 200_000;
/// Letters of the name: as many as the table of runs lets a person write.
const MAX_NAME: usize = 100;
/// Bytes of all that the table of runs shows at once: knobs, figures, device. Those of a lab are a few thousand.
const MAX_INFO: usize = 32_768;

#[derive(Serialize, Deserialize)]
struct RunFile {
    kindling_run: u32,
    info: RunInfo,
    place: Place,
    events: Vec<Event>,
}

/// Why a file is no run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum FileFault {
    #[error("the file is larger than 64 MB")]
    TooLarge,
    #[error("not a run saved by Kindling: {0}")]
    NoRun(String),
    #[error("the file is of format {0}, this page reads {FORMAT}")]
    Format(u32),
    #[error("the events of the run are not in order")]
    Disorder,
}

impl FileFault {
    fn trouble(&self) -> Trouble {
        match self {
            FileFault::TooLarge => text("The file is larger than 64 MB.", "文件超过 64 MB。").into(),
            FileFault::NoRun(detail) => Trouble::new(
                text("The file is not a run saved by Kindling.", "这不是 Kindling 保存的运行文件。"),
                detail,
            ),
            FileFault::Format(_) => Trouble::new(
                text("The file comes from another version of Kindling.", "这个文件来自其他版本的 Kindling。"),
                self.to_string(),
            ),
            FileFault::Disorder => {
                text("The file is damaged: its events are not in order.", "文件已损坏：其中的事件次序不对。").into()
            }
        }
    }
}

pub fn write(row: &RunRow, events: &[Event]) -> String {
    let file = RunFile { kindling_run: FORMAT, info: row.info.clone(), place: row.place, events: events.to_vec() };
    serde_json::to_string(&file).expect("a run is plain data")
}

/// Reads a file and keeps the run in this browser, as a copy with an id of its own.
pub async fn import(file: web_sys::File) -> Result<(), Trouble> {
    if file.size() > MAX_BYTES {
        return Err(FileFault::TooLarge.trouble());
    }
    let unreadable = |_| FileFault::NoRun("it can't be read".into()).trouble();
    let words = JsFuture::from(file.text()).await.map_err(unreadable)?.as_string().unwrap_or_default();
    let (mut run, events) = read(&words).map_err(|fault| fault.trouble())?;
    run.info.id = format!("f{:x}-{:06x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 16e6) as u32);
    // The run first: events of a run that is not there would never be found again.
    kept::append(&run, &[]).await.map_err(|error| error.trouble())?;
    kept::append(&run, &events).await.map_err(|error| error.trouble())
}

fn read(words: &str) -> Result<(KeptRun, Vec<Event>), FileFault> {
    let file: RunFile = serde_json::from_str(words).map_err(|error| FileFault::NoRun(error.to_string()))?;
    if file.kindling_run != FORMAT {
        return Err(FileFault::Format(file.kindling_run));
    }
    let in_order = file.events.iter().enumerate().all(|(index, event)| event.seq == index as u64 + 1);
    if !in_order || file.events.len() > MAX_EVENTS {
        return Err(FileFault::Disorder);
    }
    let mut info = file.info;
    if serde_json::to_string(&info).map_or(usize::MAX, |words| words.len()) > MAX_INFO {
        return Err(FileFault::NoRun("it has more knobs and figures than any lab".into()));
    }
    info.name = info.name.chars().take(MAX_NAME).collect();
    info.last_seq = file.events.len() as u64;
    // Nobody computes it here, and its checkpoint stayed where it was.
    if matches!(info.state, RunState::Queued | RunState::Running | RunState::Paused | RunState::Interrupted) {
        info.state = RunState::Stopped;
    }
    // A copy of a server's run is this browser's now.
    let place = if file.place == Place::Server { Place::Cpu } else { file.place };
    Ok((KeptRun { info, place }, file.events))
}

#[cfg(test)]
mod tests {
    use kindling_protocol::event::EventBody;
    use kindling_protocol::run::RunConfig;

    use super::*;

    fn row(place: Place, state: RunState) -> RunRow {
        let config = RunConfig { lab: "digits".into(), knobs: Default::default(), seed: 1 };
        let info = RunInfo {
            id: "b1".into(),
            name: "first".into(),
            config,
            turned: Default::default(),
            device: "CPU".into(),
            state,
            created_ms: 5,
            ran_ms: 7,
            progress: None,
            figures: Default::default(),
            last_seq: 2,
        };
        RunRow { info, place }
    }

    fn events(seqs: &[u64]) -> Vec<Event> {
        seqs.iter().map(|&seq| Event { seq, at_ms: seq, body: EventBody::Stopped { step: seq } }).collect()
    }

    #[test]
    fn a_run_comes_back_from_its_file() {
        let (run, told) = read(&write(&row(Place::Server, RunState::Running), &events(&[1, 2, 3]))).unwrap();
        assert_eq!(told, events(&[1, 2, 3]));
        assert_eq!((run.info.name.as_str(), run.info.state, run.info.last_seq), ("first", RunState::Stopped, 3));
        assert_eq!(run.place, Place::Cpu);
    }

    #[test]
    fn what_is_no_run_is_refused() {
        assert!(matches!(read("{}"), Err(FileFault::NoRun(_))));
        assert!(matches!(read("[1,2"), Err(FileFault::NoRun(_))));
        let gap = write(&row(Place::Cpu, RunState::Finished), &events(&[1, 3]));
        assert_eq!(read(&gap).err(), Some(FileFault::Disorder));
        let newer =
            write(&row(Place::Cpu, RunState::Finished), &[]).replace("\"kindling_run\":1", "\"kindling_run\":2");
        assert_eq!(read(&newer).err(), Some(FileFault::Format(2)));
    }

    #[test]
    fn what_would_fill_the_table_of_runs_is_cut_or_refused() {
        let mut row = row(Place::Cpu, RunState::Finished);
        row.info.name = "名".repeat(5000);
        let (run, _) = read(&write(&row, &[])).unwrap();
        assert_eq!(run.info.name.chars().count(), MAX_NAME);
        row.info.figures = (0..100_000).map(|figure| (figure.to_string(), 0.5)).collect();
        assert!(matches!(read(&write(&row, &[])), Err(FileFault::NoRun(_))));
    }
}
