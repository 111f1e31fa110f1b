//! Runs and their events in the database.
//!
//! Every function is one statement or works inside the caller's transaction; [`settle`] is the only way a
//! run's state changes.

use std::collections::BTreeMap;

use kindling_protocol::api::{RunInfo, RunState};
use kindling_protocol::event::{Event, EventBody, Progress};
use kindling_protocol::knob::{KnobValue, Knobs};
use kindling_protocol::run::RunConfig;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::runs::id::RunId;
use crate::runs::state::{self, Happening};

/// What a new run is made of.
pub struct NewRow<'a> {
    pub name: &'a str,
    pub config: &'a RunConfig,
    pub device: &'a str,
    pub now_ms: u64,
}

/// What a transition came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    Now(RunState),
    /// It can't happen in this state.
    Refused(RunState),
    /// There is no such run.
    Unknown,
}

/// A run that waits for its device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: RunId,
    pub device: String,
}

/// What the supervisor needs to start a run's process.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    pub config: RunConfig,
    pub device: String,
    pub held: bool,
    pub last_seq: u64,
    /// Live knobs as they were turned last.
    pub turned: Knobs,
}

pub fn insert(connection: &Connection, row: &NewRow) -> Result<RunId> {
    connection.query_row(
        "insert into runs (id, name, config, device, state, created_ms, queued_ms)
         values (lower(hex(randomblob(6))), :name, :config, :device, 'queued', :now_ms, :now_ms)
         returning id",
        named_params! {
            ":name": row.name,
            ":config": json(row.config),
            ":device": row.device,
            ":now_ms": row.now_ms as i64,
        },
        |row| id(row, 0),
    )
}

const INFO: &str =
    "select id, name, config, device, state, created_ms, ran_ms, progress, figures, last_seq, turned from runs";

pub fn get(connection: &Connection, id: &RunId) -> Result<Option<RunInfo>> {
    connection.prepare_cached(&format!("{INFO} where id = ?"))?.query_row([id.as_str()], info).optional()
}

/// The newest runs, newest first.
pub fn list(connection: &Connection, limit: u32) -> Result<Vec<RunInfo>> {
    let mut statement = connection.prepare_cached(&format!("{INFO} order by created_ms desc, rowid desc limit ?"))?;
    statement.query_map([limit], info)?.collect()
}

pub fn rename(connection: &Connection, id: &RunId, name: &str) -> Result<bool> {
    Ok(connection.execute("update runs set name = ? where id = ?", params![name, id.as_str()])? == 1)
}

/// Its events go with it.
pub fn delete(connection: &Connection, id: &RunId) -> Result<bool> {
    Ok(connection.execute("delete from runs where id = ?", [id.as_str()])? == 1)
}

/// How many runs wait for a device.
pub fn count_waiting(connection: &Connection) -> Result<u32> {
    connection.query_row("select count(*) from runs where state in ('queued', 'interrupted')", [], |row| row.get(0))
}

/// Runs that wait for a device, in the order in which they get it: those that were cut off go first.
pub fn waiting(connection: &Connection) -> Result<Vec<Waiting>> {
    let mut statement = connection.prepare_cached(
        "select id, device from runs where state in ('queued', 'interrupted')
         -- Runs of one millisecond keep the order in which they came.
         order by state = 'queued', queued_ms, created_ms, rowid",
    )?;
    statement.query_map([], |row| Ok(Waiting { id: id(row, 0)?, device: row.get(1)? }))?.collect()
}

pub fn launch(connection: &Connection, id: &RunId) -> Result<Option<Launch>> {
    let row = |row: &Row| {
        Ok(Launch {
            config: from_json(row, 0)?,
            device: row.get(1)?,
            held: row.get(2)?,
            last_seq: row.get::<_, i64>(3)? as u64,
            turned: from_json(row, 4)?,
        })
    };
    let sql = "select config, device, held, last_seq, turned from runs where id = ?";
    connection.query_row(sql, [id.as_str()], row).optional()
}

/// Remembers how a live knob was turned last.
pub fn keep_turned(connection: &Connection, id: &RunId, knob: &str, value: &KnobValue) -> Result<()> {
    let Some(Launch { mut turned, .. }) = launch(connection, id)? else { return Ok(()) };
    turned.0.insert(knob.to_string(), value.clone());
    connection.execute("update runs set turned = ? where id = ?", params![json(&turned), id.as_str()])?;
    Ok(())
}

/// What was live when the server ended is interrupted now.
pub fn cut_off_all(connection: &Connection) -> Result<usize> {
    connection.execute("update runs set state = 'interrupted' where state in ('running', 'paused')", [])
}

/// Lets `happening` happen to the run, if it can.
pub fn settle(connection: &Connection, id: &RunId, happening: Happening, now_ms: u64) -> Result<Settled> {
    let found = connection
        .query_row("select state from runs where id = ?", [id.as_str()], |row| run_state(row, 0))
        .optional()?;
    let Some(state) = found else { return Ok(Settled::Unknown) };
    let Some(next) = state::next(state, happening) else { return Ok(Settled::Refused(state)) };
    connection.execute(
        "update runs set
             state = :state,
             held = case :happening when 'pause' then 1 when 'resume' then 0 else held end,
             deaths = case when :happening = 'resume' then 0 else deaths end,
             queued_ms = case when :requeued then :now_ms else queued_ms end
         where id = :id",
        named_params! {
            ":id": id.as_str(),
            ":state": state::name(next),
            ":happening": match happening {
                Happening::PauseAsked => "pause",
                Happening::ResumeAsked => "resume",
                _ => "",
            },
            ":requeued": state::is_over(state) && next == RunState::Queued,
            ":now_ms": now_ms as i64,
        },
    )?;
    Ok(Settled::Now(next))
}

/// Counts a death of the run's process, and says how many there were since its newest checkpoint.
pub fn count_death(connection: &Connection, id: &RunId) -> Result<u32> {
    let sql = "update runs set deaths = deaths + 1 where id = ? returning deaths";
    connection.query_row(sql, [id.as_str()], |row| row.get(0))
}

/// Stores events that follow those already there, and what the list of runs shows of them.
///
/// Events that are there already are passed over (a spool may hold them again). A gap is refused by not
/// storing what comes after it: a reader must never see one.
pub fn append(connection: &Connection, id: &RunId, events: &[Event], now_ms: u64) -> Result<()> {
    let Some(Launch { mut last_seq, .. }) = launch(connection, id)? else { return Ok(()) };
    let mut insert = connection.prepare_cached("insert into events (run, seq, body) values (?, ?, ?)")?;
    let mut progress: Option<&Progress> = None;
    let mut figures: Option<&BTreeMap<String, f64>> = None;
    let (mut ran_ms, mut checkpointed, mut ending) = (None, false, None);
    for event in events {
        if event.seq != last_seq + 1 {
            if event.seq > last_seq {
                tracing::error!(run = %id, event.seq, last_seq, "an event is missing; what follows it is not stored");
            }
            continue;
        }
        insert.execute(params![id.as_str(), event.seq as i64, json(event)])?;
        last_seq = event.seq;
        ran_ms = Some(event.at_ms as i64);
        match &event.body {
            EventBody::Progress(newest) => progress = Some(newest),
            EventBody::Checkpoint { .. } => checkpointed = true,
            EventBody::Report { figures: newest, .. } => {
                figures = Some(newest);
                ending = Some(Happening::Finished);
            }
            EventBody::Stopped { .. } => ending = Some(Happening::Stopped),
            EventBody::Failed { .. } => ending = Some(Happening::Failed),
            EventBody::Started { .. } => ending = None,
            _ => {}
        }
    }
    connection.execute(
        "update runs set
             last_seq = :last_seq,
             ran_ms = coalesce(:ran_ms, ran_ms),
             progress = coalesce(:progress, progress),
             figures = coalesce(:figures, figures),
             deaths = case when :checkpointed then 0 else deaths end
         where id = :id",
        named_params! {
            ":id": id.as_str(),
            ":last_seq": last_seq as i64,
            ":ran_ms": ran_ms,
            ":progress": progress.map(json),
            ":figures": figures.map(json),
            ":checkpointed": checkpointed,
        },
    )?;
    if let Some(ending) = ending {
        settle(connection, id, ending, now_ms)?;
    }
    Ok(())
}

/// A page of a run's events, and where the run stands at that very moment.
pub struct EventPage {
    /// Sequence number and JSON.
    pub events: Vec<(u64, String)>,
    pub last_seq: u64,
    pub state: RunState,
}

pub fn events_after(connection: &Connection, id: &RunId, after: u64, limit: u32) -> Result<Option<EventPage>> {
    let head = connection
        .query_row("select last_seq, state from runs where id = ?", [id.as_str()], |row| {
            Ok((row.get::<_, i64>(0)? as u64, run_state(row, 1)?))
        })
        .optional()?;
    let Some((last_seq, state)) = head else { return Ok(None) };
    let mut statement =
        connection.prepare_cached("select seq, body from events where run = ? and seq > ? order by seq limit ?")?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![id.as_str(), after, limit], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)))?;
    Ok(Some(EventPage { events: rows.collect::<Result<_>>()?, last_seq, state }))
}

fn info(row: &Row) -> Result<RunInfo> {
    Ok(RunInfo {
        id: row.get(0)?,
        name: row.get(1)?,
        config: from_json(row, 2)?,
        device: row.get(3)?,
        state: run_state(row, 4)?,
        created_ms: row.get::<_, i64>(5)? as u64,
        ran_ms: row.get::<_, i64>(6)? as u64,
        progress: match row.get_ref(7)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(from_json(row, 7)?),
        },
        figures: from_json(row, 8)?,
        last_seq: row.get::<_, i64>(9)? as u64,
        turned: from_json(row, 10)?,
    })
}

fn id(row: &Row, column: usize) -> Result<RunId> {
    let word: String = row.get(column)?;
    word.parse().map_err(|error| unreadable(column, error))
}

fn run_state(row: &Row, column: usize) -> Result<RunState> {
    let word: String = row.get(column)?;
    serde_json::from_value(word.into()).map_err(|error| unreadable(column, error))
}

/// Protocol types are plain data with string keys: writing them can't fail.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data becomes JSON")
}

pub(super) fn from_json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(column, error))
}

fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("../../migrations/0002_runs.sql")).unwrap();
        connection.execute_batch(include_str!("../../migrations/0004_turned_knobs.sql")).unwrap();
        connection
    }

    fn new_run(connection: &Connection, now_ms: u64) -> RunId {
        let config = RunConfig { lab: "digits".into(), knobs: Default::default(), seed: 1 };
        insert(connection, &NewRow { name: "run", config: &config, device: "cpu", now_ms }).unwrap()
    }

    fn event(seq: u64, body: EventBody) -> Event {
        Event { seq, at_ms: seq * 10, body }
    }

    fn point(seq: u64) -> Event {
        event(seq, EventBody::Points { step: seq, epoch: 0.0, values: BTreeMap::new() })
    }

    #[test]
    fn events_are_stored_once_in_order_and_never_beyond_a_gap() {
        let connection = database();
        let id = new_run(&connection, 1);
        append(&connection, &id, &[point(1), point(2)], 1).unwrap();
        append(&connection, &id, &[point(2), point(3)], 1).unwrap();
        append(&connection, &id, &[point(5)], 1).unwrap();
        let page = events_after(&connection, &id, 1, 10).unwrap().unwrap();
        let seqs: Vec<u64> = page.events.iter().map(|(seq, _)| *seq).collect();
        assert_eq!((seqs, page.last_seq), (vec![2, 3], 3));
        assert_eq!(page.events[0].1, serde_json::to_string(&point(2)).unwrap());
        assert_eq!(get(&connection, &id).unwrap().unwrap().ran_ms, 30);
        assert_eq!(events_after(&connection, &id, u64::MAX, 10).unwrap().unwrap().events, []);
    }

    #[test]
    fn the_last_event_settles_the_run_in_the_same_transaction() {
        let connection = database();
        let id = new_run(&connection, 1);
        settle(&connection, &id, Happening::Launched, 1).unwrap();
        let figures = BTreeMap::from([("test_accuracy".to_string(), 0.97)]);
        let report = event(2, EventBody::Report { figures: figures.clone(), model: None });
        append(&connection, &id, &[point(1), report], 1).unwrap();
        let info = get(&connection, &id).unwrap().unwrap();
        assert_eq!((info.state, info.figures), (RunState::Finished, figures));
    }

    #[test]
    fn those_cut_off_go_first_and_a_resumed_one_goes_to_the_end_of_the_queue() {
        let connection = database();
        let [first, second, third] = [1, 2, 3].map(|now_ms| new_run(&connection, now_ms));
        settle(&connection, &third, Happening::Launched, 4).unwrap();
        assert_eq!(cut_off_all(&connection).unwrap(), 1);
        settle(&connection, &first, Happening::Stopped, 5).unwrap();
        assert_eq!(settle(&connection, &first, Happening::ResumeAsked, 6).unwrap(), Settled::Now(RunState::Queued));
        let order: Vec<RunId> = waiting(&connection).unwrap().into_iter().map(|waiting| waiting.id).collect();
        assert_eq!(order, [third, second, first]);
        assert_eq!(count_waiting(&connection).unwrap(), 3);
    }

    #[test]
    fn a_new_checkpoint_forgives_deaths() {
        let connection = database();
        let id = new_run(&connection, 1);
        assert_eq!(count_death(&connection, &id).unwrap(), 1);
        assert_eq!(count_death(&connection, &id).unwrap(), 2);
        append(&connection, &id, &[event(1, EventBody::Checkpoint { step: 1, bytes: 1 })], 1).unwrap();
        assert_eq!(count_death(&connection, &id).unwrap(), 1);
    }

    #[test]
    fn of_each_knob_the_newest_turn_is_kept() {
        let connection = database();
        let id = new_run(&connection, 1);
        for (knob, value) in [("lr", 0.1), ("momentum", 0.5), ("lr", 0.2)] {
            keep_turned(&connection, &id, knob, &KnobValue::Number(value)).unwrap();
        }
        let expected =
            [("lr", 0.2), ("momentum", 0.5)].map(|(knob, value)| (knob.to_string(), KnobValue::Number(value)));
        let expected = Knobs(expected.into());
        assert_eq!(launch(&connection, &id).unwrap().unwrap().turned, expected);
        assert_eq!(get(&connection, &id).unwrap().unwrap().turned, expected);
    }

    #[test]
    fn an_unknown_run_and_an_impossible_step_are_told_apart() {
        let connection = database();
        let id = new_run(&connection, 1);
        let unknown = "0123456789ab".parse().unwrap();
        assert_eq!(settle(&connection, &unknown, Happening::PauseAsked, 1).unwrap(), Settled::Unknown);
        let refused = Settled::Refused(RunState::Queued);
        assert_eq!(settle(&connection, &id, Happening::PauseAsked, 1).unwrap(), refused);
    }
}
