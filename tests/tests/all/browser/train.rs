//! Training in the tab: to the goal, and bit for bit across a reload.

use std::time::{Duration, Instant};

use kindling_tests::page::{curve, events, final_weights};
use kindling_tests::{Gpu, budget, data_dir};
use serde_json::Value;

use super::steering::{stepped_beyond, wait_for_state};
use super::{PATIENCE, Visit};

/// `innerText` of the run's state follows the language, its class does not: the page's own words are not relied on.
const FINISHED: &str = "!!document.querySelector('[data-testid^=goal-].good, [data-testid^=goal-].bad')";

#[test]
fn the_mlp_reaches_its_goal_on_real_mnist() {
    data_dir();
    let mut visit = Visit::to("/labs/digits", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    // Chromium tells of tasks from 50 ms on.
    page.eval(
        "window.longTasks = [0]; new PerformanceObserver(list => { \
         for (const task of list.getEntries()) window.longTasks.push(task.duration); }).observe({ type: 'longtask' });",
    );
    let start = Instant::now();
    page.click("run");
    page.wait_for(FINISHED, Duration::from_secs(240));
    println!("the MLP's run in the tab took {:.1} s, test set included", start.elapsed().as_secs_f64());
    // The last panels are drawn after the goal is judged.
    page.wait_for("!document.querySelector('.panel-empty')", PATIENCE);
    let longest = page.eval("Math.max(...window.longTasks)").as_f64().expect("milliseconds");
    budget::report("longest task over 50 ms while training", longest, 50.0, "ms");
    let goal = page.attribute("goal-accuracy", "class");
    let told = page.text("goals");
    assert!(goal.contains("good"), "the goal of q01 does not hold: {told}");
    page.assert_clean();
}

#[test]
fn a_run_that_is_paused_reloaded_and_resumed_ends_at_the_same_bits() {
    data_dir();
    let mut visit = Visit::to("/labs/digits?epochs=12&samples=20000&dropout=0.2&augmentation=light&seed=11", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    let straight = page.wait_for_run("run.info.state === 'finished'", Duration::from_secs(240));

    page.click("run-reset");
    wait_for_state(page, "");
    page.click("run");
    let first = stepped_beyond(page, 0);
    stepped_beyond(page, first);
    page.click("run");
    wait_for_state(page, "warn");
    let other = format!("run.info.id !== '{}'", straight["info"]["id"].as_str().expect("an id"));
    let checkpoint = "run.events.findLast(e => e.type === 'checkpoint')";
    let paused = page.wait_for_run(&format!("{other} && {checkpoint}"), PATIENCE);
    let kept = newest_checkpoint(&paused);
    page.click("run");
    stepped_beyond(page, kept);
    // In the middle of an epoch, with steps that no checkpoint has.
    page.reload();
    page.click("resume-cut-off");
    let resumed = page.wait_for_run(&format!("{other} && run.info.state === 'finished'"), Duration::from_secs(240));
    let starts = events(&resumed).iter().filter(|event| event["type"] == "started");
    let starts: Vec<Option<u64>> = starts.map(|event| event["resumed_at"].as_u64()).collect();
    assert!(starts.len() == 2 && starts[1] >= Some(kept), "{starts:?}");
    assert_eq!(final_weights(&resumed), final_weights(&straight));
    for series in ["train-loss", "train-accuracy", "validation-loss", "validation-accuracy"] {
        assert_eq!(curve(&resumed, series), curve(&straight, series), "{series}");
    }
    assert_eq!(resumed["info"]["figures"], straight["info"]["figures"]);
    page.assert_clean();
}

fn newest_checkpoint(run: &Value) -> u64 {
    let newest = events(run).iter().rev().find(|event| event["type"] == "checkpoint");
    newest.and_then(|event| event["step"].as_u64()).expect("a step")
}
