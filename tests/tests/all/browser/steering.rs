//! The run bar, the knobs of a run that goes on, and the link that holds them.

use kindling_tests::page::events;
use kindling_tests::{Gpu, Page, data_dir};

use super::{PATIENCE, Visit};

/// Longer than any test looks at it: two million samples.
const LONG: &str = "/labs/digits?epochs=100&samples=20000&seed=5";
const STEPS_PER_EPOCH: u64 = 20_000_u64.div_ceil(64);

#[test]
fn a_run_is_paused_stepped_turned_stopped_and_goes_on() {
    data_dir();
    let mut visit = Visit::to(LONG, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    let running = stepped_beyond(page, 0);

    page.click("run");
    wait_for_state(page, "warn");
    let paused = standing(page);
    assert!(paused >= running);
    // A pause keeps a checkpoint, of the step before the one that it waits at: a reload loses as good as nothing.
    page.wait_for_run(&format!("run.events.some(e => e.type === 'checkpoint' && e.step >= {paused} - 1)"), PATIENCE);
    page.click("run-step");
    stepped_beyond(page, paused);
    assert_eq!(standing(page), paused + 1);
    page.click("run-step");
    stepped_beyond(page, paused + 1);
    assert_eq!(standing(page), paused + 2);
    page.click("run-epoch");
    stepped_beyond(page, paused + 2);
    let border = standing(page);
    assert_eq!(border, (paused + 2).next_multiple_of(STEPS_PER_EPOCH));

    page.click("run");
    wait_for_state(page, "running");
    stepped_beyond(page, border);
    page.fill("knob-lr-number", "0.01");
    let turned = "run.events.find(e => e.type === 'mark')";
    let run = page.wait_for_run(turned, PATIENCE);
    let mark = events(&run).iter().find(|event| event["type"] == "mark").expect("a mark").clone();
    assert!(mark["text"]["en"].as_str().is_some_and(|text| text.contains("0.002 → 0.01")), "{mark}");
    assert!(mark["step"].as_u64().is_some_and(|step| step >= border), "{mark}");
    page.wait_for("document.querySelectorAll('[data-testid=chart-loss] .chart-flag').length === 1", PATIENCE);
    assert!(page.eval("location.search").as_str().is_some_and(|query| query.contains("lr=0.01")));

    page.click("run-stop");
    wait_for_state(page, "");
    let run = page.wait_for_run("run.info.state === 'stopped'", PATIENCE);
    let last = events(&run).last().cloned().unwrap_or_default();
    assert_eq!(last["type"], "stopped", "{last}");
    let stopped = last["step"].as_u64().expect("a step");
    page.click("run");
    wait_for_state(page, "running");
    stepped_beyond(page, stopped);
    let resumed = format!("run.events.find(e => e.type === 'started' && e.resumed_at === {stopped})");
    page.wait_for_run(&resumed, PATIENCE);

    page.click("run-reset");
    page.wait_for("!document.querySelector('[data-testid=run-progress]').value", PATIENCE);
    page.wait_for_run("run.info.state === 'stopped'", PATIENCE);
    page.assert_clean();
}

#[test]
fn a_fresh_run_takes_its_first_steps_and_stands_paused() {
    data_dir();
    let mut visit = Visit::to(LONG, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run-step");
    stepped_beyond(page, 0);
    let first = standing(page);
    assert_eq!(first, 1);
    wait_for_state(page, "warn");
    page.click("run-reset");
    page.wait_for_run("run.info.state === 'stopped'", PATIENCE);

    page.click("run-epoch");
    stepped_beyond(page, first);
    assert_eq!(standing(page), STEPS_PER_EPOCH);
    wait_for_state(page, "warn");
    page.assert_clean();
}

#[test]
fn a_knob_turned_during_a_pause_stays_turned_when_the_tab_is_gone() {
    data_dir();
    let mut visit = Visit::to(LONG, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    stepped_beyond(page, 0);
    page.click("run");
    wait_for_state(page, "warn");
    let paused = standing(page);
    page.wait_for_run(&format!("run.events.some(e => e.type === 'checkpoint' && e.step >= {paused} - 1)"), PATIENCE);
    page.fill("knob-lr-number", "0.01");
    let run = page.wait_for_run("run.info.turned.lr === 0.01", PATIENCE);
    assert!(!events(&run).iter().any(|event| event["type"] == "mark"), "the run has not gone on yet");

    // The address of the run's beginning: the form has the turned value from the run alone.
    page.eval(&format!("history.replaceState(null, '', {LONG:?})"));
    page.reload();
    page.click("resume-cut-off");
    stepped_beyond(page, paused);
    let marks = |run: &serde_json::Value| events(run).iter().filter(|event| event["type"] == "mark").cloned().collect();
    let run = page.wait_for_run("run.events.some(e => e.type === 'mark')", PATIENCE);
    let told: Vec<_> = marks(&run);
    assert!(told[0]["text"]["en"].as_str().is_some_and(|text| text.contains("0.002 → 0.01")), "{told:?}");
    assert_eq!(page.eval("document.querySelector('[data-testid=knob-lr-number]').value"), "0.01");
    // The resumption and the turned knob.
    page.wait_for("document.querySelectorAll('[data-testid=chart-loss] .chart-flag').length === 2", PATIENCE);

    // Its checkpoint has it now: the next worker is told again, and changes nothing.
    let turned = told[0]["step"].as_u64().expect("a step");
    page.wait_for_run(&format!("run.events.some(e => e.type === 'checkpoint' && e.step >= {turned})"), PATIENCE);
    page.reload();
    page.click("resume-cut-off");
    let again = "run.events.filter(e => e.type === 'started').length === 3 && run.events.at(-1).type === 'points'";
    let told: Vec<_> = marks(&page.wait_for_run(again, PATIENCE));
    assert_eq!(told.len(), 1, "{told:?}");
    page.assert_clean();
}

#[test]
fn a_link_holds_the_whole_configuration() {
    let settings = [
        ("model", "cnn"),
        ("width", "64"),
        ("channels", "8"),
        ("dropout", "0.25"),
        ("optimiser", "adamw"),
        ("lr", "0.01"),
        ("schedule", "constant"),
        ("decay", "0.05"),
        ("batch", "32"),
        ("epochs", "7"),
        ("samples", "1000"),
        ("smoothing", "0.1"),
        ("augmentation", "light"),
        ("pen", "0.2"),
        ("data", "generated"),
    ];
    let pairs: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let link = format!("/labs/digits?{}&seed=77&place=server", pairs.join("&"));
    let mut visit = Visit::to(&link, Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("knob-model", PATIENCE);
    for _ in 0..2 {
        for (name, value) in settings {
            // A slider has a box beside it with the exact number.
            let shown = page.eval(&format!(
                "(document.querySelector('[data-testid=knob-{name}-number]') \
                  ?? document.querySelector('[data-testid=knob-{name}]')).value"
            ));
            assert_eq!(shown, value, "{name}");
        }
        assert_eq!(page.eval("document.querySelector('[data-testid=seed]').value"), "77");
        page.wait_for("document.querySelector('[data-testid=place-2] input').checked", PATIENCE);
        assert_eq!(page.eval("location.pathname + location.search"), link);
        page.reload();
        page.wait_for_test_id("knob-model", PATIENCE);
    }
    page.fill("knob-epochs", "9");
    page.wait_for("new URLSearchParams(location.search).get('epochs') === '9'", PATIENCE);
    page.assert_clean();

    // What can't be used is told, and the rest holds.
    page.goto(&visit.server.url("/labs/digits?epochs=9&width=7000&colour=red&seed=-1"));
    page.wait_for_test_id("link-faults", PATIENCE);
    assert_eq!(page.eval("document.querySelectorAll('[data-testid=link-faults] li').length"), 3);
    assert_eq!(page.eval("document.querySelector('[data-testid=knob-epochs]').value"), "9");
    page.assert_clean();
}

#[test]
fn one_tab_trains_at_a_time_and_goes_on_when_it_is_hidden() {
    data_dir();
    let mut visit = Visit::to(LONG, Gpu::Off);
    visit.page.wait_for_test_id("run", PATIENCE);
    visit.page.click("run");
    stepped_beyond(&mut visit.page, 0);
    let mut second = visit.browser.page_beside(&visit.page);
    second.goto(&visit.server.url(LONG));
    second.wait_for_test_id("run", PATIENCE);
    second.click("run");
    second.wait_for_test_id("trouble", PATIENCE);
    assert!(second.text("trouble").contains("Another tab"), "{}", second.text("trouble"));
    // What the other tab computes is no run that was cut off.
    assert_eq!(second.eval("!!document.querySelector('[data-testid=cut-off]')"), false);
    // The second tab lies over the first one, which trains all the same.
    assert_eq!(visit.page.eval("document.visibilityState"), "hidden");
    let step = step(&mut visit.page);
    stepped_beyond(&mut visit.page, step + 2 * STEPS_PER_EPOCH);
    second.assert_clean();
    visit.page.assert_clean();
}

/// The class of the state's badge: it says the same in every language.
pub fn wait_for_state(page: &mut Page, class: &str) {
    let wanted = format!("badge {class}");
    let state = "document.querySelector('[data-testid=run-state]')";
    page.wait_for(&format!("{state}.className === {:?}", wanted.trim_end()), PATIENCE);
}

/// The step that the run bar tells; 0 before it tells one.
fn step(page: &mut Page) -> u64 {
    page.eval(STEP).as_u64().unwrap_or_default()
}

const STEP: &str = "Number(/step ([\\d,]+) of/.exec(document.querySelector('[data-testid=run-told]').innerText)?.[1] \
                    .replaceAll(',', '') ?? 0)";

pub fn stepped_beyond(page: &mut Page, step: u64) -> u64 {
    page.wait_for(&format!("{STEP} > {step} && {STEP}"), PATIENCE).as_u64().expect("a step")
}

/// The step of a run that is paused: the one that is still told after a while, longer than the engine's news take.
pub fn standing(page: &mut Page) -> u64 {
    let stands = format!(
        "(async () => {{ const before = {STEP}; await new Promise(done => setTimeout(done, 700)); \
           return {STEP} === before && before; }})()"
    );
    page.wait_for(&stands, PATIENCE).as_u64().expect("a step")
}
