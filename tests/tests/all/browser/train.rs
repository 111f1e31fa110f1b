//! Training in the tab: to the goal, and across a reload.

use std::time::{Duration, Instant};

use kindling_tests::{Gpu, data_dir};

use super::{PATIENCE, Visit};

/// `innerText` of the run's state follows the language, its class does not: the page's own words are not relied on.
const FINISHED: &str = "!!document.querySelector('[data-testid^=goal-].good, [data-testid^=goal-].bad')";

#[test]
fn the_mlp_reaches_its_goal_on_real_mnist() {
    data_dir();
    let mut visit = Visit::to("/labs/digits", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    let start = Instant::now();
    page.click("run");
    page.wait_for(FINISHED, Duration::from_secs(240));
    println!("the MLP's run in the tab took {:.1} s, test set included", start.elapsed().as_secs_f64());
    let goal = page.attribute("goal-accuracy", "class");
    let told = page.text("goals");
    assert!(goal.contains("good"), "the goal of q01 does not hold: {told}");
    page.assert_clean();
}

#[test]
fn a_run_survives_a_reload() {
    data_dir();
    let mut visit = Visit::to("/labs/digits?epochs=12", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    page.wait_for("document.querySelector('[data-testid=run-progress]')?.value > 0.05", Duration::from_secs(120));
    // A checkpoint comes at least every ten seconds.
    page.wait_for("new Promise(done => setTimeout(() => done(true), 11_000))", Duration::from_secs(30));
    page.reload();
    page.wait_for(
        "!!document.querySelector('[data-testid=resume-cut-off]') \
         || document.querySelector('[data-testid=run-progress]')?.value > 0.05",
        PATIENCE,
    );
    if page.eval("!!document.querySelector('[data-testid=resume-cut-off]')") == true {
        page.click("resume-cut-off");
    }
    page.wait_for(FINISHED, Duration::from_secs(240));
    page.assert_clean();
}
