//! From a mirror to a file that is whole or not there.
//!
//! What arrived of a file is kept under another name, so that a later try goes on from there; the sum over all of it
//! decides in the end. A mirror that sends something else is passed over, and what it sent is thrown away.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::StatusCode;
use ureq::http::header::{ACCEPT_ENCODING, CONTENT_RANGE, RANGE};

use super::sets::Part;
use super::sum;

/// Tries of one mirror while it sends something. A try goes on where the one before was cut.
const TRIES: u32 = 5;

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the data set `{set}` is being fetched already")]
    Busy { set: &'static str },
    #[error("nobody publishes this file for download; whoever has it puts it at {}", path.display())]
    Unpublished { path: PathBuf },
    #[error("{file} could not be had from any mirror:{}", tried.iter().map(|line| format!("\n  {line}")).collect::<String>())]
    NoMirror { file: &'static str, tried: Vec<String> },
    #[error("{} can't be written: {error}", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
}

/// Why one try of one mirror came to nothing.
#[derive(Debug, thiserror::Error)]
enum TryError {
    #[error("{0}")]
    Http(#[from] Box<ureq::Error>),
    #[error("it answered {0}")]
    Status(StatusCode),
    #[error("it broke off: {0}")]
    Cut(io::Error),
    #[error("it sent another file ({0})")]
    Wrong(String),
    #[error("{0}")]
    Write(io::Error),
}

/// `progress` hears the bytes of this file so far.
pub fn fetch(to: &Path, part: &Part, mirrors: &[String], progress: &mut dyn FnMut(u64)) -> Result<(), FetchError> {
    let unwritable = |error| FetchError::Unwritable { path: to.to_path_buf(), error };
    let folder = to.parent().ok_or_else(|| unwritable(io::ErrorKind::InvalidInput.into()))?;
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_secs(30)))
        .timeout_recv_body(Some(Duration::from_secs(600)))
        .user_agent(concat!("kindling/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut tried = Vec::new();
    for mirror in mirrors {
        let url = format!("{}/{}", mirror.trim_end_matches('/'), part.published);
        for attempt in 1..=TRIES {
            let before = length(&unfinished);
            let outcome = attempt_once(&agent, &url, part, &unfinished, progress);
            match outcome.and_then(|()| accept(&unfinished, part)) {
                Ok(()) => return keep(&unfinished, to, folder).map_err(unwritable),
                Err(TryError::Write(error)) => return Err(unwritable(error)),
                Err(error) => {
                    tracing::debug!(url, attempt, %error, "a try failed");
                    // Another try is worth it where something arrived, or where what is here may be what is wrong.
                    let moved = length(&unfinished) > before || (before > 0 && length(&unfinished) == 0);
                    if !moved || attempt == TRIES {
                        tried.push(format!("{url}: {error}"));
                        break;
                    }
                }
            }
        }
    }
    Err(FetchError::NoMirror { file: part.file, tried })
}

/// One request. Afterwards `unfinished` holds what there is so far.
fn attempt_once(
    agent: &ureq::Agent,
    url: &str,
    part: &Part,
    unfinished: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), TryError> {
    let mut have = length(unfinished);
    if have >= part.bytes {
        return Ok(());
    }
    // The sum is of the file itself: nobody must wrap or unwrap it on the way.
    let mut request = agent.get(url).header(ACCEPT_ENCODING, "identity");
    if have > 0 {
        request = request.header(RANGE, format!("bytes={have}-"));
    }
    let response = request.call().map_err(Box::new)?;
    match response.status() {
        StatusCode::OK => have = 0,
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            if !range.starts_with(&format!("bytes {have}-")) {
                return Err(TryError::Wrong(format!("range `{range}`")));
            }
        }
        // It has no such range: what is here is not of this file.
        StatusCode::RANGE_NOT_SATISFIABLE => {
            discard(unfinished)?;
            return Err(TryError::Status(response.status()));
        }
        status => return Err(TryError::Status(status)),
    }
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(false).open(unfinished).map_err(TryError::Write)?;
    file.set_len(have).map_err(TryError::Write)?;
    io::Seek::seek(&mut file, io::SeekFrom::End(0)).map_err(TryError::Write)?;
    let mut body = response.into_body();
    // One byte more than there may be tells a file that is too long.
    let mut body = body.as_reader().take(part.bytes - have + 1);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match body.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(TryError::Cut(error)),
        };
        if count == 0 {
            break;
        }
        file.write_all(&buffer[..count]).map_err(TryError::Write)?;
        have += count as u64;
        progress(have.min(part.bytes));
    }
    file.sync_all().map_err(TryError::Write)?;
    match have < part.bytes {
        true => Err(TryError::Cut(io::ErrorKind::UnexpectedEof.into())),
        false => Ok(()),
    }
}

/// Checks length and sum. What fails is thrown away: going on from it would only fail again.
fn accept(unfinished: &Path, part: &Part) -> Result<(), TryError> {
    let bytes = length(unfinished);
    if bytes != part.bytes {
        discard(unfinished)?;
        return Err(TryError::Wrong(format!("{bytes} bytes or more, expected {}", part.bytes)));
    }
    let sum = sum(unfinished).map_err(TryError::Write)?;
    if sum != part.sha256 {
        discard(unfinished)?;
        return Err(TryError::Wrong(format!("sha256 {sum}, expected {}", part.sha256)));
    }
    Ok(())
}

fn keep(unfinished: &Path, to: &Path, folder: &Path) -> io::Result<()> {
    fs::rename(unfinished, to)?;
    // A folder can be synced where it can be opened: not on Windows.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn discard(unfinished: &Path) -> Result<(), TryError> {
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(TryError::Write(error)),
        _ => Ok(()),
    }
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |metadata| metadata.len())
}
