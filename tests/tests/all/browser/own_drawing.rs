//! Labs that look at the learner's own drawing, before any run.

use kindling_tests::{Gpu, Page};

use super::compared::take;
use super::steering::wait_for_state;
use super::{PATIENCE, Visit};

/// A seven, as it is written.
const SEVEN: &[(f64, f64)] = &[(0.25, 0.22), (0.5, 0.22), (0.75, 0.22), (0.65, 0.42), (0.55, 0.62), (0.45, 0.85)];

#[test]
fn a_drawing_is_attacked_while_its_size_is_turned() {
    let mut visit = drawn("/labs/adversarial");
    let page = &mut visit.page;
    page.wait_for(&answers("7", ""), PATIENCE);
    page.fill("knob-drawn-eps-number", "0");
    page.wait_for(&answers("7", "7"), PATIENCE);
    assert!(page.text("own-drawing-outcome").contains("the attack fails"), "{}", page.text("own-drawing-outcome"));
    page.fill("knob-drawn-eps-number", "0.5");
    page.wait_for(&format!("{} && !{}", answers("7", ""), answers("7", "7")), PATIENCE);
    page.wait_for_test_id("drawn-drawn-answers", PATIENCE);
    assert!(page.text("own-drawing-outcome").contains("the attack wins"), "{}", page.text("own-drawing-outcome"));
    // What is tried on a drawing is not what the next run is made with.
    assert_eq!(page.eval("location.search"), "");
    page.assert_clean();
}

#[test]
fn a_drawing_has_a_pixel_map_that_follows_the_pen() {
    let mut visit = drawn("/labs/shap");
    let page = &mut visit.page;
    page.wait_for("document.querySelectorAll('[data-testid=panel-drawn-classes] .tile').length === 10", PATIENCE);
    // What was drawn half is looked at too.
    let told = "document.querySelector('[data-testid=own-drawing-outcome]').innerText";
    page.wait_for(&format!("/^Read as 7.*Most for 7: square/.test({told})"), PATIENCE);
    let row = page.text("panel-drawn-sums");
    assert!(row.contains("Additivity error"), "{row}");
    // Folded away, the keys are not the pad's: they leave the drawing where it is.
    let fold = "document.querySelector('[data-testid=own-drawing] > summary')";
    page.click_on(fold);
    page.key("Delete");
    page.click_on(fold);
    assert_eq!(page.eval("document.querySelector('[data-testid=clear]').disabled"), false);
    page.eval("document.querySelector('[data-testid=digit-pad]').focus()");
    page.key("Delete");
    page.wait_for("!document.querySelector('[data-testid=panel-drawn-map]')", PATIENCE);
    page.assert_clean();
}

#[test]
fn a_drawing_is_read_by_the_model_of_the_page_and_by_one_just_trained() {
    let mut visit = drawn("/labs/digits?data=generated&samples=500&epochs=2&width=16&seed=9");
    let page = &mut visit.page;
    let told = "document.querySelector('[data-testid=own-drawing-outcome]').innerText";
    page.wait_for(&format!("{told}.startsWith('Read as 7, ')"), PATIENCE);
    assert!(page.text("own-drawing-took").contains("digits-cnn"), "{}", page.text("own-drawing-took"));
    page.wait_for("document.querySelectorAll('[data-testid=panel-drawn-seen] .tile').length === 1", PATIENCE);
    page.wait_for_test_id("drawn-drawn-answers", PATIENCE);

    page.click("run");
    wait_for_state(page, "good");
    let options = "[...document.querySelector('[data-testid=model-choice]').options].map(option => option.value)";
    let of_run = page.wait_for(&format!("{options}.find(value => value.startsWith('run '))"), PATIENCE);
    take(page, "model-choice", &of_run);
    let took = "document.querySelector('[data-testid=own-drawing-took]').innerText";
    page.wait_for(&format!("{took}.includes('digits-mlp')"), PATIENCE);
    page.wait_for(&format!("/^(Read as|Not sure:) \\d, /.test({told})"), PATIENCE);
    page.assert_clean();
}

fn drawn(path: &str) -> Visit {
    let mut visit = Visit::to(path, Gpu::Off);
    let page: &mut Page = &mut visit.page;
    page.wait_for_test_id("digit-pad", PATIENCE);
    page.eval("document.querySelector('[data-testid=digit-pad]').scrollIntoView({ block: 'center' })");
    page.draw("digit-pad", &[SEVEN.to_vec()]);
    page.wait_for_test_id("own-drawing-outcome", PATIENCE);
    visit
}

/// What stands under the two pictures begins so.
fn answers(before: &str, after: &str) -> String {
    format!(
        "(said => said.length === 2 && said[0].startsWith('{before}') && said[1].startsWith('{after}'))(\
         [...document.querySelectorAll('[data-testid=panel-drawn-pictures] .tile-caption b')].map(b => b.innerText))"
    )
}
