//! Questions: the catalogue, and a question from thinking to the code.

use kindling_tests::{Gpu, Page};

use super::{PATIENCE, Visit};

const IDS: &str = "[...document.querySelectorAll('.question-line')].map(line => line.dataset.testid)";

#[test]
fn the_catalogue_is_searched_and_filtered_and_the_address_holds_it() {
    let mut visit = Visit::to("/questions", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("question-q01", PATIENCE);
    let all = page.eval(&format!("{IDS}.length")).as_u64().expect("a count");
    assert!(page.text("question-count").starts_with(&format!("{all} question")), "{}", page.text("question-count"));

    // A method finds the question that is about it, and a word of the Chinese title finds it on the English page.
    page.fill("find", "McNemar");
    page.wait_for(&format!("{IDS}.join() === 'question-q18'"), PATIENCE);
    page.fill("find", "手写数字 Q01");
    page.wait_for(&format!("{IDS}.join() === 'question-q01'"), PATIENCE);
    choose(page, "filter-topic", "vision");
    choose(page, "filter-difficulty", "1");
    choose(page, "filter-role", "ml-engineer");
    let query = "Object.fromEntries(new URLSearchParams(location.search))";
    let held = serde_json::json!({ "q": "手写数字 Q01", "topic": "vision", "role": "ml-engineer", "difficulty": "1" });
    assert_eq!(page.eval(query), held);
    page.reload();
    page.wait_for(&format!("{IDS}.join() === 'question-q01'"), PATIENCE);
    let shown = "['find', 'filter-topic', 'filter-difficulty', 'filter-role'] \
                 .map(id => document.querySelector(`[data-testid=${id}]`).value)";
    assert_eq!(page.eval(shown), serde_json::json!(["手写数字 Q01", "vision", "1", "ml-engineer"]));

    choose(page, "filter-difficulty", "5");
    page.wait_for_test_id("no-question", PATIENCE);
    page.click("clear-filters");
    page.wait_for(&format!("{IDS}.length === {all}"), PATIENCE);
    assert_eq!(page.eval("location.search"), "");

    // The way back from a question leads to the catalogue as it was left.
    choose(page, "filter-difficulty", "1");
    page.click_on("document.querySelector('[data-testid=question-q01] a')");
    page.wait_for_test_id("question-page", PATIENCE);
    page.click("all-questions");
    page.wait_for("location.search === '?difficulty=1'", PATIENCE);
    page.assert_clean();
}

#[test]
fn a_question_is_thought_about_predicted_revealed_and_run() {
    let mut visit = Visit::to("/questions/q01", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("own-answer", PATIENCE);
    assert_eq!(page.eval("!!document.querySelector('[data-testid=section-short]')"), false, "the answer is hidden");

    page.click("timer-turn");
    page.wait_for("/^0:0[1-9]/.test(document.querySelector('[data-testid=timer]').innerText)", PATIENCE);
    page.click("timer-turn");
    page.fill("own-answer", "Softmax only once.");
    page.wait_for("document.querySelector('[data-testid=own-answer-kept]').innerText === 'Kept'", PATIENCE);
    page.click("prediction-0-2");
    page.wait_for_test_id("prediction-verdict-0", PATIENCE);
    assert!(page.text("prediction-verdict-0").starts_with("Not so."), "{}", page.text("prediction-verdict-0"));
    page.click("prediction-1-1");
    page.wait_for_test_id("prediction-verdict-1", PATIENCE);
    assert!(page.text("prediction-verdict-1").starts_with("Right."), "{}", page.text("prediction-verdict-1"));

    page.reload();
    page.wait_for_test_id("own-answer", PATIENCE);
    assert_eq!(page.eval("document.querySelector('[data-testid=own-answer]').value"), "Softmax only once.");
    assert!(page.text("prediction-verdict-0").starts_with("Not so."));
    let clock = page.text("timer");
    assert!(!clock.starts_with("0:00"), "{clock}");

    page.click("reveal");
    page.wait_for_test_id("section-long", PATIENCE);
    // Formulas are drawn by the browser, and are as high as they should be.
    page.wait_for(
        "[...document.querySelectorAll('[data-testid=section-long] math[display=block]')] \
         .some(math => math.namespaceURI.endsWith('MathML') && math.getBoundingClientRect().height > 30)",
        PATIENCE,
    );
    assert_eq!(page.eval("document.querySelectorAll('[data-testid^=follow-up-]').length >= 4"), true);
    page.click_on("document.querySelector('[data-testid=follow-up-1] summary')");
    let open = "document.querySelector('[data-testid=follow-up-1]').open";
    assert_eq!(page.eval(open), true);

    // In the other language the same part stands at the upper edge, and what was open is open.
    let at_edge = "(() => { const top = document.querySelector('[data-testid=section-traps]').getBoundingClientRect(); \
                   return top.top < 1 && top.bottom > 0; })()";
    page.eval("document.querySelector('[data-testid=section-traps]').scrollIntoView({ behavior: 'instant' }); scrollBy(0, 60)");
    page.eval("document.querySelector('[data-testid=language]').click()");
    page.wait_for(
        "document.querySelector('[data-testid=section-traps]').innerText.includes('softmax 用了两次')",
        PATIENCE,
    );
    page.wait_for(at_edge, PATIENCE);
    assert_eq!(page.eval(open), true);
    assert!(page.text("prediction-verdict-1").starts_with("正确。"), "{}", page.text("prediction-verdict-1"));
    assert_eq!(page.eval("document.querySelector('[data-testid=own-answer]').value"), "Softmax only once.");
    page.eval("document.querySelector('[data-testid=language]').click()");
    page.wait_for(
        "document.querySelector('[data-testid=section-traps]').innerText.includes('Softmax twice')",
        PATIENCE,
    );

    page.wait_for("document.querySelectorAll('[data-testid=code] .line').length > 50", PATIENCE);
    assert_eq!(page.eval("!!document.querySelector('[data-testid=code] .c-keyword')"), true);
    let first = page.text("code");
    page.click("file-1");
    page.wait_for(&format!("document.querySelector('[data-testid=code]').innerText !== {first:?}"), PATIENCE);

    // A line of faulty code is chosen, and may be chosen again.
    assert_eq!(page.eval("document.querySelectorAll('[data-testid^=fault-0-] code').length > 3"), true);
    page.click("fault-1-0");
    page.wait_for_test_id("fault-verdict-1", PATIENCE);
    assert!(page.text("fault-verdict-1").starts_with("Not so."), "{}", page.text("fault-verdict-1"));
    page.click("fault-again-1");
    page.click("fault-1-5");
    page.wait_for_test_id("fault-verdict-1", PATIENCE);
    assert!(page.text("fault-verdict-1").starts_with("Right."), "{}", page.text("fault-verdict-1"));

    // Once an option of the quiz is chosen, each says why.
    let whys = "document.querySelectorAll('[data-testid=checks] .option-why').length";
    assert_eq!(page.eval(whys), 0);
    page.click("check-0-0");
    page.wait_for_test_id("check-verdict-0", PATIENCE);
    let options = page.eval("document.querySelectorAll('[data-testid^=check-0-]').length");
    assert_eq!((page.eval(whys), options.as_u64() >= Some(3)), (options, true));
    page.click("check-again-0");
    page.wait_for(&format!("{whys} === 0"), PATIENCE);

    // The lab below begins with the question's settings, and shows its goal.
    page.click("open-lab");
    page.wait_for_test_id("goal-accuracy", PATIENCE);
    // A link of its text sets the knobs there, without leaving the question.
    page.click_on("document.querySelector('[data-testid=lab-text] a[href=\"/labs/digits?lr=10\"]')");
    page.wait_for("document.querySelector('[data-testid=knob-lr-number]')?.value === '10'", PATIENCE);
    page.wait_for("location.pathname === '/questions/q01' && location.search === '?lr=10'", PATIENCE);
    page.click("defaults");
    page.fill("knob-epochs", "2");
    page.wait_for("location.pathname === '/questions/q01' && location.search === '?epochs=2'", PATIENCE);
    page.reload();
    page.wait_for("document.querySelector('[data-testid=knob-epochs]')?.value === '2'", PATIENCE);

    // What was done is told in the catalogue.
    page.click("all-questions");
    page.wait_for_test_id("question-q01", PATIENCE);
    let told = page.text("question-q01");
    assert!(told.contains("Answered") && told.contains("Answer seen"), "{told}");
    page.assert_clean();
}

#[test]
fn a_question_that_was_graded_comes_again() {
    let mut visit = Visit::to("/questions/q01", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("grade-3", PATIENCE);
    assert!(page.text("grade-3").contains("in 2 days"), "{}", page.text("grade-3"));
    page.click("grade-4");
    let says = |words: &str| format!("document.querySelector('[data-testid=comes-again]')?.innerText === {words:?}");
    page.wait_for(&says("It comes again in 8 days."), PATIENCE);
    page.click("take-back");
    page.wait_for(&says(""), PATIENCE);
    page.click("grade-1");
    page.wait_for(&says("It comes again tomorrow."), PATIENCE);
    page.reload();
    page.wait_for(&says("It comes again tomorrow."), PATIENCE);

    page.goto(&visit.server.url("/questions?practice=due"));
    page.wait_for_test_id("no-question", PATIENCE);
    choose(page, "filter-practice", "new");
    page.wait_for(&format!("{IDS}.length > 5 && !{IDS}.includes('question-q01')"), PATIENCE);
    // Two days later.
    page.eval(
        "(() => { const key = 'kindling:question:q01', kept = JSON.parse(localStorage[key]); \
         kept.memory.day -= 2; localStorage[key] = JSON.stringify(kept); })()",
    );
    page.goto(&visit.server.url("/questions?practice=due"));
    page.wait_for(&format!("{IDS}.join() === 'question-q01'"), PATIENCE);
    assert!(page.text("question-q01").contains("Due") && page.text("question-progress").contains("1 due"));
    page.assert_clean();
}

#[test]
fn a_question_opens_its_lab_with_settings_of_its_own_and_shows_code_that_labs_share() {
    let mut visit = Visit::to("/questions/q29", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("open-lab", PATIENCE);
    page.click("open-lab");
    page.wait_for("location.search === '?test=spending'", PATIENCE);
    // The lab's own defaults are others, and the address says so: a reload does not bring the question's back.
    page.click("defaults");
    page.wait_for("location.search === '?seed=1'", PATIENCE);
    page.reload();
    page.wait_for_test_id("knob-test", PATIENCE);
    assert_eq!(page.eval("location.search"), "?seed=1");
    page.wait_for(
        "[...document.querySelectorAll('[data-testid^=file-]')].some(tab => tab.innerText === 'statistics/sequential.rs')",
        PATIENCE,
    );
    page.assert_clean();
}

#[test]
fn a_question_is_worked_on_with_the_keyboard_alone() {
    let mut visit = Visit::to("/questions", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("question-q01", PATIENCE);
    tab_to(page, "e.closest('[data-testid=question-q01]')");
    page.key("Enter");
    page.wait_for_test_id("own-answer", PATIENCE);
    tab_to(page, "e.dataset.testid === 'timer-turn'");
    page.key(" ");
    page.wait_for("/^0:0[1-9]/.test(document.querySelector('[data-testid=timer]').innerText)", PATIENCE);
    tab_to(page, "e.dataset.testid === 'own-answer'");
    page.key("a");
    tab_to(page, "e.dataset.testid === 'prediction-0-1'");
    page.key(" ");
    page.wait_for_test_id("prediction-verdict-0", PATIENCE);
    tab_to(page, "e.dataset.testid === 'reveal'");
    page.key(" ");
    page.wait_for_test_id("section-short", PATIENCE);
    tab_to(page, "e.matches('[data-testid=follow-up-0] summary')");
    page.key(" ");
    page.wait_for("document.querySelector('[data-testid=follow-up-0]').open", PATIENCE);
    tab_to(page, "e.dataset.testid === 'file-0'");
    page.key("ArrowRight");
    page.wait_for(
        "document.activeElement.dataset.testid === 'file-1' && document.activeElement.ariaSelected === 'true'",
        PATIENCE,
    );
    page.assert_clean();
}

/// Presses Tab until the element in focus, `e`, is the one; a page has an end.
fn tab_to(page: &mut Page, is_it: &str) {
    for _ in 0..200 {
        page.key("Tab");
        if page.eval(&format!("(e => !!({is_it}))(document.activeElement)")) == true {
            return;
        }
    }
    panic!("Tab does not reach the element where {is_it}");
}

fn choose(page: &mut Page, id: &str, value: &str) {
    page.wait_for_test_id(id, PATIENCE);
    page.eval(&format!(
        "(() => {{ const select = document.querySelector('[data-testid={id}]'); select.value = {value:?}; \
         select.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
    ));
    page.wait_for(&format!("document.querySelector('[data-testid={id}]').value === {value:?}"), PATIENCE);
}
