//! A run's folder: what its worker process writes, and whoever takes over reads.
//!
//! ```text
//! <state>/runs/<id>/
//!   lock                     held by the worker process for as long as it lives
//!   worker.log               what the process wrote to stderr
//!   events.jsonl             every event of the newest process, so that none is lost with a killed server
//!   <step>.checkpoint        the two newest; one line of JSON, then the bytes
//!   snapshot.json            the newest weights: their manifest; it names the two files by hash
//!   <sha256>.safetensors
//! ```
//!
//! A file that appears is complete: it is written under another name, synced, renamed, and the folder synced.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use kindling_labs::host::Snapshot;
use kindling_labs::nn::weights::sha256_hex;
use kindling_protocol::event::Event;
use kindling_protocol::model::{FileRef, Manifest};
use serde::{Deserialize, Serialize};

/// Two, so that one that a failing disk spoiled is not the end of a run.
const CHECKPOINTS_KEPT: usize = 2;

#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

/// The first line of a checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointHead {
    pub step: u64,
    /// Milliseconds of running so far: where the clock goes on.
    pub at_ms: u64,
    /// The newest event when it was written: what came later will be told again.
    pub seq: u64,
    #[serde(flatten)]
    pub bytes: FileRef,
}

/// Held by whoever works in the folder; goes with the process, however it ends.
#[must_use]
pub struct FolderLock(#[expect(dead_code, reason = "the lock goes with the file")] File);

impl RunFolder {
    pub fn new(path: PathBuf) -> Self {
        RunFolder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.0)
    }

    /// Removes everything of the run.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// `None`: a process, maybe one whose server was killed, still works here.
    pub fn try_lock(&self) -> io::Result<Option<FolderLock>> {
        let file = File::create(self.0.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FolderLock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub fn log_file(&self) -> io::Result<File> {
        File::create(self.0.join("worker.log"))
    }

    /// Opens an empty spool. What the one before held must have been taken over.
    pub fn new_spool(&self) -> io::Result<File> {
        File::create(self.0.join("events.jsonl"))
    }

    /// The events in the spool that follow `last_seq` without a gap. A torn last line is the end.
    pub fn spooled_after(&self, last_seq: u64) -> io::Result<Vec<Event>> {
        let file = match File::open(self.0.join("events.jsonl")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file?,
        };
        let mut events = Vec::new();
        for line in BufReader::new(file).split(b'\n') {
            let Ok(event) = serde_json::from_slice::<Event>(&line?) else { break };
            if event.seq == last_seq + 1 + events.len() as u64 {
                events.push(event);
            }
        }
        Ok(events)
    }

    /// Keeps a checkpoint and drops those older than the one before it.
    pub fn keep_checkpoint(&self, step: u64, at_ms: u64, seq: u64, bytes: &[u8]) -> io::Result<()> {
        let head = CheckpointHead { step, at_ms, seq, bytes: file_ref(bytes) };
        let mut file = serde_json::to_vec(&head)?;
        file.push(b'\n');
        file.extend_from_slice(bytes);
        write_whole(&self.0, &format!("{step}.checkpoint"), &file)?;
        for (_, old) in self.checkpoints()?.into_iter().skip(CHECKPOINTS_KEPT) {
            fs::remove_file(old)?;
        }
        Ok(())
    }

    /// The newest checkpoint that is whole and whose events are all stored.
    pub fn newest_checkpoint(&self, last_seq: u64) -> io::Result<Option<(CheckpointHead, Vec<u8>)>> {
        for (_, path) in self.checkpoints()? {
            match read_checkpoint(&path)? {
                Some((head, bytes)) if head.seq <= last_seq => return Ok(Some((head, bytes))),
                Some(_) => tracing::warn!("{} is ahead of the stored events and is passed over", path.display()),
                None => tracing::warn!("{} is damaged and is passed over", path.display()),
            }
        }
        Ok(None)
    }

    /// Paths by step, newest first.
    fn checkpoints(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "checkpoint") {
                let step = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
                found.extend(step.map(|step| (step, path)));
            }
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        Ok(found)
    }

    /// Keeps the weights in place of those before.
    pub fn keep_snapshot(&self, snapshot: &Snapshot) -> io::Result<()> {
        let weights = format!("{}.safetensors", file_ref(&snapshot.weights).sha256);
        let parity = format!("{}.safetensors", file_ref(&snapshot.parity).sha256);
        write_whole(&self.0, &weights, &snapshot.weights)?;
        write_whole(&self.0, &parity, &snapshot.parity)?;
        write_whole(&self.0, "snapshot.json", &serde_json::to_vec_pretty(&snapshot.manifest)?)?;
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            let stale =
                name.to_str().is_some_and(|name| name.ends_with(".safetensors") && name != weights && name != parity);
            if stale {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The newest weights. Read as a whole, but not checked: that is the business of whoever uses them.
    pub fn snapshot(&self) -> io::Result<Option<Snapshot>> {
        // A run that goes on may put new weights in place between two reads; then the next try finds those.
        let replaced = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        match self.read_snapshot() {
            Err(error) if replaced(&error) => self.read_snapshot(),
            read => read,
        }
    }

    fn read_snapshot(&self) -> io::Result<Option<Snapshot>> {
        let manifest = match fs::read(self.0.join("snapshot.json")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => serde_json::from_slice::<Manifest>(&bytes?)?,
        };
        let file = |hash: &str| fs::read(self.0.join(format!("{hash}.safetensors")));
        let weights = manifest.weights.first().ok_or_else(|| io::Error::other("the snapshot names no weights"))?;
        let (weights, parity) = (file(&weights.file.sha256)?, file(&manifest.parity.sha256)?);
        Ok(Some(Snapshot { manifest, weights, parity }))
    }
}

fn read_checkpoint(path: &Path) -> io::Result<Option<(CheckpointHead, Vec<u8>)>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    file.read_until(b'\n', &mut line)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let head = serde_json::from_slice::<CheckpointHead>(&line).ok();
    Ok(head.filter(|head| head.bytes == file_ref(&bytes)).map(|head| (head, bytes)))
}

/// Writes a file that is either there as a whole or not at all, also after a power cut.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}.unfinished"));
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    // A folder can be synced where it can be opened: not on Windows.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn file_ref(bytes: &[u8]) -> FileRef {
    FileRef { sha256: sha256_hex(bytes), bytes: bytes.len() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kindling_protocol::event::EventBody;

    fn folder() -> (tempfile::TempDir, RunFolder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(dir.path().join("run"));
        folder.create().unwrap();
        (dir, folder)
    }

    #[test]
    fn the_newest_checkpoint_that_is_whole_and_whose_events_are_stored_is_used() {
        let (_dir, folder) = folder();
        assert_eq!(folder.newest_checkpoint(0).unwrap(), None);
        for (step, seq) in [(9, 4), (10, 5), (100, 50)] {
            folder.keep_checkpoint(step, step * 7, seq, &[step as u8; 1000]).unwrap();
        }
        let step = |last_seq| folder.newest_checkpoint(last_seq).unwrap().map(|(head, _)| head.step);
        assert_eq!(step(50), Some(100));
        assert_eq!(step(49), Some(10), "one that is ahead of the events is passed over");
        assert_eq!(step(4), None, "only two are kept");

        let path = folder.path().join("100.checkpoint");
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(step(50), Some(10), "a flipped bit is noticed");
        bytes.truncate(20);
        fs::write(&path, &bytes).unwrap();
        assert_eq!(step(50), Some(10), "a cut file is noticed");
    }

    #[test]
    fn the_spool_is_read_from_where_the_stored_events_end_up_to_a_torn_line() {
        let (_dir, folder) = folder();
        assert_eq!(folder.spooled_after(0).unwrap(), []);
        let mut spool = folder.new_spool().unwrap();
        let event = |seq| Event { seq, at_ms: seq, body: EventBody::Checkpoint { step: seq, bytes: 1 } };
        for seq in 5..10 {
            writeln!(spool, "{}", serde_json::to_string(&event(seq)).unwrap()).unwrap();
        }
        write!(spool, "{{\"seq\":10,\"at_ms\":1").unwrap();
        assert_eq!(folder.spooled_after(7).unwrap(), [event(8), event(9)]);
        assert_eq!(folder.spooled_after(9).unwrap(), []);
        assert_eq!(folder.spooled_after(3).unwrap(), [], "a gap is never bridged");
    }

    #[test]
    fn one_process_at_a_time_works_in_a_folder() {
        let (_dir, folder) = folder();
        let lock = folder.try_lock().unwrap();
        assert!(lock.is_some());
        assert!(folder.try_lock().unwrap().is_none());
        drop(lock);
        assert!(folder.try_lock().unwrap().is_some());
    }
}
