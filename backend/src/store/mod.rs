//! The database: one SQLite file in the state folder. All SQL of the program is below this module.
//!
//! - [`migrate`]: the schema, step by step.
//! - [`runs`], [`models`]: the tables, one file each.
//!
//! There is one connection. SQLite has one writer anyway, the statements are small, and so nothing can ever
//! find the database locked by ourselves.

pub mod migrate;
pub mod models;
pub mod runs;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

/// Access to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Mutex<Connection>>);

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database: {0}")]
    Sql(#[from] rusqlite::Error),
    #[error(
        "the database is of a newer program (schema {found}, this one knows {known}): use that program, or another state folder"
    )]
    Newer { found: u32, known: u32 },
    #[error("the database is damaged: {0}")]
    Damaged(String),
    #[error("the database: a statement never came back")]
    Lost,
}

impl Store {
    /// Opens the database, checks that it is whole, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::prepare(Connection::open(path)?)
    }

    /// A database that is gone with its last handle, for tests.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(Duration::from_secs(5))?;
        // Before anything is written: a file that is no database, or a torn one, is left as it is.
        let check: String = connection.query_row("pragma quick_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            return Err(StoreError::Damaged(check));
        }
        migrate::refuse_newer(&connection)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // FULL: what was answered with success survives a power cut.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // A database from elsewhere must not run functions of ours through views or triggers.
        connection.pragma_update(None, "trusted_schema", false)?;
        migrate::migrate(&mut connection)?;
        Ok(Store(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` in one transaction on a thread that may block. An error rolls all of it back.
    pub async fn call<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.call_blocking(work)).await.unwrap_or(Err(StoreError::Lost))
    }

    /// As [`Store::call`], for threads that may block anyway.
    pub fn call_blocking<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        // A panic inside `work` has rolled its transaction back, so the connection is as good as before.
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Moves everything from the write-ahead log into the database file. The last thing a server does.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_leaves_nothing_behind_and_what_panics_neither() {
        let store = Store::in_memory().unwrap();
        let insert = |connection: &Connection| {
            connection.execute("insert into migrations values (99, 'none', 'test', 0)", []).map(|_| ())
        };
        let count = || {
            let sql = "select count(*) from migrations where version = 99";
            store.call_blocking(|connection| connection.query_row(sql, [], |row| row.get::<_, u32>(0))).unwrap()
        };
        store
            .call_blocking(|connection| {
                insert(connection)?;
                connection.execute("insert into nowhere values (1)", [])
            })
            .unwrap_err();
        assert_eq!(count(), 0);
        let panicking = std::panic::AssertUnwindSafe(|| {
            store.call_blocking(|connection| {
                insert(connection)?;
                if true {
                    panic!("in the middle")
                }
                Ok(())
            })
        });
        std::panic::catch_unwind(panicking).unwrap_err();
        assert_eq!(count(), 0);
        store.call_blocking(insert).unwrap();
        assert_eq!(count(), 1);
    }

    #[test]
    fn the_database_is_durable_and_checks_its_references() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("kindling.db")).unwrap();
        let connection = store.0.lock().unwrap();
        let pragma =
            |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(pragma("journal_mode").unwrap(), "wal".to_string().into());
        assert_eq!(pragma("synchronous").unwrap(), 2.into());
        assert_eq!(pragma("foreign_keys").unwrap(), 1.into());
        assert_eq!(pragma("busy_timeout").unwrap(), 5000.into());
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kindling.db");
        let text = b"this was never a database, though it is long enough to be one".repeat(40);
        std::fs::write(&path, &text).unwrap();
        assert!(Store::open(&path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), text);
    }
}
