//! Drawings by other hands, replayed on the pad: the page reads them as `kindling eval` does.

use std::process::Command;

use kindling_tests::page::{Pointer, replay};
use kindling_tests::{Gpu, binary};
use serde_json::Value;

use super::{PATIENCE, Visit};

/// Made once by `kindling_labs::data::generator::drawing` of seed 7, numbers 0 to 79, rounded to thousandths.
const DRAWINGS: &str = include_str!("drawings.jsonl");

#[test]
fn drawings_replayed_with_every_pointer_are_answered_as_on_the_command_line() {
    let drawings = replay::read(DRAWINGS);
    let expected = evaluated();
    let mut visit = Visit::to("/", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for("!!document.querySelector('[data-testid=digit-answer]')", PATIENCE);
    page.eval("window.pointers = new Set(); addEventListener('pointerdown', e => pointers.add(e.pointerType), true)");
    let (mut right, mut version, mut differ) = (0, 0, Vec::new());
    for (index, (drawing, expected)) in drawings.iter().zip(&expected).enumerate() {
        let pointer = [Pointer::Mouse, Pointer::Touch, Pointer::Pen, Pointer::Script][index % 4];
        let answer = page.replay(pointer, &drawing.strokes);
        assert!(answer.version > version, "the version counts up with each answer");
        version = answer.version;
        right += usize::from(answer.digit == drawing.label.to_string());
        if answer.digit != *expected {
            differ.push(format!("{index} by {pointer:?}: {answer:?}, on the command line {expected}"));
        }
    }
    println!("{right} of {} generated drawings answered rightly", drawings.len());
    assert!(differ.is_empty(), "{differ:#?}");
    let pointers = page.eval("[...pointers].sort()");
    assert_eq!(pointers, serde_json::json!(["mouse", "pen", "touch"]));
    page.assert_clean();
}

/// What `kindling eval` takes each drawing for.
fn evaluated() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("drawings.jsonl");
    std::fs::write(&file, DRAWINGS).expect("the file can be written");
    let output = Command::new(binary()).args(["eval", "digits-cnn", "--json", "--strokes"]).arg(&file).output();
    let output = output.expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("one object on standard output");
    let mut answers: Vec<String> = replay::read(DRAWINGS).iter().map(|drawing| drawing.label.to_string()).collect();
    for mistake in outcome["mistakes"].as_array().expect("a list") {
        let index = mistake["index"].as_u64().expect("an index") as usize;
        answers[index] = mistake["predicted"].as_str().expect("a label").to_owned();
    }
    assert_eq!(outcome["count"], answers.len());
    answers
}
