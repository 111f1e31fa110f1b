//! Parts that are inside an archive, a tar of gzip: unpacked in memory when they are asked for.
//!
//! Reading through an archive takes a second or two, and browsers keep what they were given. So nothing unpacked lies on
//! the disk, and nothing stays in memory.

use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use tar::{Archive, Entries};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::cifar::{CLASSES, EACH, RECORD, SIDE};

/// Where in its archive a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// A file of it.
    File { folder: &'static str, name: &'static str },
    /// All files of a folder in the order of their names, each behind its length (u32, little-endian).
    Folder(&'static str),
    /// The pictures `half/CLASS/NUMBER.jpg` with [`EACH`] numbers from `first` on, as records of CIFAR-10's binary: class
    /// after class in turn, so that the front of a part has all classes alike.
    Jpegs { half: &'static str, first: usize },
}

/// Why an archive does not give a part.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("it can't be read as a tar of gzip: {0}")]
    Unreadable(#[from] io::Error),
    #[error("`{0}` is not in it")]
    Absent(String),
    #[error("`{0}` is in it twice")]
    Twice(String),
    #[error("`{name}` has {bytes} bytes, expected {expected}")]
    Size { name: String, bytes: u64, expected: String },
    #[error("`{name}` is not a JPEG of {}x{} pixels: {detail}", SIDE, SIDE)]
    Picture { name: String, detail: String },
}

/// What an archive may hold, unpacked: more than any here does.
const MOST_BYTES: u64 = 512 << 20;
/// Of the length before a file of a folder.
const LENGTH: usize = 4;
/// Of one JPEG.
const MOST_JPEG_BYTES: u64 = 16 << 10;

/// The part, which is to be of `bytes` bytes.
pub fn unpack(archive: impl Read, inside: Inside, bytes: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = Archive::new(GzDecoder::new(archive).take(MOST_BYTES));
    let entries = archive.entries()?;
    match inside {
        Inside::File { folder, name } => file(entries, &format!("{folder}/{name}"), bytes),
        Inside::Folder(name) => folder(entries, name, bytes),
        Inside::Jpegs { half, first } => records(entries, half, first, EACH),
    }
}

fn file<R: Read>(entries: Entries<'_, R>, name: &str, expected: u64) -> Result<Vec<u8>, ArchiveError> {
    for entry in entries {
        let mut entry = entry?;
        if path(&entry) != name {
            continue;
        }
        let bytes = entry.size();
        if bytes != expected {
            return Err(ArchiveError::Size { name: name.into(), bytes, expected: expected.to_string() });
        }
        return content(&mut entry);
    }
    Err(ArchiveError::Absent(name.into()))
}

fn folder<R: Read>(entries: Entries<'_, R>, folder: &str, expected: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut files = BTreeMap::new();
    let mut bytes = 0u64;
    for entry in entries {
        let mut entry = entry?;
        let name = path(&entry);
        let file = name.strip_prefix(folder).and_then(|name| name.strip_prefix('/'));
        if file.is_none() || !entry.header().entry_type().is_file() {
            continue;
        }
        // Before it is read: so no more is held than the part is to have.
        bytes = bytes.saturating_add(LENGTH as u64).saturating_add(entry.size());
        if bytes > expected {
            break;
        }
        let content = content(&mut entry)?;
        if files.insert(name.clone(), content).is_some() {
            return Err(ArchiveError::Twice(name));
        }
        if bytes == expected {
            break;
        }
    }
    match bytes {
        0 => Err(ArchiveError::Absent(folder.into())),
        _ if bytes == expected => {
            let framed = |file: Vec<u8>| [&(file.len() as u32).to_le_bytes()[..], &file].concat();
            Ok(files.into_values().flat_map(framed).collect())
        }
        _ => Err(ArchiveError::Size { name: folder.into(), bytes, expected: expected.to_string() }),
    }
}

/// What a file holds, whole.
fn content<R: Read>(entry: &mut tar::Entry<'_, R>) -> Result<Vec<u8>, ArchiveError> {
    let bytes = entry.size();
    let mut content = Vec::with_capacity(bytes as usize);
    entry.read_to_end(&mut content)?;
    match content.len() as u64 == bytes {
        true => Ok(content),
        false => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
    }
}

/// `each` pictures of each class.
pub(super) fn records<R: Read>(
    entries: Entries<'_, R>,
    half: &str,
    first: usize,
    each: usize,
) -> Result<Vec<u8>, ArchiveError> {
    let mut records = vec![0; CLASSES.len() * each * RECORD];
    let mut seen = vec![false; CLASSES.len() * each];
    let mut jpeg = Vec::new();
    for entry in entries {
        let mut entry = entry?;
        let name = path(&entry);
        let Some((class, number)) = picture(&name, half) else { continue };
        let Some(place) = number.checked_sub(first).filter(|place| *place < each) else { continue };
        let place = place * CLASSES.len() + class;
        if std::mem::replace(&mut seen[place], true) {
            return Err(ArchiveError::Twice(name));
        }
        let bytes = entry.size();
        if bytes > MOST_JPEG_BYTES {
            return Err(ArchiveError::Size { name, bytes, expected: format!("at most {MOST_JPEG_BYTES}") });
        }
        jpeg.clear();
        entry.read_to_end(&mut jpeg)?;
        let (label, planes) = records[place * RECORD..][..RECORD].split_first_mut().expect("a record");
        *label = class as u8;
        decode(&jpeg, planes).map_err(|detail| ArchiveError::Picture { name, detail })?;
    }
    match seen.iter().position(|seen| !seen) {
        Some(place) => {
            let (class, number) = (CLASSES[place % CLASSES.len()], first + place / CLASSES.len());
            Err(ArchiveError::Absent(format!("{half}/{class}/{number:04}.jpg")))
        }
        None => Ok(records),
    }
}

/// As a person reads it, without the `./` that some programs write.
fn path<R: Read>(entry: &tar::Entry<'_, R>) -> String {
    let path = entry.path_bytes();
    String::from_utf8_lossy(path.strip_prefix(b"./").unwrap_or(&path)).into_owned()
}

/// Class and number, if it is a picture of that half.
fn picture(path: &str, half: &str) -> Option<(usize, usize)> {
    let (class, number) = path.strip_prefix(half)?.strip_prefix('/')?.strip_suffix(".jpg")?.split_once('/')?;
    let class = CLASSES.iter().position(|known| *known == class)?;
    Some((class, number.parse().ok()?))
}

/// Red, green and blue plane of a JPEG.
pub(super) fn decode(jpeg: &[u8], planes: &mut [u8]) -> Result<(), String> {
    // A decoder fills in what a cut file lacks.
    if !jpeg.ends_with(&[0xff, 0xd9]) {
        return Err("it is cut short".into());
    }
    // Not by vector instructions: their rounding need not be that of every machine.
    let options = DecoderOptions::new_safe()
        .set_max_width(SIDE)
        .set_max_height(SIDE)
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let pixels = decoder.decode().map_err(|error| error.to_string())?;
    if decoder.info().is_none_or(|info| (usize::from(info.width), usize::from(info.height)) != (SIDE, SIDE))
        || pixels.len() != planes.len()
    {
        return Err("it has another size".into());
    }
    for (channel, plane) in planes.chunks_exact_mut(SIDE * SIDE).enumerate() {
        plane.iter_mut().zip(pixels.chunks_exact(3)).for_each(|(place, pixel)| *place = pixel[channel]);
    }
    Ok(())
}
