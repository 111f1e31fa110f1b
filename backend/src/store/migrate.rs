//! The schema, step by step. Steps are only ever added: one that was released is never edited.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// One step, in a transaction of its own. Step `n` takes a database from `user_version` n-1 to n.
struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migration {
    ($name:literal) => {
        Migration { name: $name, sql: include_str!(concat!("../../migrations/", $name, ".sql")) }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!("0001_migrations"),
    migration!("0002_runs"),
    migration!("0003_models"),
    migration!("0004_turned_knobs"),
];

/// Refuses a database that a newer program has changed: this one does not know what the changes mean.
pub fn refuse_newer(connection: &Connection) -> Result<(), StoreError> {
    let (found, known) = (version(connection)?, MIGRATIONS.len() as u32);
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(()) }
}

/// Takes every step that the database has not taken yet.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let done = version(connection)?;
    for (number, migration) in (1u32..).zip(MIGRATIONS).skip(done as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration.sql)?;
        let now_ms = crate::runs::now_ms() as i64;
        transaction.execute(
            "insert into migrations (version, name, program, applied_ms) values (?, ?, ?, ?)",
            (number, migration.name, env!("CARGO_PKG_VERSION"), now_ms),
        )?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
        tracing::debug!(number, name = migration.name, "the database took a step");
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_folder_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let listed: Vec<String> = MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.name)).collect();
        assert_eq!(files, listed);
        for (number, name) in (1..).zip(listed) {
            assert!(name.starts_with(&format!("{number:04}_")), "{name} is number {number}");
        }
    }

    #[test]
    fn a_database_takes_each_step_once_and_its_tables_are_strict() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(count("select count(*) from migrations"), MIGRATIONS.len() as u32);
        assert_eq!(version(&connection).unwrap(), MIGRATIONS.len() as u32);
        let loose =
            "select count(*) from pragma_table_list where schema = 'main' and not strict and name not like 'sqlite_%'";
        assert_eq!(count(loose), 0);
    }

    #[test]
    fn a_database_of_a_newer_program_is_refused_in_a_sentence() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 1000).unwrap();
        let error = refuse_newer(&connection).unwrap_err().to_string();
        assert!(error.contains("newer program") && error.contains("1000"), "{error}");
    }
}
