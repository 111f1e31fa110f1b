//! A run on the server, started, followed and steered from the lab's page.

use kindling_tests::{Gpu, Page, Server};
use serde_json::Value;

use super::steering::{standing, stepped_beyond, wait_for_state};
use super::{PATIENCE, Visit};

/// Does not end while a test looks at it.
const LONG: &str = "/labs/digits?place=server&data=generated&samples=5000&epochs=100&seed=3";

#[test]
fn a_run_on_the_server_is_followed_and_steered_from_the_page() {
    let mut visit = Visit::to(LONG, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for("document.querySelector('[data-testid=place-2] input')?.disabled === false", PATIENCE);
    page.click("run");
    wait_for_state(page, "running");
    let first = stepped_beyond(page, 0);
    stepped_beyond(page, first);
    curves_grow(page);
    let run = only_run(&visit.server);
    assert_eq!((&run["config"]["seed"], &run["config"]["knobs"]["samples"]), (&3.into(), &5000.0.into()), "{run}");

    page.click("run");
    wait_for_state(page, "warn");
    let paused = standing(page);
    assert_eq!(only_run(&visit.server)["state"], "paused");
    page.click("run-step");
    stepped_beyond(page, paused);
    assert_eq!(standing(page), paused + 1);
    page.fill("knob-lr-number", "0.01");
    page.click("run");
    wait_for_state(page, "running");
    stepped_beyond(page, paused + 1);
    page.wait_for("document.querySelectorAll('[data-testid=chart-loss] .chart-flag').length === 1", PATIENCE);

    // The page is left and comes back: the run went on meanwhile, and is told from its first event.
    let id = run["id"].as_str().expect("an id").to_owned();
    let before = standing_or_not(page);
    page.goto(&visit.server.url(&format!("/labs/digits?run={id}")));
    page.wait_for_test_id("run", PATIENCE);
    stepped_beyond(page, before);
    // The form shows what the run has, not what it began with.
    assert_eq!(page.eval("document.querySelector('[data-testid=knob-lr-number]').value"), "0.01");
    page.wait_for("document.querySelectorAll('[data-testid=chart-loss] .chart-flag').length === 1", PATIENCE);
    curves_grow(page);

    page.click("run-stop");
    wait_for_state(page, "");
    assert_eq!(only_run(&visit.server)["state"], "stopped");
    page.click("run");
    wait_for_state(page, "running");
    page.click("run-stop");
    wait_for_state(page, "");
    page.assert_clean();
}

/// The training loss has a line, and the line becomes another one.
fn curves_grow(page: &mut Page) {
    let line = "document.querySelector('[data-testid=chart-loss] .line-raw')?.getAttribute('d')";
    let before = page.wait_for(line, PATIENCE);
    page.wait_for(&format!("{line} !== {before}"), PATIENCE);
}

fn standing_or_not(page: &mut Page) -> u64 {
    stepped_beyond(page, 0)
}

fn only_run(server: &Server) -> Value {
    let runs = server.get("/api/runs").json();
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
    runs[0].clone()
}
