//! What is wrong in a question, where, and what was expected.

use std::fmt;

/// One thing for the author to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From the root of the repository.
    pub file: String,
    /// From 1, where the fault stands in a line.
    pub line: Option<usize>,
    pub what: String,
}

impl Fault {
    pub fn new(file: &str, line: Option<usize>, what: impl Into<String>) -> Self {
        Fault { file: file.into(), line, what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// The line of a place in a text, from 1.
pub fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The line where a word stands first.
pub fn line_of(text: &str, word: &str) -> Option<usize> {
    text.find(word).map(|offset| line_at(text, offset))
}
