//! A lab's panels: a chart, a heat map and predictions, drawn from a run that comes as a file.

use kindling_tests::{Gpu, Page};
use serde_json::{Value, json};

use super::compared::take;
use super::{PATIENCE, Visit};

/// Any event fills the panel that it names: these are of the digits lab.
const CHART: &str = "confusion";
const HEATMAP: &str = "mistakes";
const PREDICTIONS: &str = "first-layer";

#[test]
fn a_chart_is_read_with_keys_and_saved() {
    let mut visit = run_with_panels();
    let page = &mut visit.page;
    page.wait_for_test_id("drawn-confusion", PATIENCE);
    assert_eq!(page.eval(&count("drawn-confusion", ".bar[d]")), 4, "two traces of bars and their entries");
    assert_eq!(page.eval(&count("drawn-confusion", "pattern")), 1, "the second is hatched");

    page.eval("document.querySelector('[data-testid=drawing-confusion]').focus()");
    page.key("ArrowRight");
    page.key("ArrowRight");
    let told = page.text("drawing-confusion");
    for part in ["Method focal loss", "Recall", "70.00 %", "Precision", "(35.00 % – 45.00 %)"] {
        assert!(told.contains(part), "`{part}` is not told: {told}");
    }
    page.click_on("document.querySelector('[data-testid=drawn-confusion] .legend-entry')");
    page.wait_for(&format!("{} === 3", count("drawn-confusion", ".bar[d]")), PATIENCE);

    let csv = saved(page, "document.querySelector('[data-testid=drawn-confusion] [data-testid=chart-csv]')");
    assert_eq!(csv.lines().nth(2), Some("Recall,focal loss,0.7,,"));
    page.assert_clean();
}

#[test]
fn a_heat_map_is_walked_through_with_arrows() {
    let mut visit = run_with_panels();
    let page = &mut visit.page;
    page.wait_for_test_id("heatmap-mistakes", PATIENCE);
    assert_eq!(page.eval(&count("heatmap-mistakes", "td.missing")), 1);
    page.eval("document.querySelector('[data-testid=heatmap-mistakes] td').focus()");
    page.key("ArrowRight");
    page.key("ArrowDown");
    assert_eq!(page.text("heatmap-told"), "Width 64, Dropout 0.5: 91.00 %");
    page.key("ArrowRight");
    assert_eq!(page.text("heatmap-told"), "Width 64, Dropout 0.8: not known");
    let csv = saved(page, "document.querySelector('[data-testid=heatmap-csv]')");
    assert_eq!(csv, ",0,0.5,0.8\n32,0.85,0.88,0.8\n64,0.9,0.91,\n");
    // Over other axes.
    take(page, "heatmap-axes", &json!("1"));
    page.wait_for("document.querySelectorAll('[data-testid=heatmap-mistakes] td').length === 4", PATIENCE);
    let csv = saved(page, "document.querySelector('[data-testid=heatmap-csv]')");
    assert_eq!(csv, ",8,32\n32,0.5,0.6\n64,0.7,\n");
    page.assert_clean();
}

#[test]
fn a_threshold_moves_by_slider_and_on_the_curve_and_metrics_light_up_their_cells() {
    let mut visit = run_with_panels();
    let page = &mut visit.page;
    page.wait_for_test_id("threshold", PATIENCE);
    // Of 100 samples every fifth is positive; scores are 0.2 + 0.6 · number / 100, and 0.1 more for positives.
    assert_eq!(cells(page), json!([13, 7, 40, 40]));
    page.eval("document.querySelector('[data-testid=threshold]').focus()");
    page.key("End");
    assert_eq!(cells(page), json!([0, 20, 0, 80]));
    page.key("Home");
    assert_eq!(cells(page), json!([20, 0, 80, 0]));

    page.draw("drawing-first-layer-roc", &[vec![(0.5, 0.5), (0.1, 0.9)]]);
    page.wait_for("parseFloat(document.querySelector('[data-testid=threshold-value]').innerText) > 0.6", PATIENCE);

    let classes = "[...document.querySelectorAll('.four-cell')].map(cell => cell.className.split(' ')[1] ?? '')";
    for (metric, lit) in [("precision", ["part", "", "whole", ""]), ("recall", ["part", "whole", "", ""])] {
        page.eval(&format!("document.querySelector('[data-testid=metric-{metric}]').focus({{ preventScroll: true }})"));
        assert_eq!(page.eval(classes), json!(lit), "{metric}");
    }
    assert!(page.text("metric-meaning").contains("TP / (TP + FN)"));

    page.fill("cost-fn", "4");
    page.click("cost-best");
    let told = page.text("cost-told");
    let cheapest = told.split("per sample").nth(1).unwrap_or_default();
    let now = told.split(' ').nth(1).unwrap_or_default();
    assert!(cheapest.contains(&format!(": {now},")), "the cheapest threshold was not taken: {told}");
    let csv = saved(page, "document.querySelector('[data-testid=predictions-csv]')");
    assert_eq!(csv.lines().take(2).collect::<Vec<_>>(), ["sample,truth,common,rare", "0,rare,0.7,0.3"]);
    page.assert_clean();
}

#[test]
fn panels_fit_a_narrow_screen_and_speak_chinese() {
    let mut visit = run_with_panels();
    let page = &mut visit.page;
    page.resize(320, 700, true);
    page.wait_for_test_id("threshold", PATIENCE);
    page.wait_for("document.documentElement.scrollWidth <= 320", PATIENCE);
    page.click("language");
    page.wait_for("document.querySelector('[data-testid=averages]').innerText.includes('宏平均')", PATIENCE);
    let axes = page.eval("document.querySelector('[data-testid=drawing-first-layer-pr] svg').textContent");
    assert!(axes.as_str().is_some_and(|axes| axes.contains("召回率")), "{axes}");
    page.assert_clean();
}

#[test]
fn a_goal_can_be_made_to_fail_and_taken_back() {
    let mut visit = Visit::to("/labs/digits", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("counter-accuracy", PATIENCE);
    page.click("counter-accuracy");
    page.wait_for("location.search.includes('lr=10')", PATIENCE);
    let told = page.text("counter-told");
    assert!(told.contains("10") && told.contains("was"), "{told}");
    page.click("counter-undo");
    page.wait_for("!location.search.includes('lr=')", PATIENCE);
    page.wait_for("!document.querySelector('[data-testid=counter-told]')", PATIENCE);
    page.assert_clean();
}

#[test]
fn an_empty_panel_sets_the_knobs_that_fill_it_and_takes_them_back() {
    let mut visit = Visit::to("/labs/overfitting?dropout=0.2", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("fill-sweep", PATIENCE);
    assert_eq!(page.eval("document.querySelectorAll('[data-testid^=fill-]').length"), 1);
    page.click("fill-sweep");
    page.wait_for("location.search.includes('sweep=true') && location.search.includes('label-noise=0.4')", PATIENCE);
    let told = page.text("counter-told");
    assert!(told.contains("Dropout 0 (was 0.2)") && told.contains("see it here"), "{told}");
    page.click("counter-undo");
    page.wait_for("location.search === '?dropout=0.2'", PATIENCE);
    page.assert_clean();
}

#[test]
fn a_table_speaks_both_languages_and_a_file_is_kept() {
    let mut run = run_file();
    let name = |en: &str, zh: &str| json!({ "en": en, "zh": zh });
    run["events"] = json!([
        { "type": "table", "id": CHART, "columns": [name("Metric", "指标"), name("Value", "值")],
          "rows": [[name("recall", "召回率"), "0.7"], ["MCC", "0.5"]], "seq": 1, "at_ms": 1 },
        { "type": "file", "id": HEATMAP, "name": "net.kpq", "bytes": "aGVsbG8=", "seq": 2, "at_ms": 2 },
        { "type": "report", "figures": {}, "model": null, "seq": 3, "at_ms": 3 },
    ]);
    run["info"]["last_seq"] = json!(3);
    let mut visit = run_of(&run);
    let page = &mut visit.page;
    page.wait_for_test_id("file-save", PATIENCE);
    assert_eq!(page.text("file-save").trim(), "net.kpq (5 B)");
    assert_eq!(saved(page, "document.querySelector('[data-testid=file-save]')"), "hello");
    let told = "document.querySelector('[data-testid=panel-confusion] tbody').innerText.split(/\\s+/).join(' ')";
    assert_eq!(page.eval(told), "recall 0.7 MCC 0.5");
    let csv = saved(page, "document.querySelector('[data-testid=table-csv]')");
    assert_eq!(csv, "Metric,Value\nrecall,0.7\nMCC,0.5\n");
    page.click("language");
    page.wait_for(&format!("{told} === '召回率 0.7 MCC 0.5'"), PATIENCE);
    page.assert_clean();
}

#[test]
fn a_goal_says_what_it_judges() {
    let mut run = run_file();
    run["events"] = json!([{ "type": "report", "figures": { "excess": 9.0 }, "model": null, "seq": 1, "at_ms": 1 }]);
    (run["info"]["last_seq"], run["info"]["config"]["lab"]) = (json!(1), json!("metrics"));
    for (data, verdict) in [("breast-cancer", "not judged at these settings"), ("mammography", "missed")] {
        run["info"]["config"]["knobs"] = json!({ "data": data });
        let mut visit = run_of(&run);
        let page = &mut visit.page;
        let badge = "document.querySelector('[data-testid=goal-cost]')?.innerText";
        page.wait_for(&format!("{badge} === '{verdict}'"), PATIENCE);
        assert!(
            page.text("goals").contains("judged only for: Wine quality, Mammography, Generated"),
            "{}",
            page.text("goals")
        );
        page.assert_clean();
    }
}

#[test]
fn what_a_run_leaves_empty_is_left_out_and_a_lab_without_a_model_offers_none() {
    let mut report = run_file();
    report["events"] = json!([{ "type": "report", "figures": {}, "model": null, "seq": 1, "at_ms": 1 }]);
    report["info"]["last_seq"] = json!(1);
    let mut visit = run_of(&report);
    let page = &mut visit.page;
    let empty = "document.querySelectorAll('.panel-empty')";
    // The page stands before the run is read.
    page.wait_for_test_id("no-panels", PATIENCE);
    assert_eq!(page.eval(&format!("{empty}.length")), 0);
    assert_eq!(page.eval("document.querySelectorAll('.model-actions').length"), 1);
    page.goto(&visit.server.url("/labs/metrics"));
    page.wait_for(&format!("{empty}.length"), PATIENCE);
    assert_eq!(page.eval("document.querySelectorAll('.model-actions').length"), 0);
    page.assert_clean();
}

/// Called positive and right, missed, false alarms, left alone.
fn cells(page: &mut Page) -> Value {
    page.eval("[...document.querySelectorAll('.four-cell b')].map(cell => Number(cell.innerText))")
}

fn count(test_id: &str, selector: &str) -> String {
    format!("document.querySelectorAll('[data-testid={test_id}] {selector}').length")
}

/// The text of the file that a button saves.
pub fn saved(page: &mut Page, button: &str) -> String {
    page.eval(
        "window.savedFile = null; URL.createObjectURL = blob => { window.savedFile = blob; return 'about:blank#' };\
         HTMLAnchorElement.prototype.click = function () {}",
    );
    page.eval(&format!("{button}.click()"));
    page.eval("window.savedFile.text()").as_str().expect("a text").to_owned()
}

/// The page of a run that is read from a file.
fn run_with_panels() -> Visit {
    run_of(&run_file())
}

fn run_of(file: &Value) -> Visit {
    let mut visit = Visit::to("/runs", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("import", PATIENCE);
    let file = file.to_string();
    page.eval(&format!(
        "(() => {{ const files = new DataTransfer(); files.items.add(new File([{file:?}], 'run.json')); \
         const input = document.querySelector('[data-testid=import]'); input.files = files.files; \
         input.dispatchEvent(new Event('change')); }})()"
    ));
    let link = page.wait_for("document.querySelector('a[href*=\"run=\"]')?.getAttribute('href')", PATIENCE);
    page.goto(&visit.server.url(link.as_str().expect("a link")));
    visit
}

fn run_file() -> Value {
    let name = |en: &str, zh: &str| json!({ "en": en, "zh": zh });
    let axis = |label: Value| json!({ "label": label, "unit": "fraction" });
    let mut method = axis(name("Method", "方法"));
    method["names"] = json!([name("none", "无"), name("focal loss", "focal loss")]);
    let bars = |label: Value, points: Value, spread: Value| json!({ "label": label, "shape": "bars", "points": points, "spread": spread });
    let chart = json!({
        "type": "chart", "id": CHART, "x": method, "y": axis(name("Share", "比例")),
        "traces": [
            bars(name("Recall", "召回率"), json!([[0, 0.2], [1, 0.7]]), json!([])),
            bars(name("Precision", "精确率"), json!([[0, 0.9], [1, 0.4]]), json!([[0.85, 0.95], [0.35, 0.45]])),
        ],
    });
    let heatmap = json!({
        "type": "heatmap", "id": HEATMAP, "x": name("Dropout", "丢弃率"), "y": name("Width", "宽度"),
        "columns": ["0", "0.5", "0.8"], "rows": ["32", "64"],
        "values": [[0.85, 0.88, 0.8], [0.9, 0.91, null]], "unit": "fraction",
        "others": [{
            "id": HEATMAP, "x": name("Batch", "批大小"), "y": name("Width", "宽度"),
            "columns": ["8", "32"], "rows": ["32", "64"], "values": [[0.5, 0.6], [0.7, null]], "unit": "fraction",
        }],
    });
    let rare = |sample: u32| sample.is_multiple_of(5);
    let score = |sample: u32| 0.2 + 0.006 * f64::from(sample) + if rare(sample) { 0.1 } else { 0.0 };
    let rounded = |value: f64| (value * 1e4).round() / 1e4;
    let predictions = json!({
        "type": "predictions", "id": PREDICTIONS, "classes": ["common", "rare"],
        "truth": (0..100).map(|sample| u32::from(rare(sample))).collect::<Vec<_>>(),
        "probabilities": (0..100).flat_map(|sample| [1.0 - score(sample), score(sample)].map(rounded)).collect::<Vec<_>>(),
    });
    let report = json!({ "type": "report", "figures": {}, "model": null });
    let events: Vec<Value> = [chart, heatmap, predictions, report]
        .into_iter()
        .enumerate()
        .map(|(index, mut event)| {
            (event["seq"], event["at_ms"]) = (json!(index + 1), json!(index + 1));
            event
        })
        .collect();
    let info = json!({
        "id": "b1", "name": "panels", "config": { "lab": "digits", "knobs": {}, "seed": 1 }, "device": "CPU",
        "state": "finished", "created_ms": 1, "ran_ms": 4, "progress": null, "figures": {}, "last_seq": events.len(),
    });
    json!({ "kindling_run": 1, "info": info, "place": "cpu", "events": events })
}
