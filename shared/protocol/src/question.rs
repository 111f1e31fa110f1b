//! A question as the page gets it: the catalogue, each page already rendered, and the source of each lab.
//!
//! Made by `cargo xtask web` from `shared/questions` and `shared/labs`. What is called HTML here was rendered and
//! checked there and holds nothing that a person typed.

use serde::{Deserialize, Serialize};

use crate::knob::Knobs;
use crate::text::Text;

/// Every question, in the order in which they are turned over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    pub topics: Vec<Named>,
    pub roles: Vec<Named>,
    pub questions: Vec<Card>,
}

/// A topic or a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub id: String,
    pub name: Text,
}

/// What the catalogue says of a question, and where the rest is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub id: String,
    pub title: Text,
    /// 1 to 5.
    pub difficulty: u8,
    /// To answer it well in words.
    pub minutes: u32,
    pub topics: Vec<String>,
    pub roles: Vec<String>,
    /// The slug of its lab, the knobs to begin with there, and the ids of the goals that the question is about.
    pub lab: String,
    pub knobs: Knobs,
    pub goals: Vec<String>,
    /// What it is looked for by besides all that: methods and terms, in both languages.
    pub words: String,
    /// The address of its [`QuestionPage`] in each language.
    pub page: Text,
    /// The address of the lab's [`Code`].
    pub code: String,
}

/// A question in one language. Both languages have as many predictions, faults, checks, follow-ups and sources, in one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuestionPage {
    /// HTML, as are the next four.
    pub question: String,
    pub short: String,
    pub long: String,
    pub traps: String,
    pub lab: String,
    pub follow_ups: Vec<FollowUp>,
    pub predictions: Vec<Quiz>,
    /// Find the fault: the options are the lines of some code, one of which is wrong.
    pub faults: Vec<Quiz>,
    /// On what the page teaches.
    pub checks: Vec<Quiz>,
    pub sources: Vec<Source>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// HTML that stands in a line.
    pub ask: String,
    /// HTML.
    pub answer: String,
}

/// Options of which one is right. All of it is HTML that stands in a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quiz {
    pub ask: String,
    pub options: Vec<String>,
    /// The place of the right option, from 0.
    pub answer: usize,
    /// One for the whole, or one for each option.
    pub whys: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub title: String,
    pub authors: String,
    pub year: u16,
    pub url: String,
}

/// The source of a lab, as it runs, in reading order; after its own files those of what labs share that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Code {
    pub files: Vec<CodeFile>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeFile {
    /// Its path in the lab's folder, or where labs share it.
    pub name: String,
    /// HTML: one element a line, and in it classes for what a word is.
    pub html: String,
}
