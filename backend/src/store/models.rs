//! Blobs and model versions in the database.

use kindling_protocol::api::ModelVersion;
use kindling_protocol::model::{FileRef, Manifest};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::runs::{from_json, json};

/// Remembers a file that is complete and synced. Again for the same file: it is as new again.
pub fn insert_blob(connection: &Connection, file: &FileRef, now_ms: u64) -> Result<()> {
    let sql = "insert into blobs (sha256, bytes, created_ms) values (?, ?, ?)
               on conflict (sha256) do update set created_ms = excluded.created_ms";
    connection.execute(sql, params![file.sha256, file.bytes as i64, now_ms as i64])?;
    Ok(())
}

/// How many bytes a blob has, if it is here.
pub fn blob_bytes(connection: &Connection, sha256: &str) -> Result<Option<u64>> {
    let sql = "select bytes from blobs where sha256 = ?";
    let bytes: Option<i64> = connection.query_row(sql, [sha256], |row| row.get(0)).optional()?;
    Ok(bytes.map(|bytes| bytes as u64))
}

/// Bytes of all blobs that no version uses.
pub fn loose_bytes(connection: &Connection) -> Result<u64> {
    let sql = "select coalesce(sum(bytes), 0) from blobs where sha256 not in (select sha256 from model_files)";
    connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|bytes| bytes as u64)
}

/// Forgets blobs that no version uses and that are older than `before_ms`, and says which.
pub fn forget_loose_blobs(connection: &Connection, before_ms: u64) -> Result<Vec<String>> {
    let sql = "delete from blobs where created_ms < ? and sha256 not in (select sha256 from model_files)
               returning sha256";
    connection.prepare(sql)?.query_map([before_ms as i64], |row| row.get(0))?.collect()
}

/// Adds the next version of the manifest's name. Its blobs must be there: the schema refuses it otherwise.
pub fn insert_version(connection: &Connection, manifest: &Manifest, now_ms: u64) -> Result<ModelVersion> {
    let version: u32 = connection.query_row(
        "insert into models (name, version, created_ms, manifest)
         values (?1, 1 + (select coalesce(max(version), 0) from models where name = ?1), ?2, ?3)
         returning version",
        params![manifest.name, now_ms as i64, json(manifest)],
        |row| row.get(0),
    )?;
    let files = manifest.weights.iter().map(|weights| &weights.file).chain([&manifest.parity]);
    for file in files {
        let sql = "insert or ignore into model_files (name, version, sha256) values (?, ?, ?)";
        connection.execute(sql, params![manifest.name, version, file.sha256])?;
    }
    Ok(ModelVersion { name: manifest.name.clone(), version, created_ms: now_ms, manifest: manifest.clone() })
}

const VERSION: &str = "select name, version, created_ms, manifest from models";

/// The newest version of each model, by name.
pub fn newest_versions(connection: &Connection) -> Result<Vec<ModelVersion>> {
    let sql = format!(
        "{VERSION} where version = (select max(version) from models as other where other.name = models.name)
         order by name"
    );
    connection.prepare_cached(&sql)?.query_map([], model_version)?.collect()
}

/// Every version of one model, newest first.
pub fn versions(connection: &Connection, name: &str) -> Result<Vec<ModelVersion>> {
    let sql = format!("{VERSION} where name = ? order by version desc");
    connection.prepare_cached(&sql)?.query_map([name], model_version)?.collect()
}

pub fn version(connection: &Connection, name: &str, version: u32) -> Result<Option<ModelVersion>> {
    let sql = format!("{VERSION} where name = ? and version = ?");
    connection.prepare_cached(&sql)?.query_row(params![name, version], model_version).optional()
}

fn model_version(row: &Row) -> Result<ModelVersion> {
    Ok(ModelVersion {
        name: row.get(0)?,
        version: row.get(1)?,
        created_ms: row.get::<_, i64>(2)? as u64,
        manifest: from_json(row, 3)?,
    })
}
