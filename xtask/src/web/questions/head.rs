//! `question.toml` and `topics.toml`, read strictly: a field that is unknown or missing is a fault with its line.

use std::collections::BTreeMap;

use kindling_protocol::knob::Knobs;
use kindling_protocol::question::{Named, Source};
use kindling_protocol::text::Text;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::fault::{Fault, line_at, line_of};

/// Every visitor of the catalogue fetches the words of all questions.
const LONGEST_WORDS: usize = 500;

/// `shared/questions/topics.toml`: names by id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    topics: BTreeMap<String, Text>,
    roles: BTreeMap<String, Text>,
}

/// `question.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub lab: String,
    pub difficulty: u8,
    pub minutes: u32,
    pub topics: Vec<String>,
    pub roles: Vec<String>,
    pub title: Text,
    #[serde(default)]
    pub knobs: Knobs,
    pub goals: Vec<String>,
    /// Methods and terms by which somebody may look for it, in either language. Synonyms too: the texts need not have
    /// them.
    pub words: Vec<String>,
    pub prediction: Vec<Prediction>,
    pub fault: Vec<FaultyCode>,
    pub quiz: Vec<Check>,
    pub source: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    pub ask: Text,
    pub options: Vec<Text>,
    pub answer: usize,
    pub why: Text,
}

/// Code with one line that is wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultyCode {
    pub ask: Text,
    /// In Python, which is what candidates write.
    pub code: String,
    /// The line, counted from 1.
    pub answer: usize,
    pub why: Text,
}

/// A question about what the page teaches.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub ask: Text,
    pub option: Vec<Explained>,
    /// The option, counted from 0.
    pub answer: usize,
}

/// An option and why it is right or wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explained {
    pub text: Text,
    pub why: Text,
}

impl FaultyCode {
    /// As many as somebody reads, and no wider than a page is.
    fn is_right(&self) -> bool {
        let lines: Vec<_> = self.code.lines().collect();
        let fits = |line: &&str| !line.trim().is_empty() && line.chars().count() <= 80;
        (3..=16).contains(&lines.len()) && (1..=lines.len()).contains(&self.answer) && lines.iter().all(fits)
    }
}

impl Topics {
    pub fn read(file: &str, text: &str) -> Result<Topics, Fault> {
        let topics: Topics = parse(file, text)?;
        for (id, name) in topics.topics.iter().chain(&topics.roles) {
            if !is_id(id) || name.en.is_empty() || !is_chinese(&name.zh) {
                let what = format!("`{id}`: expected an id of a-z, 0-9 and `-`, and a name in English and Chinese");
                return Err(Fault::new(file, line_of(text, id), what));
            }
        }
        Ok(topics)
    }

    pub fn topics(&self) -> Vec<Named> {
        named(&self.topics)
    }

    pub fn roles(&self) -> Vec<Named> {
        named(&self.roles)
    }
}

fn named(names: &BTreeMap<String, Text>) -> Vec<Named> {
    names.iter().map(|(id, name)| Named { id: id.clone(), name: name.clone() }).collect()
}

impl Head {
    pub fn read(file: &str, text: &str) -> Result<Head, Fault> {
        parse(file, text)
    }

    /// All that can be said without the lab itself. `is_lab` knows the slugs.
    pub fn faults(&self, file: &str, text: &str, topics: &Topics, is_lab: impl Fn(&str) -> bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |word: &str, what: String| faults.push(Fault::new(file, line_of(text, word), what));
        if !is_lab(&self.lab) {
            fault("lab", format!("lab = \"{}\": expected a folder of shared/labs/src/labs", self.lab));
        }
        if !(1..=5).contains(&self.difficulty) {
            fault("difficulty", format!("difficulty = {}: expected 1 to 5", self.difficulty));
        }
        if !(1..=60).contains(&self.minutes) {
            fault("minutes", format!("minutes = {}: expected 1 to 60", self.minutes));
        }
        for (what, given, known) in [("topics", &self.topics, &topics.topics), ("roles", &self.roles, &topics.roles)] {
            if given.is_empty() || given.len() > 8 {
                fault(what, format!("{} {what}: expected 1 to 8", given.len()));
            }
            for id in given.iter().filter(|id| !known.contains_key(*id)) {
                let ids: Vec<_> = known.keys().map(String::as_str).collect();
                let add = "or a line for it in topics.toml";
                fault(id, format!("`{id}` is none of the {what}: expected one of {}; {add}", ids.join(", ")));
            }
        }
        if self.goals.is_empty() {
            fault("goals", "no goals: expected at least one goal id of the lab".into());
        }
        let words = self.words.join(" ");
        let chinese = self.words.iter().filter(|word| is_chinese(word)).count();
        if chinese == 0 || chinese == self.words.len() || words.len() > LONGEST_WORDS {
            let what = format!("{} bytes of words: expected English and Chinese ones", words.len());
            fault("words", format!("{what}, {LONGEST_WORDS} bytes at most"));
        }
        if !(1..=6).contains(&self.prediction.len()) {
            fault("prediction", format!("{} predictions: expected 1 to 6", self.prediction.len()));
        }
        for prediction in &self.prediction {
            let count = prediction.options.len();
            if !(2..=6).contains(&count) || prediction.answer >= count {
                let what = format!(
                    "{count} options and answer = {}: expected 2 to 6 options, counted from 0",
                    prediction.answer
                );
                fault(&prediction.ask.en, what);
            }
        }
        if !(1..=4).contains(&self.fault.len()) {
            fault("fault", format!("{} faults: expected 1 to 4", self.fault.len()));
        }
        for faulty in self.fault.iter().filter(|faulty| !faulty.is_right()) {
            let what =
                "expected 3 to 16 lines of code, none of them empty or over 80 characters, and the number of one";
            fault(&faulty.ask.en, format!("answer = {}: {what}", faulty.answer));
        }
        if !(2..=6).contains(&self.quiz.len()) {
            fault("quiz", format!("{} quizzes: expected 2 to 6", self.quiz.len()));
        }
        for check in &self.quiz {
            let count = check.option.len();
            if !(3..=5).contains(&count) || check.answer >= count {
                let what =
                    format!("{count} options and answer = {}: expected 3 to 5 options, counted from 0", check.answer);
                fault(&check.ask.en, what);
            }
        }
        if !(2..=20).contains(&self.source.len()) {
            fault("source", format!("{} sources: expected 2 to 20", self.source.len()));
        }
        for source in &self.source {
            if !source.url.starts_with("https://") || source.title.is_empty() || source.authors.is_empty() {
                fault(
                    &source.url,
                    format!("source `{}`: expected a title, authors and an https address", source.title),
                );
            }
        }
        let predictions = self.prediction.iter().flat_map(|one| [&one.ask, &one.why]);
        let faulty = self.fault.iter().flat_map(|one| [&one.ask, &one.why]);
        let checks = self.quiz.iter().flat_map(|one| {
            let options = one.option.iter().flat_map(|option| [&option.text, &option.why]);
            [&one.ask].into_iter().chain(options)
        });
        let texts = predictions.chain(faulty).chain(checks).chain([&self.title]);
        for text in texts {
            if text.en.trim().is_empty() || is_chinese(&text.en) || !is_chinese(&text.zh) {
                fault(&text.en, format!("`{}`: expected one text in English and one in Chinese", text.en));
            }
            if text.en.len() > 1000 || text.zh.len() > 1500 {
                fault(
                    &text.en,
                    "the text is longer than expected: 1000 bytes in English, 1500 in Chinese, at most".into(),
                );
            }
        }
        faults
    }
}

fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        Fault::new(file, line, error.message())
    })
}

pub fn is_id(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Has a Chinese character in it.
pub fn is_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}
