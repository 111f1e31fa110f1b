//! The pad: strokes drawn with the mouse are answered, soon and rightly.

use std::f64::consts::{PI, TAU};
use std::time::{Duration, Instant};

use kindling_tests::page::{Pointer, Stroke};
use kindling_tests::{Browser, Gpu, Page, Server, budget};

use super::{PATIENCE, Visit};

#[test]
fn digits_drawn_with_the_mouse_are_answered_rightly() {
    let mut visit = Visit::to("/", Gpu::Off);
    let page = &mut visit.page;
    ready(page);
    let (mut asked, mut wrong) = (0, Vec::new());
    for (scale, left, top) in [(0.6, 0.2, 0.2), (0.35, 0.1, 0.5), (0.8, 0.1, 0.1)] {
        for digit in 0..10 {
            let strokes = placed(&digit_strokes(digit), scale, left, top);
            let answer = draw_and_read(page, &strokes);
            asked += 1;
            if answer != digit.to_string() {
                wrong.push(format!("{digit} at scale {scale} read as {answer}"));
            }
            clear(page);
        }
    }
    println!("{} of {asked} drawings answered rightly", asked - wrong.len());
    assert!(wrong.len() <= 1, "{wrong:#?}");
    page.assert_clean();
}

#[test]
fn the_cold_page_answers_soon() {
    let server = Server::start();
    let mut browser = Browser::launch(Gpu::Off);
    let mut times_ms = Vec::new();
    for _ in 0..3 {
        // A tab with an empty cache each time.
        let mut page = browser.page();
        let start = Instant::now();
        page.goto(&server.url("/"));
        page.wait_for_test_id("digit-pad", PATIENCE);
        page.draw("digit-pad", &placed(&digit_strokes(1), 0.6, 0.2, 0.2));
        page.wait_for("document.querySelector('[data-testid=digit-answer]')?.dataset.digit", PATIENCE);
        times_ms.push(start.elapsed().as_millis());
        page.assert_clean();
    }
    times_ms.sort_unstable();
    println!("cold page to first digit: {times_ms:?} ms in {}", browser.version());
    budget::report("cold page to first digit", times_ms[1] as f64, 1500.0, "ms");
}

#[test]
fn bars_follow_the_pen() {
    let mut visit = Visit::to("/", Gpu::Off);
    let page = &mut visit.page;
    ready(page);
    draw_and_read(page, &placed(&digit_strokes(3), 0.6, 0.2, 0.2));
    clear(page);
    // Measured in the page, from the pointer event to the change of the answer's version.
    page.eval(
        "(() => { const pad = document.querySelector('[data-testid=digit-pad]'); \
         const answer = document.querySelector('[data-testid=digit-answer]'); \
         window.lags = []; let since = null; \
         pad.addEventListener('pointermove', event => { if (event.buttons && since === null) since = performance.now(); }, true); \
         new MutationObserver(() => { if (since !== null) { window.lags.push(performance.now() - since); since = null; } }) \
           .observe(answer, { attributes: true, attributeFilter: ['data-version'] }); })()",
    );
    for digit in [3, 8, 2, 5] {
        page.draw("digit-pad", &placed(&digit_strokes(digit), 0.6, 0.2, 0.2));
        page.pump(Duration::from_millis(200));
        clear(page);
    }
    let lags = page.eval("window.lags.sort((a, b) => a - b)");
    let lags: Vec<f64> = lags.as_array().expect("a list").iter().filter_map(serde_json::Value::as_f64).collect();
    assert!(lags.len() >= 20, "only {} answers while drawing", lags.len());
    let at = |part: f64| lags[((lags.len() - 1) as f64 * part) as usize];
    println!("pen move to bars: p50 {:.1} ms, p95 {:.1} ms over {}", at(0.5), at(0.95), lags.len());
    budget::report("pen move to bars, p95", at(0.95), 30.0, "ms");
}

#[test]
fn undo_redo_and_clear_change_the_answer() {
    let mut visit = Visit::to("/", Gpu::Off);
    let page = &mut visit.page;
    ready(page);
    let first = draw_and_read(page, &placed(&digit_strokes(1), 0.6, 0.2, 0.2));
    let digit = "document.querySelector('[data-testid=digit-answer]').dataset.digit";
    assert!(!first.is_empty());
    page.click("undo");
    page.wait_for(&format!("{digit} === ''"), PATIENCE);
    page.click("redo");
    page.wait_for(&format!("{digit} === '{first}'"), PATIENCE);
    clear(page);
    page.eval("document.querySelector('[data-testid=digit-pad]').focus()");
    assert_eq!(page.eval(digit), "");
    assert_eq!(draw_and_read(page, &placed(&digit_strokes(1), 0.6, 0.2, 0.2)), first);
    page.assert_clean();
}

#[test]
fn a_random_test_digit_is_put_on_the_pad() {
    let mut visit = Visit::to("/", Gpu::Off);
    ready(&mut visit.page);
    visit.page.click("random-digit");
    visit.page.wait_for("document.querySelector('[data-testid=digit-answer]').dataset.digit", PATIENCE);
    visit.page.wait_for_test_id("true-label", PATIENCE);
    visit.page.assert_clean();
}

#[test]
fn a_finger_draws_and_does_not_scroll_the_page() {
    let mut visit = Visit::to("/", Gpu::Off);
    let page = &mut visit.page;
    page.resize(390, 500, true);
    page.call("Emulation.setTouchEmulationEnabled", serde_json::json!({ "enabled": true }));
    ready(page);
    assert_eq!(page.eval("document.documentElement.scrollHeight > innerHeight + 100"), true, "nothing could scroll");
    // Down, and up again: a page that scrolled would go with it.
    for stroke in [line(&[(0.5, 0.15), (0.5, 0.85)]), line(&[(0.5, 0.85), (0.5, 0.15)])] {
        let answer = page.replay(Pointer::Touch, &[stroke]);
        assert_eq!(answer.digit, "1");
        // `replay` brings the pad into the middle of the window before it draws. The finger moves by some 200 pixels; what
        // is late to load may move the pad by a few.
        let middle = page.eval(
            "(() => { const r = document.querySelector('[data-testid=digit-pad]').getBoundingClientRect(); \
             return Math.abs(r.top + r.height / 2 - innerHeight / 2); })()",
        );
        assert!(middle.as_f64().is_some_and(|off| off < 40.0), "the page has scrolled by {middle}");
    }
    page.assert_clean();
}

/// Waits until the pad's engine has answered nothing yet and its model is there.
fn ready(page: &mut Page) {
    page.wait_for_test_id("digit-pad", PATIENCE);
    page.wait_for("!!document.querySelector('[data-testid=digit-answer]')", PATIENCE);
}

/// Draws and waits until the answer has stood still.
fn draw_and_read(page: &mut Page, strokes: &[Stroke]) -> String {
    page.draw("digit-pad", strokes);
    let standing = "(async () => { const a = document.querySelector('[data-testid=digit-answer]'); \
        const before = a.dataset.version; await new Promise(done => setTimeout(done, 250)); \
        return a.dataset.version === before && a.dataset.digit; })()";
    page.wait_for(standing, PATIENCE).as_str().unwrap_or_default().to_owned()
}

fn clear(page: &mut Page) {
    page.click("clear");
    page.wait_for("document.querySelector('[data-testid=digit-answer]').dataset.digit === ''", PATIENCE);
}

/// From the unit square to a part of the pad.
pub fn placed(strokes: &[Stroke], scale: f64, left: f64, top: f64) -> Vec<Stroke> {
    strokes.iter().map(|stroke| stroke.iter().map(|(x, y)| (left + x * scale, top + y * scale)).collect()).collect()
}

/// A plain hand: each digit as it is taught, in the unit square, y down.
pub fn digit_strokes(digit: u32) -> Vec<Stroke> {
    match digit {
        0 => vec![arc((0.5, 0.5), (0.3, 0.48), -PI / 2.0, -PI / 2.0 - TAU)],
        1 => vec![line(&[(0.52, 0.02), (0.48, 0.98)])],
        2 => vec![joined(&[
            arc((0.48, 0.28), (0.3, 0.27), -PI * 0.95, PI * 0.2),
            line(&[(0.72, 0.45), (0.15, 0.96), (0.88, 0.96)]),
        ])],
        3 => vec![joined(&[
            arc((0.45, 0.26), (0.28, 0.24), -PI * 0.85, PI * 0.45),
            arc((0.45, 0.72), (0.32, 0.25), -PI * 0.45, PI * 0.85),
        ])],
        4 => vec![line(&[(0.3, 0.03), (0.12, 0.6), (0.85, 0.6)]), line(&[(0.66, 0.25), (0.62, 0.98)])],
        5 => vec![
            joined(&[line(&[(0.25, 0.05), (0.22, 0.45)]), arc((0.45, 0.68), (0.33, 0.28), -PI * 0.75, PI * 0.8)]),
            line(&[(0.25, 0.05), (0.8, 0.05)]),
        ],
        6 => vec![joined(&[
            line(&[(0.68, 0.03), (0.45, 0.25), (0.28, 0.55)]),
            arc((0.5, 0.72), (0.25, 0.25), -PI * 0.9, -PI * 0.9 - TAU),
        ])],
        7 => vec![line(&[(0.12, 0.05), (0.85, 0.05), (0.4, 0.98)])],
        8 => vec![joined(&[
            arc((0.5, 0.26), (0.24, 0.24), -PI * 0.2, -PI * 1.5),
            arc((0.5, 0.74), (0.28, 0.24), -PI * 0.5, PI * 1.5),
            arc((0.5, 0.26), (0.24, 0.24), PI * 0.5, -PI * 0.2),
        ])],
        _ => vec![joined(&[
            arc((0.48, 0.28), (0.27, 0.26), -PI * 0.05, -PI * 0.05 - TAU),
            line(&[(0.75, 0.26), (0.7, 0.6), (0.62, 0.98)]),
        ])],
    }
}

fn arc((x, y): (f64, f64), (width, height): (f64, f64), from: f64, to: f64) -> Stroke {
    let points = 24;
    (0..=points)
        .map(|index| from + (to - from) * f64::from(index) / f64::from(points))
        .map(|angle| (x + width * angle.cos(), y + height * angle.sin()))
        .collect()
}

/// Straight pieces with points close together, as a hand's events come.
fn line(corners: &[(f64, f64)]) -> Stroke {
    let mut stroke = vec![corners[0]];
    for pair in corners.windows(2) {
        for step in 1..=8 {
            let part = f64::from(step) / 8.0;
            stroke.push((pair[0].0 + (pair[1].0 - pair[0].0) * part, pair[0].1 + (pair[1].1 - pair[0].1) * part));
        }
    }
    stroke
}

fn joined(pieces: &[Stroke]) -> Stroke {
    pieces.concat()
}
