//! 20 Newsgroups as labs take it: messages of some groups, raw or stripped of what gives their group away.
//!
//! A part such as `train-sci.med` holds messages one after another, each behind its length in bytes (u32, little-endian).
//! They are of 1993 and in Latin-1, where every byte is a character: so no message is wrongly encoded.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::mnist::Unusable;
use super::text::Document;
use crate::host::{DataError, Host};

pub const SET: &str = "20newsgroups";

/// The largest part has 600 messages in 1.8 MB.
const MOST_MESSAGES: usize = 2_000;
const MOST_BYTES: usize = 8 << 20;

/// Why a part was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    #[error("has {bytes} bytes, expected up to {}", MOST_BYTES)]
    Long { bytes: usize },
    #[error("is cut short: message {index} is to have {expected} bytes, and {got} are left")]
    Cut { index: usize, expected: usize, got: usize },
    #[error("holds no message, or more than {}", MOST_MESSAGES)]
    Count,
}

/// The messages of a half, `train` or `test`, group by group as they were sent. The class of one is its group's place in
/// `groups`. The sums of the parts go into `sums`.
pub async fn messages(
    host: &dyn Host,
    half: &str,
    groups: &[&str],
    sums: &mut BTreeMap<String, String>,
) -> Result<Vec<Document>, Unusable> {
    let mut documents = Vec::new();
    for (class, group) in groups.iter().enumerate() {
        let part = format!("{SET}/{half}-{group}");
        let bytes = host.data(&part).await.map_err(|error| match error {
            DataError::Missing(_) => Unusable::Missing,
            damaged => Unusable::Damaged(damaged.to_string()),
        })?;
        let texts = read(&bytes).map_err(|error| Unusable::Damaged(format!("`{part}` {error}")))?;
        documents.extend(texts.into_iter().map(|text| Document { text, class: class as u8 }));
        sums.insert(part, format!("{:x}", Sha256::digest(&bytes)));
    }
    Ok(documents)
}

fn read(part: &[u8]) -> Result<Vec<String>, PartError> {
    if part.len() > MOST_BYTES {
        return Err(PartError::Long { bytes: part.len() });
    }
    let (mut texts, mut left) = (Vec::new(), part);
    while !left.is_empty() {
        let cut = |expected, got| PartError::Cut { index: texts.len(), expected, got };
        let (length, rest) = left.split_first_chunk().ok_or(cut(size_of::<u32>(), left.len()))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (message, rest) = rest.split_at_checked(length).ok_or(cut(length, rest.len()))?;
        texts.push(message.iter().map(|&byte| char::from(byte)).collect());
        left = rest;
    }
    match texts.len() {
        1..=MOST_MESSAGES => Ok(texts),
        _ => Err(PartError::Count),
    }
}

/// What its sender wrote, as far as simple rules find it, those of scikit-learn: without the headers, which end at the
/// first empty line; without a signature, which is what follows the last line that is empty or of hyphens; without lines
/// that quote or that introduce a quote. Each of them names groups, people and their hosts.
pub fn strip(message: &str) -> String {
    let body = message.split_once("\n\n").map_or("", |(_, body)| body);
    let lines: Vec<&str> = body.trim().split('\n').collect();
    let apart = |line: &&str| line.trim().trim_matches('-').is_empty();
    let kept = match lines.iter().rposition(apart) {
        Some(place) if place > 0 => &lines[..place],
        _ => &lines[..],
    };
    kept.iter().filter(|line| !quotes(line)).copied().collect::<Vec<_>>().join("\n")
}

fn quotes(line: &str) -> bool {
    let begins = ["In article", "Quoted from", "|", ">"].iter().any(|start| line.starts_with(start));
    begins || ["writes in", "writes:", "wrote:", "says:", "said:"].iter().any(|verb| line.contains(verb))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::TestHost;

    /// A part of these messages.
    pub(crate) fn part<T: AsRef<[u8]>>(messages: impl IntoIterator<Item = T>) -> Vec<u8> {
        let framed = |message: T| [&(message.as_ref().len() as u32).to_le_bytes()[..], message.as_ref()].concat();
        messages.into_iter().flat_map(framed).collect()
    }

    fn load(files: &[(&str, Vec<u8>)]) -> Result<(Vec<Document>, BTreeMap<String, String>), Unusable> {
        let files = files.iter().map(|(name, bytes)| (format!("{SET}/{name}"), bytes.clone())).collect();
        let (host, mut sums) = (TestHost { files, ..TestHost::default() }, BTreeMap::new());
        let groups = ["sci.med", "rec.autos"];
        pollster::block_on(messages(&host, "test", &groups, &mut sums)).map(|documents| (documents, sums))
    }

    #[test]
    fn messages_of_groups_come_in_turn_and_in_latin_1() {
        let files =
            [("test-rec.autos", part([&b"one"[..], b""])), ("test-sci.med", part([b"caf\xe9 \xff\x00".as_slice()]))];
        let (found, sums) = load(&files).ok().expect("they are here");
        let document = |text: &str, class| Document { text: text.into(), class };
        assert_eq!(found, [document("caf\u{e9} \u{ff}\u{0}", 0), document("one", 1), document("", 1)]);
        assert_eq!(sums.keys().collect::<Vec<_>>(), ["20newsgroups/test-rec.autos", "20newsgroups/test-sci.med"]);
        assert!(matches!(load(&files[..1]), Err(Unusable::Missing)));
    }

    #[test]
    fn a_part_that_is_cut_empty_or_too_long_is_named() {
        let whole = part(["one", "three"]);
        let refused = |bytes: Vec<u8>| match load(&[("test-sci.med", bytes)]) {
            Err(Unusable::Damaged(detail)) => detail,
            _ => panic!("it was taken"),
        };
        for (length, expected, got) in [(9, 4, 2), (14, 5, 3), (3, 4, 3)] {
            let index = usize::from(length > 7);
            let told = format!(
                "`20newsgroups/test-sci.med` is cut short: message {index} is to have {expected} bytes, and {got} are left"
            );
            assert_eq!(refused(whole[..length].to_vec()), told);
        }
        assert!(refused(vec![0xff; 40]).contains("4294967295 bytes, and 36 are left"));
        assert!(refused(vec![]).contains("holds no message"));
        assert!(refused(vec![0; 4 * (MOST_MESSAGES + 1)]).contains("more than 2000"));
        assert!(refused(vec![0; MOST_BYTES + 1]).contains("has 8388609 bytes"));
    }

    #[test]
    fn what_gives_a_group_away_is_stripped() {
        let message = "From: a@b\nNewsgroups: sci.med\n\nIn article <1@b> c wrote:\n> an old\n| thing\nA new one.\n\n\
            Dr. C says: no.\nStill mine.\n--\nA. B., M.D.\nmail me\n";
        assert_eq!(strip(message), "A new one.\n\nStill mine.");
        // Nothing looks like a signature.
        assert_eq!(strip("Subject: x\n\none\ntwo"), "one\ntwo");
        // The last paragraph is lost, as it is to scikit-learn.
        assert_eq!(strip("Subject: x\n\none\n\ntwo\n\n"), "one");
        assert_eq!(["no empty line", "Subject: x\n\n", "Subject: x\n\n--\n", ""].map(strip), ["", "", "--", ""]);
    }
}
