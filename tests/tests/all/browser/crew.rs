//! Workers beside a run: as many as there are cores, with the results of one; gone when the run is; and when one of them
//! fails, so does the run. What they found serves later runs.

use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use kindling_tests::page::{curve, events};
use kindling_tests::{Gpu, Page};
use serde_json::Value;

use super::steering::{stepped_beyond, wait_for_state};
use super::{PATIENCE, Visit};

/// The name of such a worker.
const CREW: &str = "crew";
const ONE_CORE: &str = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });";
const THREE_CORES: &str = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 3 });";
const NO_MEMORY: &str = "if (self.name === 'crew') WebAssembly.Instance = WebAssembly.instantiate = () => { \
                         throw new RangeError('could not allocate memory'); };";

#[test]
fn a_search_trains_in_as_many_workers_as_there_are_cores_and_stop_ends_them() {
    let mut visit = Visit::to("/labs/hyperparameter-search?data=generated&trials=81&epochs=27&folds=10", Gpu::Off);
    let page = &mut visit.page;
    page.click("run");
    let stepped = stepped_beyond(page, 0);
    let cores = available_parallelism().map_or(1, usize::from).min(8);
    assert_eq!(page.workers_named(CREW), if cores > 1 { cores } else { 0 });

    page.click("run");
    wait_for_state(page, "warn");
    page.reload();
    page.click("resume-cut-off");
    stepped_beyond(page, stepped);
    page.click("run-stop");
    wait_for_state(page, "");
    no_workers(page);
    page.assert_clean();
}

#[test]
fn nothing_depends_on_how_many_workers_there_are() {
    for (lab, series) in [
        ("hyperparameter-search?data=generated&trials=9&epochs=3&folds=3", &["score", "best"][..]),
        ("distributed?data=generated&samples=500&epochs=2&replicas=3", &["replicas-loss", "large-loss", "difference"]),
    ] {
        let runs = [ONE_CORE, THREE_CORES].map(|cores| {
            let mut visit = Visit::to("/", Gpu::Off);
            let page = &mut visit.page;
            page.before_workers(cores);
            page.goto(&visit.server.url(&format!("/labs/{lab}")));
            page.click("run");
            let run = page.wait_for_run("run.info.state === 'finished'", PATIENCE);
            no_workers(page);
            page.assert_clean();
            run
        });
        assert_eq!(runs.each_ref().map(workers), ["All is computed by one worker", "3 workers compute side by side."]);
        for series in series {
            let curves = runs.each_ref().map(|run| curve(run, series));
            assert!(!curves[0].is_empty());
            assert_eq!(curves[0], curves[1], "{lab}: {series}");
        }
    }
}

#[test]
fn what_an_earlier_run_trained_is_taken_over_after_a_reload_as_well() {
    let mut visit = Visit::to("/labs/hyperparameter-search?data=generated&trials=4&epochs=3&folds=3", Gpu::Off);
    let page = &mut visit.page;
    page.click("run");
    let first = page.wait_for_run("run.info.state === 'finished'", PATIENCE);
    page.reload();
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    let id = first["info"]["id"].as_str().expect("an id");
    let again = page.wait_for_run(&format!("run.info.id !== '{id}' && run.info.state === 'finished'"), PATIENCE);
    let notes = |run: &Value| {
        let notes = events(run).iter().filter(|event| event["type"] == "note");
        notes.filter_map(|note| note["text"]["en"].as_str()).collect::<Vec<_>>().join(" ")
    };
    assert!(!notes(&first).contains("earlier runs"), "{}", notes(&first));
    assert!(notes(&again).contains("12 of 12 trainings are of earlier runs"), "{}", notes(&again));
    assert_eq!(curve(&again, "score"), curve(&first, "score"));
    assert_eq!(again["info"]["figures"], first["info"]["figures"]);
    page.assert_clean();
}

#[test]
fn a_worker_without_memory_ends_the_run_with_its_cause() {
    let mut visit = Visit::to("/", Gpu::Off);
    let page = &mut visit.page;
    page.before_workers(&format!("{THREE_CORES} {NO_MEMORY}"));
    page.goto(&visit.server.url("/labs/distributed?data=generated&samples=500&epochs=2"));
    page.click("run");
    let run = page.wait_for_run("run.info.state === 'failed'", PATIENCE);
    let last = events(&run).last().expect("a last word");
    assert_eq!(last["code"], "out_of_memory", "{last}");
    assert!(last["text"]["en"].as_str().is_some_and(|text| text.starts_with("A worker")), "{last}");
    no_workers(page);
}

/// What a run says of its workers, up to the first comma.
fn workers(run: &Value) -> &str {
    let note = events(run).iter().filter(|event| event["type"] == "note").find_map(|note| note["text"]["en"].as_str());
    note.and_then(|note| note.split(',').next()).unwrap_or_default()
}

/// A worker that is ended stays on the list for a moment.
fn no_workers(page: &mut Page) {
    let end = Instant::now() + PATIENCE;
    while page.workers_named(CREW) > 0 {
        assert!(Instant::now() < end, "workers go on");
        page.pump(Duration::from_millis(50));
    }
}
