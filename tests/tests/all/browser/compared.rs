//! Two runs of one lab compared by another, and one of them judged by a third.

use std::time::Duration;

use kindling_tests::page::events;
use kindling_tests::{Gpu, Page, data_dir};
use serde_json::{Value, json};

use super::panels::saved;
use super::steering::wait_for_state;
use super::{PATIENCE, Visit};

const TRAIN: &str = "/labs/digits?data=generated&samples=2000&epochs=1";
const COMPARE: &str = "/labs/ab-test?data=runs&experiments=2000";
const JUDGE: &str = "/labs/metrics?data=run";

#[test]
fn two_runs_of_digits_are_paired_and_one_is_judged() {
    let mut visit = Visit::to(JUDGE, Gpu::Off);
    visit.page.wait_for_test_id("knob-predictions-empty", PATIENCE);
    let links = visit.page.eval("[...document.querySelectorAll('[data-testid=knob-predictions-empty] a')].length");
    assert!(links.as_u64() >= Some(5), "labs that tell predictions: {links}");

    let runs = ["&seed=1&width=8", "&seed=2&width=64"].map(|knobs| run_of(&mut visit, &format!("{TRAIN}{knobs}")));
    let [first, second] = [0, 1].map(|run| predictions(&runs[run]));
    assert_eq!(first["truth"], second["truth"]);

    // Compared: what McNemar counts is what the two have told.
    let mut seen = Vec::new();
    visit.page.goto(&visit.server.url(COMPARE));
    choose(&mut visit.page, "knob-predictions-a", &runs[0]);
    let failed = outcome(&mut visit.page, &mut seen);
    assert!(says(&failed, "Choose the predictions of a run"), "without B: {failed}");
    choose(&mut visit.page, "knob-predictions-b", &runs[1]);
    let report = outcome(&mut visit.page, &mut seen);
    let [right_a, right_b] = [right(&first), right(&second)];
    let count = |a: bool, b: bool| right_a.iter().zip(&right_b).filter(|&(&x, &y)| x == a && y == b).count();
    let (both, only_a, only_b) = (count(true, true), count(true, false), count(false, true));
    assert_eq!(both + only_a + only_b + count(false, false), 2_000);
    let near = |figure: &str, expected: f64| {
        let found = report["figures"][figure].as_f64().expect("a figure");
        assert!((found - expected).abs() < 1e-9, "{figure}: {found}, expected {expected}");
    };
    near("accuracy_a", (both + only_a) as f64 / 2e3);
    near("accuracy_b", (both + only_b) as f64 / 2e3);
    near("p_paired", exact_mcnemar(only_a, only_b));
    let charts = "[...document.querySelectorAll('.chart')].map(chart => chart.dataset.testid).join()";
    visit.page.wait_for(&format!("{charts} === 'chart-errors'"), PATIENCE);
    let shown = "document.querySelector('[data-testid=panel-pairs] table')?.innerText";
    visit.page.wait_for(&format!("{shown}?.includes('{only_a}') && {shown}.includes('{only_b}')"), PATIENCE);

    // Another test set can't be paired.
    let mut other = first.clone();
    let shifted = first["truth"].as_array().expect("labels").iter().map(|label| (label.as_u64().unwrap_or(0) + 1) % 10);
    other["truth"] = shifted.collect();
    give(&mut visit.page, "knob-predictions-b-file", &other.to_string());
    visit.page.wait_for(&told_of("knob-predictions-b", "given.json"), PATIENCE);
    let failed = outcome(&mut visit.page, &mut seen);
    assert!(says(&failed, "not judged on the same samples"), "{failed}");

    // Judged: from the file that the run's own panel saves.
    let id = runs[0]["info"]["id"].as_str().expect("an id");
    visit.page.goto(&visit.server.url(&format!("/labs/digits?run={id}")));
    visit.page.wait_for_test_id("predictions-json", PATIENCE);
    let file = saved(&mut visit.page, "document.querySelector('[data-testid=predictions-json]')");
    assert!(file.len() < 200_000, "{} bytes for 2,000 samples", file.len());
    visit.page.goto(&visit.server.url(JUDGE));
    visit.page.wait_for_test_id("knob-predictions", PATIENCE);
    give(&mut visit.page, "knob-predictions-file", "{\"classes\":[]}");
    let refused =
        "document.querySelector('[data-testid=knob-predictions-refused]')?.innerText.includes('no predictions')";
    visit.page.wait_for(refused, PATIENCE);
    give(&mut visit.page, "knob-predictions-file", &file);
    visit.page.wait_for(&told_of("knob-predictions", "2,000 samples, 10 classes"), PATIENCE);
    let report = outcome(&mut visit.page, &mut seen);
    assert!(report["figures"]["auc"].as_f64() > Some(0.8), "{report}");
    visit.page.wait_for_test_id("no-curves", PATIENCE);
    visit.page.assert_clean();
}

#[test]
fn a_model_is_asked_about_the_test_set_of_its_lab() {
    data_dir();
    let mut visit = Visit::to(JUDGE, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("knob-predictions", PATIENCE);
    take(page, "knob-predictions", &json!("shipped"));
    page.wait_for(&told_of("knob-predictions", "2,000 samples, 10 classes, 99."), PATIENCE);
    let report = outcome(page, &mut Vec::new());
    assert!(report["figures"]["auc"].as_f64() > Some(0.99), "{report}");
    page.assert_clean();
}

/// Trains and gives what is kept.
fn run_of(visit: &mut Visit, address: &str) -> Value {
    visit.page.goto(&visit.server.url(address));
    visit.page.wait_for_test_id("run", PATIENCE);
    visit.page.click("run");
    let seed = if address.contains("seed=1") { 1 } else { 2 };
    let finished = format!("run.info.config.seed === {seed} && run.info.state === 'finished'");
    visit.page.wait_for_run(&finished, Duration::from_secs(120))
}

/// Starts a run of a lab that judges, and gives its last event. `seen` are the runs before.
pub fn outcome(page: &mut Page, seen: &mut Vec<Value>) -> Value {
    page.wait_for_test_id("run", PATIENCE);
    if page.eval("!!document.querySelector('[data-testid=run-reset]')") == true {
        page.click("run-reset");
        wait_for_state(page, "");
    }
    page.click("run");
    let judges = "['ab-test', 'metrics'].includes(run.info.config.lab)";
    let new = format!("!{}.includes(run.info.id)", json!(seen));
    let over = "['finished', 'failed'].includes(run.info.state)";
    let run = page.wait_for_run(&format!("{judges} && {new} && {over}"), Duration::from_secs(120));
    seen.push(run["info"]["id"].clone());
    events(&run).last().expect("a last word").clone()
}

fn says(failed: &Value, words: &str) -> bool {
    failed["type"] == "failed" && failed["text"]["en"].as_str().is_some_and(|text| text.contains(words))
}

/// Twice the smaller tail of the binomial with one half.
fn exact_mcnemar(only_a: usize, only_b: usize) -> f64 {
    let of = only_a + only_b;
    let mut mass = 0.5f64.powi(of as i32);
    let mut tail = 0.0;
    for k in 0..=only_a.min(only_b) {
        tail += mass;
        mass *= (of - k) as f64 / (k + 1) as f64;
    }
    (2.0 * tail).min(1.0)
}

/// What the run's newest event of predictions says.
fn predictions(run: &Value) -> Value {
    events(run).iter().rev().find(|event| event["type"] == "predictions").expect("predictions").clone()
}

/// Whether each answer is right; of equal probabilities the first counts.
fn right(predictions: &Value) -> Vec<bool> {
    let numbers = |name: &str| -> Vec<f64> {
        predictions[name].as_array().expect("numbers").iter().map(|number| number.as_f64().expect("a number")).collect()
    };
    let (truth, said) = (numbers("truth"), numbers("probabilities"));
    let best = |row: &[f64]| (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best });
    said.chunks(10).zip(truth).map(|(row, truth)| best(row) as f64 == truth).collect()
}

pub fn choose(page: &mut Page, field: &str, run: &Value) {
    page.wait_for_test_id(field, PATIENCE);
    take(page, field, &run["info"]["id"]);
    page.wait_for(&told_of(field, "2,000 samples, 10 classes"), PATIENCE);
}

/// Takes a run or a model by the value of its choice, once it is there.
pub fn take(page: &mut Page, field: &str, value: &Value) {
    let select = format!("document.querySelector('[data-testid={field}]')");
    page.wait_for(&format!("[...{select}.options].some(option => option.value === {value})"), PATIENCE);
    page.eval(&format!(
        "(() => {{ const select = {select}; select.value = {value}; \
         select.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
    ));
}

/// An expression: what is told beside the field has these words.
pub fn told_of(field: &str, words: &str) -> String {
    format!("document.querySelector('[data-testid={field}-known]')?.innerText.includes({})", json!(words))
}

/// Gives a file field a file, as a choice or a drop does.
pub fn give(page: &mut Page, field: &str, content: &str) {
    page.eval(&format!(
        "(() => {{ const files = new DataTransfer(); files.items.add(new File([{}], 'given.json')); \
         const input = document.querySelector('[data-testid={field}]'); input.files = files.files; \
         input.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()",
        json!(content)
    ));
}
