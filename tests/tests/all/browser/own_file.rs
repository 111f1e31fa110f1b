//! The learner's own table: read and told before a run, trained on here, and sent nowhere.

use kindling_tests::{Gpu, Page};
use serde_json::json;

use super::steering::wait_for_state;
use super::{PATIENCE, Visit};

const LAB: &str = "/labs/class-imbalance?data=own&epochs=2";

/// Gives the file field a file, as a choice or a drop does.
fn give(page: &mut Page, name: &str, content: &str) {
    page.wait_for_test_id("knob-file", PATIENCE);
    page.eval(&format!(
        "(() => {{ const files = new DataTransfer(); files.items.add(new File([{}], {})); \
         const input = document.querySelector('[data-testid=knob-file]'); input.files = files.files; \
         input.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()",
        json!(content),
        json!(name)
    ));
}

fn table() -> String {
    let row = |row: usize| {
        let rare = row.is_multiple_of(10);
        let size = row % 7 + if rare { 9 } else { 0 };
        format!("{size},{},{}\n", ["red", "green", "blue"][row % 3], if rare { "bad" } else { "good" })
    };
    format!("size,colour,made\n{}", (0..600).map(row).collect::<String>())
}

#[test]
fn a_table_is_read_told_trained_on_and_removed_and_stays_here() {
    let mut visit = Visit::to(LAB, Gpu::Off);
    let page = &mut visit.page;
    give(page, "ragged.csv", "size,made\n1,good\n2\n");
    page.wait_for_test_id("knob-file-refused", PATIENCE);
    let known = page.text("knob-file-refused");
    assert!(known.contains("ragged.csv") && known.contains("Cells in line 3: 1, expected 2"), "{known}");
    assert_eq!(page.eval("location.search.includes('file=')"), false, "what is no table is no run's");

    give(page, "parts.csv", &table());
    page.wait_for_test_id("file-summary", PATIENCE);
    let known = page.text("knob-file-known");
    for part in ["parts.csv", "600 rows, 3 columns", "made (good, bad)", "number", "3 categories", "red"] {
        assert!(known.contains(part), "no `{part}` in: {known}");
    }
    page.wait_for("location.search.includes('file=')", PATIENCE);
    let reasons = page.eval("document.querySelector('.place-reasons').innerText").to_string();
    assert!(reasons.contains("Your file stays in this browser"), "{reasons}");

    // One that is no table does not hide the one that a run would learn from.
    give(page, "ragged.csv", "size,made\n1,good\n2\n");
    page.wait_for_test_id("knob-file-refused", PATIENCE);
    let known = page.text("knob-file-known");
    assert!(known.contains("parts.csv") && known.contains("Remove"), "{known}");

    // It outlives a reload, and a run learns from it.
    let address = page.eval("location.href").as_str().expect("an address").to_string();
    page.goto(&address);
    page.wait_for_test_id("file-summary", PATIENCE);
    page.click("run");
    wait_for_state(page, "good");
    // What was guessed of it is told beside the run.
    page.wait_for("document.body.innerText.includes('Your file: 600 rows')", PATIENCE);
    // Fifteen rare rows to test on are too few to judge by, and it says so.
    page.wait_for("document.querySelector('[data-testid=goal-rare]')?.innerText === 'not measured'", PATIENCE);
    page.wait_for("document.body.innerText.includes('Rows of `bad` in the test part: 15')", PATIENCE);
    let asked = "performance.getEntriesByType('resource').some(entry => entry.name.includes('/own/'))";
    assert_eq!(page.eval(asked), false, "no server is asked for it");

    page.click("file-remove");
    page.wait_for("!location.search.includes('file=')", PATIENCE);
    page.goto(&address);
    page.wait_for("document.querySelector('[data-testid=knob-file-known]') !== null", PATIENCE);
    page.wait_for(
        "document.querySelector('[data-testid=knob-file-known]').innerText.includes('not in this browser')",
        PATIENCE,
    );
    page.assert_clean();
}
