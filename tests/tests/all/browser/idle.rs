//! A knob that another choice makes idle is not in the way, and keeps its value.

use kindling_tests::Gpu;
use serde_json::json;

use super::compared::take;
use super::{PATIENCE, Visit};

/// An expression: the form has a control for this knob.
fn shown(knob: &str) -> String {
    format!("document.querySelector('[data-testid=knob-{knob}]') !== null")
}

#[test]
fn a_knob_comes_with_the_choice_that_it_is_for_and_has_kept_its_value() {
    let mut visit = Visit::to("/labs/digits?decay=0.1&epochs=2", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("knob-optimiser", PATIENCE);
    for knob in ["decay", "channels"] {
        assert_eq!(page.eval(&shown(knob)), false, "{knob} is idle with the defaults");
    }
    assert_eq!(page.eval("new URLSearchParams(location.search).get('decay')"), "0.1");

    page.eval("document.querySelector('[data-testid=knob-optimiser]').focus()");
    take(page, "knob-optimiser", &json!("adamw"));
    page.wait_for(&shown("decay"), PATIENCE);
    assert_eq!(page.eval("document.querySelector('[data-testid=knob-decay-number]').value"), "0.1");
    assert_eq!(page.eval("document.activeElement.dataset.testid"), "knob-optimiser", "the keyboard stays where it was");
    take(page, "knob-model", &json!("cnn"));
    page.wait_for(&shown("channels"), PATIENCE);

    take(page, "knob-optimiser", &json!("sgd"));
    page.wait_for(&format!("!({})", shown("decay")), PATIENCE);
    assert_eq!(page.eval("new URLSearchParams(location.search).get('decay')"), "0.1");

    // What is no seed changes nothing, and does not stay in its box.
    let kept = "(() => { const box = document.querySelector('[data-testid=seed]'); box.value = '-5'; \
                box.dispatchEvent(new Event('change', { bubbles: true })); return box.value; })()";
    assert_eq!(page.eval(kept), "1");
    page.assert_clean();
}

#[test]
fn a_file_that_nothing_reads_keeps_no_run_from_the_server() {
    let hash = "0f".repeat(32);
    let mut visit = Visit::to(&format!("/labs/class-imbalance?file={hash}"), Gpu::Off);
    let page = &mut visit.page;
    let server = "document.querySelector('[data-testid=place-2] input')";
    page.wait_for(&format!("{server}?.disabled === false"), PATIENCE);
    assert_eq!(page.eval(&shown("file")), false);
    take(page, "knob-data", &json!("own"));
    page.wait_for(&format!("{server}.disabled && {}", shown("file")), PATIENCE);
    page.assert_clean();
}
