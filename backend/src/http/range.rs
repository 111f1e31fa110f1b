//! Requests for a part of a file that never changes (RFC 9110, section 14).

use axum::http::{HeaderMap, HeaderName, header};

/// What of the file to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// Bytes `from` up to but not including `to`.
    Range {
        from: u64,
        to: u64,
    },
    Unsatisfiable,
}

/// What a request wants of a file of `bytes` bytes. A range that is malformed, of another unit, or one of several,
/// may be ignored, and is.
pub fn wanted(headers: &HeaderMap, etag: &str, bytes: u64) -> Part {
    // The client has part of something else: a part of this would not fit to it.
    if headers.contains_key(header::IF_RANGE) && !names(headers, header::IF_RANGE, etag) {
        return Part::Whole;
    }
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    range.and_then(|range| parse(range, bytes)).unwrap_or(Part::Whole)
}

/// Whether the header lists the tag.
pub fn names(headers: &HeaderMap, header: HeaderName, etag: &str) -> bool {
    let mut values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| {
        value.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag)
    })
}

fn parse(range: &str, bytes: u64) -> Option<Part> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.trim().split_once('-')?;
    // Digits only: `parse` would take a sign.
    let digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return None;
    }
    let (from, to) = match (first, last) {
        ("", "") => return None,
        ("", suffix) => (bytes.saturating_sub(suffix.parse().unwrap_or(u64::MAX)), bytes),
        (first, "") => (first.parse().unwrap_or(u64::MAX), bytes),
        (first, last) => {
            let (first, last) = (first.parse().unwrap_or(u64::MAX), last.parse().unwrap_or(u64::MAX));
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(bytes))
        }
    };
    Some(if from < to { Part::Range { from, to } } else { Part::Unsatisfiable })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(pairs: &[(HeaderName, &str)]) -> Part {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        wanted(&headers, "\"tag\"", 100)
    }

    #[test]
    fn a_range_is_cut_to_the_file_and_what_is_malformed_is_ignored() {
        for (range, expected) in [
            ("bytes=0-", Part::Range { from: 0, to: 100 }),
            ("bytes=0-0", Part::Range { from: 0, to: 1 }),
            ("bytes=50-", Part::Range { from: 50, to: 100 }),
            ("bytes=90-200", Part::Range { from: 90, to: 100 }),
            ("bytes=-10", Part::Range { from: 90, to: 100 }),
            ("bytes=-1000", Part::Range { from: 0, to: 100 }),
            ("bytes=99-99999999999999999999999", Part::Range { from: 99, to: 100 }),
            ("bytes=100-", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=5-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("bytes", Part::Whole),
        ] {
            assert_eq!(part(&[(header::RANGE, range)]), expected, "{range}");
        }
    }

    #[test]
    fn a_part_is_only_sent_to_who_has_the_rest_of_this_very_file() {
        let range = (header::RANGE, "bytes=50-");
        let tail = Part::Range { from: 50, to: 100 };
        assert_eq!(part(&[range.clone(), (header::IF_RANGE, "\"tag\"")]), tail);
        assert_eq!(part(&[range.clone(), (header::IF_RANGE, "\"other\"")]), Part::Whole);
        assert_eq!(part(&[range, (header::IF_RANGE, "Mon, 23 Nov 2026 22:00:00 GMT")]), Part::Whole);
    }
}
