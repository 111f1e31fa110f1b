//! Plain text: documents, their words, and a vocabulary.

use std::collections::{BTreeMap, BTreeSet};

/// A text and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub text: String,
    pub class: u8,
}

/// Runs of letters, perhaps with an apostrophe inside, in lower case as far as ASCII goes. Letters are those of Latin-1.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let letter = |letter: char| {
        letter.is_ascii_alphabetic() || ('À'..='ÿ').contains(&letter) && !matches!(letter, '×' | '÷') || letter == '\''
    };
    let runs = text.split(move |character| !letter(character)).map(|run| run.trim_matches('\''));
    runs.filter(|run| !run.is_empty()).map(str::to_ascii_lowercase)
}

/// Words that have places.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    pub words: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Vocabulary {
    pub fn new(words: Vec<String>) -> Self {
        let places = words.iter().cloned().zip(0..).collect();
        Vocabulary { words, places }
    }

    /// At most `most` words, those of the most documents first and equals by the alphabet. Left out are words of one or
    /// two letters, and those in more than the share `common` of all documents: they say little of what one is about.
    pub fn of(documents: &[Document], most: usize, common: f64) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for document in documents {
            for word in words(&document.text).collect::<BTreeSet<_>>() {
                *counts.entry(word).or_default() += 1;
            }
        }
        let bound = common * documents.len() as f64;
        let telling = |(word, count): &(String, usize)| word.chars().count() > 2 && *count as f64 <= bound;
        let mut counted: Vec<(String, usize)> = counts.into_iter().filter(telling).collect();
        // Stable: they are in the order of the alphabet.
        counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Vocabulary::new(counted.into_iter().take(most).map(|(word, _)| word).collect())
    }

    pub fn place(&self, word: &str) -> Option<usize> {
        self.places.get(word).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_with_apostrophes_inside_them() {
        let found: Vec<String> = words("'Don't' say: caf\u{e9}-\u{c9}t\u{e9}, 3x4\u{d7}y_z! ''").collect();
        assert_eq!(found, ["don't", "say", "caf\u{e9}", "\u{c9}t\u{e9}", "x", "y", "z"]);
        assert_eq!(words(" \u{0}\n").count(), 0);
    }

    #[test]
    fn a_vocabulary_leaves_out_what_is_short_or_everywhere_and_is_ordered() {
        let texts = ["the red fox is red", "the red hen", "the old hen", "the old owl"];
        let documents = texts.map(|text| Document { text: text.into(), class: 0 });
        let vocabulary = Vocabulary::of(&documents, 4, 0.5);
        assert_eq!(vocabulary.words, ["hen", "old", "red", "fox"]);
        assert_eq!((vocabulary.place("red"), vocabulary.place("owl"), vocabulary.place("the")), (Some(2), None, None));
        assert!(Vocabulary::of(&[], 4, 0.5).words.is_empty());
    }
}
