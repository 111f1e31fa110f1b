//! All questions of the repository, and what is said of broken ones.

use std::fs;
use std::path::Path;

use super::*;
use crate::cargo;

#[test]
fn every_question_is_right() {
    let (book, faults) = Book::read(cargo::root()).unwrap();
    let told: Vec<_> = faults.iter().map(Fault::to_string).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    assert!(book.catalogue.questions.iter().any(|card| card.id == "q01"));
    let names: Vec<_> = book.sources(cargo::root()).unwrap().into_iter().map(|source| source.name).collect();
    for name in [CATALOGUE, "questions/q01-en.json", "questions/q01-zh.json", "questions/code-digits.json"] {
        assert!(names.iter().any(|one| one == name), "{name} is not in {names:?}");
    }
}

#[test]
fn both_languages_have_the_same_parts() {
    let (book, _) = Book::read(cargo::root()).unwrap();
    for (id, [english, chinese]) in &book.pages {
        let counts = |page: &QuestionPage| {
            let quizzes = page.predictions.iter().chain(&page.faults).chain(&page.checks);
            let options = quizzes.map(|one| (one.options.len(), one.answer)).collect::<Vec<_>>();
            (page.follow_ups.len(), page.faults.len(), page.checks.len(), options, page.sources.len())
        };
        assert_eq!(counts(english), counts(chinese), "{id}");
        for page in [english, chinese] {
            let all = [&page.question, &page.short, &page.long, &page.traps, &page.lab];
            assert!(all.iter().all(|html| !html.contains(" style=") && !html.contains("<script")), "{id}");
            assert!(page.checks.iter().all(|check| check.whys.len() == check.options.len()), "{id}");
        }
    }
}

#[test]
fn a_question_is_found_by_the_methods_and_terms_that_it_is_about() {
    let (book, _) = Book::read(cargo::root()).unwrap();
    for (word, id) in [
        ("PGD", "q13"),
        ("McNemar", "q18"),
        ("SimCLR", "q23"),
        ("SMOTE", "q02"),
        ("early stopping", "q05"),
        ("early stopping", "q21"),
        ("早停", "q05"),
        ("早停", "q21"),
    ] {
        let card = book.catalogue.questions.iter().find(|card| card.id == id).unwrap();
        assert!(card.words.contains(word), "`{word}` does not find {id}: {}", card.words);
    }
}

/// q01 in a repository of its own, with one word of one file replaced by another.
fn broken(file: &str, from: &str, to: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let copy = |name: &str, to: &Path| {
        let there = to.join(name);
        fs::create_dir_all(there.parent().unwrap()).unwrap();
        fs::copy(cargo::root().join(name), there).unwrap();
    };
    for name in ["topics.toml", "q01/question.toml", "q01/en.md", "q01/zh.md"] {
        copy(&format!("{FOLDER}/{name}"), folder.path());
    }
    copy(&format!("{LABS}/digits/mod.rs"), folder.path());
    let path = folder.path().join(FOLDER).join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {file}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let (book, faults) = Book::read(folder.path()).unwrap();
    assert_eq!(book.catalogue.questions.is_empty(), !faults.is_empty());
    faults.iter().map(Fault::to_string).collect()
}

#[test]
fn a_fault_names_its_file_its_line_and_what_was_expected() {
    assert_eq!(broken("q01/en.md", "Question", "Question"), Vec::<String>::new());
    for (file, from, to, expected) in [
        ("q01/en.md", "## Traps {#traps}", "## Trap {#traps}", "expected `## Traps {#traps}`"),
        ("q01/zh.md", "## 追问 {#follow-ups}\n", "", "expected `## 追问 {#follow-ups}`"),
        ("q01/en.md", "### Why does the loss start at 2.3?\n", "", "expected `### a question`"),
        ("q01/en.md", "\\frac{1}{N}", "\\fraction{1}{N}", "no formula that we can draw"),
        ("q01/en.md", "/labs/digits?lr=10", "/labs/digit?lr=10", "/labs/SLUG?KNOB=VALUE"),
        ("q01/en.md", "/labs/digits?lr=10", "http://example.org", "an https address"),
        ("q01/en.md", "[Eight hidden units]", "![Eight hidden units]", "a picture"),
        ("q01/en.md", "simply", "<b>simply</b>", "raw HTML"),
        ("q01/zh.md", "**数据。**", "**数据。** **数据。**后", "opens or closes nothing"),
        ("q01/en.md", "$\\ln 10 \\approx 2.3$", "$ \\ln 10 \\approx 2.3$", "no space inside"),
        ("q01/question.toml", "\"vision\"", "\"visions\"", "expected one of"),
        ("q01/en.md", "**Softmax twice.**", &"word ".repeat(500), "expected 40 to 500"),
        ("q01/question.toml", "answer = 1", "answer = 3", "counted from 0"),
        ("q01/question.toml", "answer = 6\n", "answer = 60\n", "the number of one"),
        ("q01/question.toml", "    nn.Flatten(),\n", "    nn.Flatten(),\n\n", "none of them empty"),
        ("q01/question.toml", "difficulty = 1", "difficulty = 9", "expected 1 to 5"),
        ("q01/question.toml", "minutes", "minute", "minute"),
        ("q01/question.toml", "\"MNIST\"", &format!("\"{}\"", "digit ".repeat(90)), "English and Chinese ones"),
        ("q01/question.toml", "lab = \"digits\"", "lab = \"digit\"", "expected a folder"),
        ("q01/question.toml", "https://arxiv", "http://arxiv", "https address"),
        ("topics.toml", "深度学习基础", "basics", "expected an id"),
    ] {
        let faults = broken(file, from, to);
        let place = format!("{FOLDER}/{file}:");
        let told = faults.iter().any(|fault| {
            let rest = fault.strip_prefix(&place);
            rest.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
                && fault.contains(expected)
        });
        assert!(told, "`{from}` to `{to}` in {file}: expected `{expected}` with a line, got {faults:#?}");
    }
}
