//! The IndexedDB database and its one schema.
//!
//! Keys are made here and nowhere else: an event is `[run, seq]`, a checkpoint `[run, step]`, so that
//! everything of one run is one range of keys.

use std::cell::RefCell;
use std::rc::Rc;

use idb::{Database, DatabaseEvent, Error, Factory, KeyRange, ObjectStoreParams, Query, Transaction, TransactionMode};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::StoreError;

/// What each store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// run id -> `RunInfo` as JSON.
    Runs,
    /// `[run, seq]` -> `Event` as JSON.
    Events,
    /// `[run, step]` -> a checkpoint.
    Checkpoints,
    /// run id -> the model it came to.
    Models,
    /// sha256 -> bytes.
    Files,
    /// Small remembered things, by name.
    Notes,
}

const TABLES: [Table; 6] = [Table::Runs, Table::Events, Table::Checkpoints, Table::Models, Table::Files, Table::Notes];
const NAME: &str = "kindling";
const VERSION: u32 = 1;

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::Runs => "runs",
            Table::Events => "events",
            Table::Checkpoints => "checkpoints",
            Table::Models => "models",
            Table::Files => "files",
            Table::Notes => "notes",
        }
    }
}

/// One atomic change or one consistent look. Nothing is kept unless [`Change::commit`] returns `Ok`.
pub struct Change(Transaction);

/// Begins a change of these tables.
pub async fn write(tables: &[Table]) -> Result<Change, StoreError> {
    begin(tables, TransactionMode::ReadWrite).await
}

/// Begins a look at these tables.
pub async fn read(tables: &[Table]) -> Result<Change, StoreError> {
    begin(tables, TransactionMode::ReadOnly).await
}

impl Change {
    pub async fn get(&self, table: Table, key: &JsValue) -> Result<Option<JsValue>, StoreError> {
        let store = self.0.object_store(table.name()).map_err(fault)?;
        store.get(Query::Key(key.clone())).map_err(fault)?.await.map_err(fault)
    }

    pub async fn all(&self, table: Table, range: Option<KeyRange>) -> Result<Vec<JsValue>, StoreError> {
        let store = self.0.object_store(table.name()).map_err(fault)?;
        store.get_all(range.map(Query::KeyRange), None).map_err(fault)?.await.map_err(fault)
    }

    pub async fn keys(&self, table: Table, range: Option<KeyRange>) -> Result<Vec<JsValue>, StoreError> {
        let store = self.0.object_store(table.name()).map_err(fault)?;
        store.get_all_keys(range.map(Query::KeyRange), None).map_err(fault)?.await.map_err(fault)
    }

    pub async fn put(&self, table: Table, key: &JsValue, value: &JsValue) -> Result<(), StoreError> {
        let store = self.0.object_store(table.name()).map_err(fault)?;
        store.put(value, Some(key)).map_err(fault)?.await.map_err(fault).map(drop)
    }

    pub async fn delete(&self, table: Table, key: &JsValue) -> Result<(), StoreError> {
        let store = self.0.object_store(table.name()).map_err(fault)?;
        store.delete(Query::Key(key.clone())).map_err(fault)?.await.map_err(fault)
    }

    pub async fn delete_range(&self, table: Table, range: KeyRange) -> Result<(), StoreError> {
        let store = self.0.object_store(table.name()).map_err(fault)?;
        store.delete(Query::KeyRange(range)).map_err(fault)?.await.map_err(fault)
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        let result = self.0.commit().map_err(fault)?.await.map_err(fault)?;
        // An aborted transaction without an error is the browser's way to say there is no room.
        if result.is_committed() { Ok(()) } else { Err(StoreError::Full) }
    }
}

/// The key of one item of a run.
pub fn item(run: &str, number: u64) -> JsValue {
    Array::of2(&run.into(), &JsValue::from_f64(number as f64)).into()
}

/// All items of a run from `first` on.
pub fn items_from(run: &str, first: u64) -> KeyRange {
    let (lower, upper) = (item(run, first), Array::of2(&run.into(), &JsValue::from_f64(f64::INFINITY)));
    KeyRange::bound(&lower, &upper, None, None).expect("arrays of strings and numbers are keys")
}

/// All keys that begin so.
pub fn named(prefix: &str) -> KeyRange {
    let last = format!("{prefix}\u{ffff}");
    KeyRange::bound(&prefix.into(), &last.into(), None, None).expect("strings are keys")
}

pub fn to_text(value: &JsValue) -> Result<String, StoreError> {
    value.as_string().ok_or_else(|| StoreError::Damaged("expected text".into()))
}

pub fn as_bytes(value: &JsValue) -> Result<Uint8Array, StoreError> {
    value.dyn_ref::<Uint8Array>().cloned().ok_or_else(|| StoreError::Damaged("expected bytes".into()))
}

pub fn from_bytes(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

async fn begin(tables: &[Table], mode: TransactionMode) -> Result<Change, StoreError> {
    let names: Vec<&str> = tables.iter().map(|table| table.name()).collect();
    // A connection that another tab's newer version closed is opened anew, once.
    for _ in 0..2 {
        let database = open().await?;
        match database.transaction(&names, mode) {
            Ok(transaction) => return Ok(Change(transaction)),
            Err(_) => OPEN.with_borrow_mut(|open| *open = None),
        }
    }
    Err(StoreError::Unavailable("the database was closed".into()))
}

thread_local!(static OPEN: RefCell<Option<Rc<Database>>> = const { RefCell::new(None) });

async fn open() -> Result<Rc<Database>, StoreError> {
    if let Some(database) = OPEN.with_borrow(Clone::clone) {
        return Ok(database);
    }
    let unavailable = |error: Error| StoreError::Unavailable(error.to_string());
    let mut request = Factory::new().map_err(unavailable)?.open(NAME, Some(VERSION)).map_err(unavailable)?;
    request.on_upgrade_needed(|event| {
        let Ok(database) = event.database() else { return };
        let names = database.store_names();
        for table in TABLES.iter().filter(|table| !names.iter().any(|name| name == table.name())) {
            // A failure shows as a missing store at the first transaction.
            drop(database.create_object_store(table.name(), ObjectStoreParams::new()));
        }
    });
    let mut database = request.await.map_err(unavailable)?;
    // Lets a tab with a newer version of the program upgrade.
    database.on_version_change(|event| {
        if let Ok(database) = event.database() {
            database.close();
        }
    });
    let database = Rc::new(database);
    OPEN.with_borrow_mut(|open| *open = Some(database.clone()));
    Ok(database)
}

fn fault(error: Error) -> StoreError {
    let text = error.to_string();
    if text.contains("QuotaExceeded") { StoreError::Full } else { StoreError::Damaged(text) }
}
