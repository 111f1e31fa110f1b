//! A run's id: made by the server, checked wherever it comes back in.

use std::fmt;
use std::str::FromStr;

/// Twelve lower-case hex digits. Being parsed, it can stand in a path or a query without another thought.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run's id is {} digits from 0 to f", RunId::LENGTH)]
pub struct NotARunId;

impl RunId {
    pub const LENGTH: usize = 12;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = NotARunId;

    fn from_str(word: &str) -> Result<Self, NotARunId> {
        let fits = word.len() == Self::LENGTH && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(RunId(word.to_string())) } else { Err(NotARunId) }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_makes_is_an_id() {
        assert!("0123456789ab".parse::<RunId>().is_ok());
        for word in ["", "..", "0123456789aB", "0123456789a", "0123456789abc", "../../../etc", "0123456789a\0"] {
            assert_eq!(word.parse::<RunId>(), Err(NotARunId), "{word:?} was taken");
        }
    }
}
