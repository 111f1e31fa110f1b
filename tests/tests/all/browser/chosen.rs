//! Where predictions come from, and how long they are kept.

use kindling_tests::page::events;
use kindling_tests::{Gpu, Page, Server};
use serde_json::json;

use super::compared::{choose, give, outcome, told_of};
use super::steering::stepped_beyond;
use super::{PATIENCE, Visit};
use crate::handoff::{publish, trained_with};

const JUDGE: &str = "/labs/metrics?data=run";

#[test]
fn a_run_and_a_version_of_the_server_are_compared_and_judged() {
    let server = Server::start();
    let run = trained_with(&server, 1);
    publish(&server, &trained_with(&server, 2), "second");
    let mut visit = Visit::of(server, "/labs/ab-test?data=runs&experiments=2000", Gpu::Off);
    let page = &mut visit.page;
    choose(page, "knob-predictions-a", &json!({ "info": { "id": run } }));
    choose(page, "knob-predictions-b", &json!({ "info": { "id": "second/1" } }));
    let reasons = page.eval("document.querySelector('.place-reasons').innerText").to_string();
    assert!(reasons.contains("predictions you chose are kept in this browser alone"), "{reasons}");
    let mut seen = Vec::new();
    let report = outcome(page, &mut seen);
    assert_eq!(report["type"], "report", "{report}");

    page.goto(&visit.server.url(JUDGE));
    choose(&mut visit.page, "knob-predictions", &json!({ "info": { "id": "second/1" } }));
    let report = outcome(&mut visit.page, &mut seen);
    assert_eq!(report["type"], "report", "{report}");
    visit.page.assert_clean();
}

#[test]
fn a_run_that_was_stopped_is_judged_by_the_model_it_left() {
    let mut visit = Visit::to("/labs/digits?data=generated&samples=2000&epochs=100", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    stepped_beyond(page, 0);
    page.click("run-stop");
    let run = page.wait_for_run("run.info.state === 'stopped'", PATIENCE);
    assert!(!events(&run).iter().any(|event| event["type"] == "predictions"), "it did not come to its test");
    page.goto(&visit.server.url(JUDGE));
    choose(&mut visit.page, "knob-predictions", &run);
    visit.page.assert_clean();
}

#[test]
fn the_oldest_that_no_run_refers_to_are_dropped() {
    let mut visit = Visit::to(JUDGE, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("knob-predictions", PATIENCE);
    let hashes: Vec<String> = (0..23).map(|number| given(page, number, number == 0)).collect();
    // Beside twenty spare ones, that of the run and the one in the form.
    page.wait_for(&format!("{KEPT}.then(kept => kept.length === 22)"), PATIENCE);
    for (number, told) in [(0, "30 samples"), (1, "not in this browser"), (2, "32 samples")] {
        page.goto(&visit.server.url(&format!("{JUDGE}&predictions={}", hashes[number])));
        page.wait_for(&told_of("knob-predictions", told), PATIENCE);
    }
    page.assert_clean();
}

/// Gives predictions of a size of their own, and gives the hash that stands for them in the address.
fn given(page: &mut Page, number: usize, run: bool) -> String {
    let rows = 30 + number;
    let truth: Vec<usize> = (0..rows).map(|row| row % 2).collect();
    let file = json!({
        "id": "predictions", "classes": ["no", "yes"], "truth": truth,
        "probabilities": truth.iter().flat_map(|_| [0.25, 0.75]).collect::<Vec<f64>>(),
    });
    give(page, "knob-predictions-file", &file.to_string());
    page.wait_for(&told_of("knob-predictions", &format!("{rows} samples")), PATIENCE);
    if run {
        outcome(page, &mut Vec::new());
    }
    let address = "new URLSearchParams(location.search).get('predictions')";
    page.wait_for(address, PATIENCE).as_str().expect("a hash").to_string()
}

/// The names of the kept files.
const KEPT: &str = "(async () => { \
    const answer = request => new Promise((resolve, reject) => { \
        request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); }); \
    const database = await answer(indexedDB.open('kindling')); \
    try { \
        const keys = await answer(database.transaction('notes').objectStore('notes').getAllKeys()); \
        return keys.filter(key => key.startsWith('own:')); \
    } finally { database.close(); } })()";
