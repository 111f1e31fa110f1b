//! Data sets: what they must be, where they come from, whether they are here.
//!
//! - [`sets`]: every set there is, with sizes and sums. [`cifar`], [`newsgroups`]: those that are archives.
//! - [`archive`]: a part that is inside one.
//! - [`fetch`]: from a mirror to a file that is whole or not there.
//!
//! A set is files of one folder of the data folder, as they were published. A file that is published plain may lie here
//! as gzip, by whomever it was packed: then the sum of what it holds counts. Nobody is handed a file before its sum was
//! checked; as long as its time and size stay, once is enough.

pub mod archive;
#[cfg(test)]
mod archive_tests;
pub mod cifar;
pub mod fetch;
#[cfg(test)]
mod fetch_tests;
pub mod newsgroups;
pub mod sets;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use flate2::read::GzDecoder;
use kindling_labs::host::DataError;
use kindling_protocol::api::{DataPart, DataSet, DataState};
use sha2::{Digest, Sha256};

use sets::{Packing, Part, Set};

/// The data folder.
pub struct Library {
    folder: PathBuf,
    /// Files whose sum was right when they had this time and size.
    sound: Mutex<HashMap<PathBuf, (SystemTime, u64)>>,
    /// Sets on their way here: bytes so far.
    fetching: Mutex<HashMap<&'static str, u64>>,
    /// What came out of an archive and somebody still holds, by its sum.
    unpacked: Mutex<HashMap<&'static str, Weak<Vec<u8>>>>,
}

/// Why a part can't be had.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    #[error("the data set `{set}` is not here; `kindling data fetch {set}` brings it")]
    Missing { set: &'static str },
    #[error("{} is damaged: {detail}; `kindling data fetch {set}` brings it anew", file.display())]
    Damaged { set: &'static str, file: PathBuf, detail: String },
    #[error("{} can't be read: {error}", file.display())]
    Unreadable { file: PathBuf, error: io::Error },
}

/// A file that holds a part.
#[derive(Debug)]
pub struct Held {
    pub path: PathBuf,
    pub packing: Packing,
}

impl Held {
    /// What it holds, decompressed; an archive as it is.
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let file = File::open(&self.path)?;
        Ok(match self.packing {
            Packing::Plain | Packing::Tar(_) => Box::new(file),
            Packing::Gzip => Box::new(GzDecoder::new(file)),
        })
    }
}

/// The decompressed bytes of a part.
pub enum Content {
    Stream(Box<dyn Read + Send>),
    /// Out of an archive.
    Whole(Shared),
}

/// Bytes in the hands of all who asked at once.
pub struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Library {
    pub fn new(folder: PathBuf) -> Self {
        Library { folder, sound: Mutex::default(), fetching: Mutex::default(), unpacked: Mutex::default() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a part, checked.
    pub fn file(&self, set: &'static Set, part: &Part) -> Result<Held, PartError> {
        let held = self.find(set, part).ok_or(PartError::Missing { set: set.name })?;
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => PartError::Missing { set: set.name },
            _ => PartError::Unreadable { file: held.path.clone(), error },
        };
        let damaged = |detail| PartError::Damaged { set: set.name, file: held.path.clone(), detail };
        let stamp = stamp(&held.path).map_err(unreadable)?;
        let known = self.sound.lock().unwrap_or_else(PoisonError::into_inner).get(&held.path) == Some(&stamp);
        if known {
            return Ok(held);
        }
        if held.packing == part.packing {
            let mut of_its_size = part.pins().filter(|(bytes, _)| *bytes == stamp.1).peekable();
            if of_its_size.peek().is_none() {
                return Err(damaged(format!("it has {} bytes, expected {}", stamp.1, part.bytes)));
            }
            let sum = sum(&held.path).map_err(unreadable)?;
            if !of_its_size.any(|(_, sha256)| sha256 == sum) {
                return Err(damaged(format!("its sha256 is {sum}, expected {}", part.sha256)));
            }
        } else {
            // One byte more than there may be tells content that is too long, and bounds what a bomb can do.
            let mut content = held.open().map_err(unreadable)?.take(part.raw_bytes + 1);
            let mut hasher = Sha256::new();
            let bytes = io::copy(&mut content, &mut hasher).map_err(|error| damaged(error.to_string()))?;
            let sum = format!("{:x}", hasher.finalize());
            if (bytes, sum.as_str()) != (part.raw_bytes, part.raw_sha256) {
                return Err(damaged(format!(
                    "it holds {bytes} bytes or more of sha256 {sum}, expected {} of {}",
                    part.raw_bytes, part.raw_sha256
                )));
            }
        }
        self.sound.lock().unwrap_or_else(PoisonError::into_inner).insert(held.path.clone(), stamp);
        Ok(held)
    }

    /// The file of a part, as far as there is one.
    fn find(&self, set: &Set, part: &Part) -> Option<Held> {
        let path = self.path(set, part);
        let mut packed = path.clone().into_os_string();
        packed.push(".gz");
        let published = Held { path, packing: part.packing };
        let packed = Held { path: packed.into(), packing: Packing::Gzip };
        let candidates = [Some(published), (part.packing == Packing::Plain).then_some(packed)];
        candidates.into_iter().flatten().find(|held| held.path.exists())
    }

    /// The decompressed bytes of `set/part`, as a lab asks for them.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let missing = || DataError::Missing(name.to_string());
        let (set, part) =
            name.split_once('/').and_then(|(set, part)| sets::find_part(set, part)).ok_or_else(missing)?;
        let damaged = |detail: String| DataError::Damaged { part: name.to_string(), detail };
        let fault = |error: PartError| match error {
            PartError::Missing { .. } => missing(),
            error => damaged(error.to_string()),
        };
        let held = self.file(set, part).map_err(fault)?;
        match self.content(set, part, &held).map_err(fault)? {
            Content::Whole(bytes) => Ok(bytes.as_ref().to_vec()),
            Content::Stream(content) => {
                let mut bytes = Vec::with_capacity(part.raw_bytes as usize);
                let read = content.take(part.raw_bytes + 1).read_to_end(&mut bytes);
                read.map_err(|error| damaged(error.to_string()))?;
                Ok(bytes)
            }
        }
    }

    /// What a part holds, from its file. Those who ask for the same part of an archive at once share its bytes.
    pub fn content(&self, set: &'static Set, part: &Part, held: &Held) -> Result<Content, PartError> {
        let unreadable = |error| PartError::Unreadable { file: held.path.clone(), error };
        let Packing::Tar(inside) = held.packing else { return held.open().map(Content::Stream).map_err(unreadable) };
        // Held meanwhile: one after another unpacks, so that the memory of one is enough.
        let mut unpacked = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = unpacked.get(part.raw_sha256).and_then(Weak::upgrade) {
            return Ok(Content::Whole(Shared(bytes)));
        }
        let damaged = |detail| PartError::Damaged { set: set.name, file: held.path.clone(), detail };
        let archive = held.open().map_err(unreadable)?;
        let bytes = archive::unpack(archive, inside, part.raw_bytes).map_err(|error| damaged(error.to_string()))?;
        let sum = format!("{:x}", Sha256::digest(&bytes));
        if sum != part.raw_sha256 {
            return Err(damaged(format!("its part {} has sha256 {sum}, expected {}", part.name, part.raw_sha256)));
        }
        let bytes = Arc::new(bytes);
        unpacked.insert(part.raw_sha256, Arc::downgrade(&bytes));
        Ok(Content::Whole(Shared(bytes)))
    }

    /// What a set is, and whether it is here. Reads the files, if it was not done before.
    pub fn describe(&self, set: &'static Set) -> DataSet {
        let mut state = DataState::Present;
        for part in set.files() {
            match self.file(set, part) {
                Ok(_) => {}
                Err(PartError::Missing { .. }) if state == DataState::Present => state = DataState::Missing,
                Err(PartError::Missing { .. }) => {}
                Err(_) => state = DataState::Damaged,
            }
        }
        let fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        DataSet {
            name: set.name.to_string(),
            title: set.title.to_string(),
            licence: set.licence.to_string(),
            source: set.source.to_string(),
            bytes: set.bytes(),
            state,
            fetched_bytes: fetching.get(set.name).copied(),
            parts: set.parts.iter().map(describe_part).collect(),
        }
    }

    /// A file of the set is not here. Says nothing about those that are.
    pub fn lacks(&self, set: &Set) -> bool {
        set.parts.iter().any(|part| self.find(set, part).is_none())
    }

    /// Every file of the set is here and whole.
    pub fn has(&self, set: &str) -> bool {
        sets::find(set).is_some_and(|set| set.files().all(|part| self.file(set, part).is_ok()))
    }

    fn path(&self, set: &Set, part: &Part) -> PathBuf {
        self.folder.join(set.folder).join(part.file)
    }

    /// Fetches what is not here, or tells that someone does it already, or that nobody publishes it. `progress` hears
    /// bytes of the set so far.
    pub fn fetch(
        &self,
        set: &'static Set,
        mirrors: &[String],
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), fetch::FetchError> {
        {
            let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
            // Sets may share a file, and two must not write it at once.
            if let Some(other) = fetching.keys().find(|other| sets::find(other).is_some_and(|other| other.meets(set))) {
                return Err(fetch::FetchError::Busy { set: other });
            }
            fetching.insert(set.name, 0);
        }
        let _gone = Gone(&self.fetching, set.name);
        let mut done = 0;
        for part in set.files() {
            if self.file(set, part).is_err() {
                if mirrors.is_empty() {
                    return Err(fetch::FetchError::Unpublished { path: self.path(set, part) });
                }
                fetch::fetch(&self.path(set, part), part, mirrors, &mut |bytes| {
                    self.fetching.lock().unwrap_or_else(PoisonError::into_inner).insert(set.name, done + bytes);
                    progress(done + bytes);
                })?;
            }
            done += part.bytes;
            progress(done);
        }
        Ok(())
    }
}

/// Takes a set off the list when its fetch ends, however it ends.
struct Gone<'a>(&'a Mutex<HashMap<&'static str, u64>>, &'static str);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(self.1);
    }
}

fn describe_part(part: &Part) -> DataPart {
    DataPart { name: part.name.to_string(), sha256: part.raw_sha256.to_string(), bytes: part.raw_bytes }
}

fn stamp(file: &Path) -> io::Result<(SystemTime, u64)> {
    let metadata = fs::metadata(file)?;
    Ok((metadata.modified()?, metadata.len()))
}

/// sha256 of a file, lower-case hex.
pub fn sum(file: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(file)?, &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}
