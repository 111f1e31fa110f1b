//! The question pages: `shared/questions` checked, rendered and made into files of the page.
//!
//! - [`head`]: `question.toml` and `topics.toml`. [`prose`]: `en.md` and `zh.md`. [`formula`]: LaTeX to MathML.
//! - [`code`]: the source of a lab. [`fault`]: what is wrong, and where.
//!
//! A catalogue names a file a question and language and one a lab; see `kindling_protocol::question`.

mod code;
mod fault;
mod formula;
mod head;
mod prose;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use kindling_protocol::question::{Card, Catalogue, QuestionPage, Quiz};
use kindling_protocol::text::{Language, Text};

use super::assets::Source;
use fault::{Fault, line_of};
use head::{Head, Topics};
use prose::{Known, Prose};

/// The file that the page looks for; it names all others.
pub const CATALOGUE: &str = "questions/index.json";
const FOLDER: &str = "shared/questions";
const LABS: &str = "shared/labs/src/labs";
/// No file of a question is larger.
const LARGEST: u64 = 64 * 1024;

/// The files of all questions. `lenient` tells faults and leaves out what has them.
pub fn sources(root: &Path, lenient: bool) -> Result<Vec<Source>> {
    let (book, faults) = Book::read(root)?;
    for fault in &faults {
        eprintln!("    {fault}");
    }
    if !faults.is_empty() && !lenient {
        bail!("{} faults in {FOLDER}", faults.len());
    }
    book.sources(root)
}

/// Everything that is right.
#[derive(Default)]
struct Book {
    catalogue: Catalogue,
    /// By id, English and Chinese.
    pages: BTreeMap<String, [QuestionPage; 2]>,
}

impl Book {
    fn read(root: &Path) -> Result<(Book, Vec<Fault>)> {
        let folder = root.join(FOLDER);
        let names = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut ids = BTreeSet::new();
        for entry in names {
            let entry = entry?;
            if entry.path().is_dir() {
                ids.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
        let file = format!("{FOLDER}/topics.toml");
        let topics = match read(root, &file).and_then(|text| Topics::read(&file, &text)) {
            Ok(topics) => topics,
            Err(fault) => return Ok((Book::default(), vec![fault])),
        };
        let mut book = Book::default();
        book.catalogue.topics = topics.topics();
        book.catalogue.roles = topics.roles();
        let mut faults = Vec::new();
        for id in &ids {
            match question(root, id, &topics, &ids) {
                Ok((card, pages)) => {
                    book.catalogue.questions.push(card);
                    book.pages.insert(id.clone(), pages);
                }
                Err(found) => faults.extend(found),
            }
        }
        // Numbered questions, then the larger cases, then discussions.
        let rank = |id: &str| ["q", "c", "b"].iter().position(|letter| id.starts_with(letter)).unwrap_or(9);
        book.catalogue.questions.sort_by_cached_key(|card| (rank(&card.id), card.id.clone()));
        Ok((book, faults))
    }

    fn sources(&self, root: &Path) -> Result<Vec<Source>> {
        let mut sources = vec![json(CATALOGUE.into(), &self.catalogue)?];
        for (id, [english, chinese]) in &self.pages {
            sources.push(json(page_name(id, "en"), english)?);
            sources.push(json(page_name(id, "zh"), chinese)?);
        }
        let labs: BTreeSet<_> = self.catalogue.questions.iter().map(|card| &card.lab).collect();
        for lab in labs {
            sources.push(json(code_name(lab), &code::read(root, &module(lab))?)?);
        }
        Ok(sources)
    }
}

fn json(name: String, content: &impl serde::Serialize) -> Result<Source> {
    Ok(Source { name, bytes: serde_json::to_vec(content)? })
}

fn page_name(id: &str, language: &str) -> String {
    format!("questions/{id}-{language}.json")
}

fn code_name(lab: &str) -> String {
    format!("questions/code-{lab}.json")
}

fn address(name: &str) -> String {
    format!("{{{{asset:{name}}}}}")
}

fn module(lab: &str) -> String {
    lab.replace('-', "_")
}

fn read(root: &Path, file: &str) -> Result<String, Fault> {
    let unreadable = |why: String| Fault::new(file, None, why);
    let size = fs::metadata(root.join(file)).map_err(|error| unreadable(format!("expected this file: {error}")))?.len();
    if size > LARGEST {
        return Err(unreadable(format!("{size} bytes: expected {LARGEST} at most")));
    }
    fs::read_to_string(root.join(file)).map_err(|error| unreadable(error.to_string()))
}

/// One question, or all that is wrong with it.
fn question(
    root: &Path,
    id: &str,
    topics: &Topics,
    ids: &BTreeSet<String>,
) -> Result<(Card, [QuestionPage; 2]), Vec<Fault>> {
    let folder = format!("{FOLDER}/{id}");
    let is_lab = |slug: &str| head::is_id(slug) && root.join(LABS).join(module(slug)).join("mod.rs").is_file();
    let is_question = |id: &str| ids.contains(id);
    let known = Known { is_lab: &is_lab, is_question: &is_question };
    let mut faults = unexpected(root, &folder, id);

    let file = format!("{folder}/question.toml");
    let parsed = read(root, &file).and_then(|text| Head::read(&file, &text).map(|head| (head, text)));
    let head = parsed.map_err(|fault| faults.push(fault)).ok();
    let mut quizzes = [Quizzes::default(), Quizzes::default()];
    if let Some((head, text)) = &head {
        faults.extend(head.faults(&file, text, topics, is_lab));
        for (place, language) in [Language::En, Language::Zh].into_iter().enumerate() {
            let line = |part: &Text| {
                let part = part.get(language);
                prose::render_line(&file, line_of(text, part), part, &known)
            };
            match Quizzes::render(head, line) {
                Ok(rendered) => quizzes[place] = rendered,
                Err(found) => faults.extend(found),
            }
        }
    }
    let mut prose = |language: Language, name: &str| -> Prose {
        let file = format!("{folder}/{name}.md");
        let text = read(root, &file).map_err(|fault| vec![fault]);
        let rendered = text.and_then(|text| prose::render(&file, &text, language, &known));
        rendered.unwrap_or_else(|found| {
            faults.extend(found);
            Prose::default()
        })
    };
    let (english, chinese) = (prose(Language::En, "en"), prose(Language::Zh, "zh"));
    let counts = [english.follow_ups.len(), chinese.follow_ups.len()];
    if faults.is_empty() && counts[0] != counts[1] {
        let what = format!("{} follow-ups: expected {}, as in en.md", counts[1], counts[0]);
        faults.push(Fault::new(&format!("{folder}/zh.md"), None, what));
    }
    let Some((head, _)) = head.filter(|_| faults.is_empty()) else { return Err(faults) };

    let card = Card {
        id: id.into(),
        title: head.title,
        difficulty: head.difficulty,
        minutes: head.minutes,
        topics: head.topics,
        roles: head.roles,
        code: address(&code_name(&head.lab)),
        lab: head.lab,
        knobs: head.knobs,
        goals: head.goals,
        words: head.words.join(" "),
        page: Text { en: address(&page_name(id, "en")).into(), zh: address(&page_name(id, "zh")).into() },
    };
    let [in_english, in_chinese] = quizzes;
    let page = |prose: Prose, quizzes: Quizzes| {
        let section = |id: &str| -> String {
            let place = prose::SECTIONS.iter().position(|(one, ..)| *one == id);
            place.and_then(|place| prose.sections.get(place).cloned()).unwrap_or_default()
        };
        QuestionPage {
            question: section("question"),
            short: section("short"),
            long: section("long"),
            traps: section("traps"),
            lab: section("lab"),
            follow_ups: prose.follow_ups.clone(),
            predictions: quizzes.predictions,
            faults: quizzes.faults,
            checks: quizzes.checks,
            sources: head.source.clone(),
        }
    };
    Ok((card, [page(english, in_english), page(chinese, in_chinese)]))
}

fn unexpected(root: &Path, folder: &str, id: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !head::is_id(id) {
        faults.push(Fault::new(folder, None, "expected a folder named by a-z, 0-9 and `-`"));
    }
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !["question.toml", "en.md", "zh.md"].contains(&&*name) {
            let what = "expected nothing here but question.toml, en.md and zh.md";
            faults.push(Fault::new(&format!("{folder}/{name}"), None, what));
        }
    }
    faults
}

/// Everything on a page of which an option is chosen.
#[derive(Default)]
struct Quizzes {
    predictions: Vec<Quiz>,
    faults: Vec<Quiz>,
    checks: Vec<Quiz>,
}

impl Quizzes {
    /// `line` renders what stands in a line. Every fault is told, not only the first.
    fn render(head: &Head, line: impl Fn(&Text) -> Result<String, Vec<Fault>>) -> Result<Quizzes, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut line = |text: &Text| {
            line(text).unwrap_or_else(|found| {
                faults.extend(found);
                String::new()
            })
        };
        let predictions = head.prediction.iter().map(|one| Quiz {
            ask: line(&one.ask),
            options: one.options.iter().map(&mut line).collect(),
            answer: one.answer,
            whys: vec![line(&one.why)],
        });
        let predictions = predictions.collect();
        let faulty = head.fault.iter().map(|one| Quiz {
            ask: line(&one.ask),
            options: one.code.lines().map(as_code).collect(),
            // `Head::faults` tells of an answer that is none of them.
            answer: one.answer.saturating_sub(1),
            whys: vec![line(&one.why)],
        });
        let faulty = faulty.collect();
        let checks = head.quiz.iter().map(|one| Quiz {
            ask: line(&one.ask),
            options: one.option.iter().map(|option| line(&option.text)).collect(),
            answer: one.answer,
            whys: one.option.iter().map(|option| line(&option.why)).collect(),
        });
        let checks = checks.collect();
        if faults.is_empty() { Ok(Quizzes { predictions, faults: faulty, checks }) } else { Err(faults) }
    }
}

fn as_code(line: &str) -> String {
    let mut html = "<code>".to_string();
    code::escape(line, &mut html);
    html + "</code>"
}
