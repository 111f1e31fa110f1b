//! Files named by the sha256 of what they hold: `<state>/blobs/<sha256>`.
//!
//! A blob is written under another name, hashed on the way, synced, renamed, the folder synced, and only then
//! entered in the database: a row stands for a whole file, and what was cut off leaves no row.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use kindling_protocol::model::FileRef;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;

/// One file of a model. The greatest model of the design's first labs has 45 MB.
pub const MAX_BYTES: u64 = 64 << 20;

/// A sha256 in lower-case hex. Being parsed, it can stand in a path without another thought.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobHash(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a blob is named by its sha256: 64 digits from 0 to f")]
pub struct NotAHash;

impl FromStr for BlobHash {
    type Err = NotAHash;

    fn from_str(word: &str) -> Result<Self, NotAHash> {
        let fits = word.len() == 64 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(BlobHash(word.to_string())) } else { Err(NotAHash) }
    }
}

impl BlobHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why bytes were not taken in. Nothing of them is kept.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("a blob has at most {MAX_BYTES} bytes")]
    TooLarge,
    #[error("the bytes have sha256 {got}, not {expected}")]
    WrongHash { expected: String, got: String },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The folder of blobs.
#[derive(Clone, Debug)]
pub struct BlobFolder(PathBuf);

impl BlobFolder {
    pub fn open(path: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&path)?;
        Ok(BlobFolder(path))
    }

    /// Clears away what a server that was killed left unfinished.
    pub fn clear_unfinished(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.0)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().ends_with(UNFINISHED) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    pub fn path(&self, hash: &BlobHash) -> PathBuf {
        self.0.join(hash.as_str())
    }

    /// Begins a blob that arrives in pieces.
    pub async fn begin(&self) -> io::Result<Incoming> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = self.0.join(format!("{}-{count}{UNFINISHED}", std::process::id()));
        let file = File::create(&path).await?;
        Ok(Incoming { folder: self.0.clone(), unfinished: Unfinished(path), file, hash: Sha256::new(), bytes: 0 })
    }

    /// Takes in bytes that are here already.
    pub async fn keep(&self, bytes: &[u8]) -> Result<FileRef, BlobError> {
        let mut incoming = self.begin().await?;
        incoming.write(bytes).await?;
        incoming.finish(None).await
    }

    /// Removes a blob's file, after its row.
    pub async fn remove(&self, hash: &BlobHash) -> io::Result<()> {
        fs::remove_file(self.path(hash)).await
    }
}

const UNFINISHED: &str = ".unfinished";

/// A blob on its way in. Dropped before [`finish`](Incoming::finish), it leaves nothing.
pub struct Incoming {
    folder: PathBuf,
    unfinished: Unfinished,
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Incoming {
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), BlobError> {
        self.bytes += piece.len() as u64;
        if self.bytes > MAX_BYTES {
            return Err(BlobError::TooLarge);
        }
        self.hash.update(piece);
        Ok(self.file.write_all(piece).await?)
    }

    /// Keeps the blob, if it is what was expected.
    pub async fn finish(mut self, expected: Option<&BlobHash>) -> Result<FileRef, BlobError> {
        let sha256 = hex(&self.hash.finalize());
        if let Some(expected) = expected.filter(|expected| expected.as_str() != sha256) {
            return Err(BlobError::WrongHash { expected: expected.as_str().to_string(), got: sha256 });
        }
        self.file.flush().await?;
        self.file.sync_all().await?;
        fs::rename(&self.unfinished.0, self.folder.join(&sha256)).await?;
        // A folder can be synced where it can be opened: not on Windows.
        if cfg!(unix) {
            File::open(&self.folder).await?.sync_all().await?;
        }
        Ok(FileRef { sha256, bytes: self.bytes })
    }
}

/// Removes its file when it goes; after the rename there is none.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        remove_quietly(&self.0);
    }
}

fn remove_quietly(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "{} could not be removed", path.display());
        }
        _ => {}
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
