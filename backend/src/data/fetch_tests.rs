//! Fetching from mirrors that behave as the worst ones do.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::fetch::{FetchError, fetch};
use super::sets::{Packing, Part};

/// What a mirror does with a request, and what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Habit {
    Honest,
    /// Ends each answer after so many bytes of its body.
    CutsAfter(usize),
    /// As before, and always starts at the first byte.
    IgnoresRange(usize),
    WrongBytes,
    /// Sends more than there is.
    TooLong,
    Status(u16),
}

struct Mirror {
    url: String,
    /// The `Range` of each request.
    ranges: Arc<Mutex<Vec<Option<String>>>>,
}

/// Serves `file` under every path, by its habit, until the test ends.
fn mirror(file: Vec<u8>, habit: Habit) -> Mirror {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/sets", listener.local_addr().unwrap());
    let ranges: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let asked = ranges.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut range = None;
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                match line.unwrap().to_ascii_lowercase() {
                    line if line.is_empty() => break,
                    line => range = range.or(line.strip_prefix("range: ").map(str::to_string)),
                }
            }
            asked.lock().unwrap().push(range.clone());
            let from = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
            let (from, ranged): (usize, bool) = match habit {
                Habit::Honest | Habit::CutsAfter(_) => (from.unwrap_or(0), from.is_some()),
                _ => (0, false),
            };
            let mut body = file[from..].to_vec();
            match habit {
                Habit::WrongBytes => body.iter_mut().for_each(|byte| *byte ^= 1),
                Habit::TooLong => body.extend_from_slice(b"and more"),
                _ => {}
            }
            let status = match habit {
                Habit::Status(status) => format!("{status} No"),
                _ if ranged => "206 Partial Content".to_string(),
                _ => "200 OK".to_string(),
            };
            let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
            if ranged {
                head += &format!("content-range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len());
            }
            if let Habit::CutsAfter(bytes) | Habit::IgnoresRange(bytes) = habit {
                body.truncate(bytes);
            }
            // A client that has enough hangs up.
            let _ = stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    Mirror { url, ranges }
}

/// A file of 100,000 bytes that no two places of are alike, and what it must be.
fn file() -> (Vec<u8>, Part) {
    let bytes: Vec<u8> = (0..25_000u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let sha256 = format!("{:x}", Sha256::digest(&bytes)).leak();
    let part = Part {
        name: "part",
        file: "part.gz",
        published: "part.gz",
        packing: Packing::Gzip,
        bytes: bytes.len() as u64,
        sha256,
        raw_bytes: 0,
        raw_sha256: "",
        repacked: &[],
    };
    (bytes, part)
}

/// Fetches from the mirrors into a fresh folder, over what an earlier try left there.
fn try_fetch(
    part: &Part,
    mirrors: &[&Mirror],
    left: Option<&[u8]>,
) -> (Result<Vec<u8>, FetchError>, Vec<u64>, PathBuf) {
    let folder = tempfile::tempdir().unwrap().keep();
    if let Some(left) = left {
        std::fs::write(folder.join("part.gz.unfinished"), left).unwrap();
    }
    let urls: Vec<String> = mirrors.iter().map(|mirror| mirror.url.clone()).collect();
    let mut told = Vec::new();
    let fetched = fetch(&folder.join("part.gz"), part, &urls, &mut |bytes| told.push(bytes));
    let fetched = fetched.map(|()| std::fs::read(folder.join("part.gz")).unwrap());
    (fetched, told, folder)
}

fn names(folder: &PathBuf) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn an_honest_mirror_is_asked_once_and_progress_ends_at_the_last_byte() {
    let (bytes, part) = file();
    let honest = mirror(bytes.clone(), Habit::Honest);
    let (fetched, told, folder) = try_fetch(&part, &[&honest], None);
    assert!(fetched.unwrap() == bytes);
    assert_eq!(told.last(), Some(&part.bytes));
    assert!(told.is_sorted());
    assert_eq!(names(&folder), ["part.gz"]);
    assert_eq!(*honest.ranges.lock().unwrap(), [None]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_connection_that_breaks_goes_on_where_it_broke() {
    let (bytes, part) = file();
    let cutting = mirror(bytes.clone(), Habit::CutsAfter(40_000));
    let (fetched, _, folder) = try_fetch(&part, &[&cutting], None);
    assert!(fetched.unwrap() == bytes);
    let ranges: Vec<Option<String>> = cutting.ranges.lock().unwrap().clone();
    assert_eq!(ranges, [None, Some("bytes=40000-".into()), Some("bytes=80000-".into())]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_an_earlier_try_left_is_used_if_it_fits_and_dropped_if_not() {
    let (bytes, part) = file();
    let honest = mirror(bytes.clone(), Habit::Honest);
    let (fetched, _, folder) = try_fetch(&part, &[&honest], Some(&bytes[..70_000]));
    assert!(fetched.unwrap() == bytes);
    assert_eq!(*honest.ranges.lock().unwrap(), [Some("bytes=70000-".to_string())]);
    std::fs::remove_dir_all(folder).unwrap();

    for wrong in [vec![0; 70_000], vec![0; bytes.len()], vec![0; bytes.len() + 9]] {
        let (fetched, _, folder) = try_fetch(&part, &[&honest], Some(&wrong));
        assert!(fetched.unwrap() == bytes, "{} bytes left", wrong.len());
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_mirror_that_fails_is_passed_over_for_the_next() {
    let (bytes, part) = file();
    let honest = mirror(bytes.clone(), Habit::Honest);
    for habit in
        [Habit::WrongBytes, Habit::TooLong, Habit::Status(404), Habit::Status(503), Habit::IgnoresRange(30_000)]
    {
        let bad = mirror(bytes.clone(), habit);
        let (fetched, _, folder) = try_fetch(&part, &[&bad, &honest], None);
        assert!(fetched.unwrap() == bytes, "{habit:?}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn without_a_good_mirror_there_is_no_file_and_each_failure_is_named() {
    let (bytes, part) = file();
    let wrong = mirror(bytes.clone(), Habit::WrongBytes);
    let gone = mirror(bytes, Habit::Status(410));
    let nobody = Mirror { url: "http://127.0.0.1:1".into(), ranges: Arc::default() };
    let (fetched, _, folder) = try_fetch(&part, &[&wrong, &gone, &nobody], None);
    let message = fetched.unwrap_err().to_string();
    for word in ["part.gz", "another file", "410", "127.0.0.1:1"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
    std::fs::remove_dir_all(folder).unwrap();
}
