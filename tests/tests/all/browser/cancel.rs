//! What comes before a run's first step can be cancelled, and leaves nothing behind.

use std::time::{Duration, Instant};

use kindling_tests::page::events;
use kindling_tests::{Gpu, Page, data_dir};
use serde_json::json;

use super::steering::{stepped_beyond, wait_for_state};
use super::{PATIENCE, Visit};

const LAB: &str = "/labs/digits?epochs=100&samples=20000&seed=5";

#[test]
fn the_check_of_the_gpu_is_cancelled_on_both_pages_and_begins_anew() {
    let mut visit = Visit::to("/engine", Gpu::On);
    let page = &mut visit.page;
    page.click("self-test");
    let compared = "document.querySelectorAll('[data-testid=check]').length";
    page.wait_for(compared, PATIENCE);
    page.click("self-test-cancel");
    page.wait_for("document.querySelector('[data-testid=self-test]').disabled === false", PATIENCE);
    page.wait_for(&format!("{compared} === 0"), PATIENCE);
    assert_eq!(page.text("verdict"), "Not tested yet");
    no_gpu_worker(page);

    page.goto(&visit.server.url(&format!("{LAB}&place=gpu")));
    for _ in 0..2 {
        page.click("run");
        page.wait_for(
            "/[1-9]\\d* kernels? compared/.test(document.querySelector('[data-testid=run-told]').innerText)",
            PATIENCE,
        );
        assert_eq!(page.text("run-stop"), "Cancel");
        page.click("run-stop");
        startable(page);
        no_gpu_worker(page);
        assert_eq!(page.eval("!!document.querySelector('[data-testid=trouble]')"), false);
    }
    // Nothing was concluded of a check that did not end.
    assert_eq!(page.eval("Object.keys(localStorage).filter(key => key.includes('self-test')).length"), 0);

    // A check that is left goes on, and is found again.
    page.click("run");
    page.wait_for("/kernels? compared/.test(document.querySelector('[data-testid=run-told]').innerText)", PATIENCE);
    page.click_on("document.querySelector('.site-nav a[href=\"/engine\"]')");
    page.wait_for(compared, PATIENCE);
    page.click("self-test-cancel");
    page.wait_for("document.querySelector('[data-testid=self-test]').disabled === false", PATIENCE);
    no_gpu_worker(page);
    assert!(page.runs().is_empty());
    page.assert_clean();
}

#[test]
fn a_run_whose_data_are_on_their_way_is_cancelled() {
    data_dir();
    let mut visit = Visit::to(LAB, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    // The training images take minutes on this line.
    throughput(page, 200_000);
    page.click("run");
    wait_for_state(page, "running");
    assert_eq!(page.attribute("run-stop", "aria-label"), "Cancel");
    page.click("run-stop");
    startable(page);
    throughput(page, -1);
    page.click("run");
    stepped_beyond(page, 0);
    assert_eq!(page.attribute("run-stop", "aria-label"), "Stop and keep");
    assert_eq!(page.runs().len(), 1);
    page.assert_clean();
}

#[test]
fn a_resumption_that_is_cancelled_leaves_the_run_as_it_was() {
    let mut visit = Visit::to(&format!("{LAB}&data=generated"), Gpu::Off);
    let page = &mut visit.page;
    page.click("run");
    stepped_beyond(page, 0);
    page.click("run");
    let run = page.wait_for_run("run.events.some(e => e.type === 'checkpoint')", PATIENCE);
    let checkpoint =
        events(&run).iter().rev().find_map(|event| (event["type"] == "checkpoint").then(|| &event["step"]));
    page.reload();
    page.wait_for_test_id("resume-cut-off", PATIENCE);
    // An engine that never begins.
    page.eval(
        "(() => { const post = Worker.prototype.postMessage; Worker.prototype.postMessage = function (message, list) { \
           if (JSON.parse(message.json).type !== 'start') post.call(this, message, list); }; \
           window.mend = () => Worker.prototype.postMessage = post; })(); 1",
    );
    page.click("resume-cut-off");
    wait_for_state(page, "warn");
    page.click("run-stop");
    wait_for_state(page, "");
    let stopped = page.wait_for_run("run.info.state === 'stopped'", PATIENCE);
    assert_eq!(Some(&events(&stopped).last().expect("a last event")["step"]), checkpoint);
    assert_eq!(page.runs().len(), 1);

    page.eval("mend(); 1");
    page.click("run");
    stepped_beyond(page, checkpoint.and_then(|step| step.as_u64()).expect("a step"));
    page.assert_clean();
}

/// The run bar stands as before the first run, and this browser keeps none.
fn startable(page: &mut Page) {
    page.wait_for("document.querySelector('[data-testid=run]').disabled === false", PATIENCE);
    wait_for_state(page, "");
    page.wait_for("document.querySelector('[data-testid=run-told]').innerText === ''", PATIENCE);
    assert_eq!(page.attribute("run-stop", "aria-label"), "Stop and keep");
    assert!(page.runs().is_empty(), "{:?}", page.runs());
}

/// A worker that is ended stays on the list for a moment.
fn no_gpu_worker(page: &mut Page) {
    let end = Instant::now() + PATIENCE;
    while let Some(worker) = page.newest_worker("engine-gpu-worker") {
        assert!(Instant::now() < end, "{worker:?} goes on");
        page.pump(Duration::from_millis(50));
    }
}

/// Bytes a second; -1: as fast as it goes.
fn throughput(page: &mut Page, bytes: i64) {
    let line = json!({ "offline": false, "latency": 0, "downloadThroughput": bytes, "uploadThroughput": -1 });
    page.call("Network.emulateNetworkConditions", line);
}
