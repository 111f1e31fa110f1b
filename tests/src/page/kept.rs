//! What the page keeps in this browser: its runs with all they said.

use std::time::Duration;

use serde_json::Value;

use super::Page;

impl Page {
    /// Waits until a run of this browser is such that `condition` holds, an expression about `run`, and returns the
    /// newest such run: `{info, place, events}`. What the page shows is a moment ahead of what it keeps.
    pub fn wait_for_run(&mut self, condition: &str, timeout: Duration) -> Value {
        self.wait_for(&format!("{KEPT}.then(runs => runs.find(run => {condition}))"), timeout)
    }

    /// All runs this browser keeps now, newest first.
    pub fn runs(&mut self) -> Vec<Value> {
        self.eval(KEPT).as_array().cloned().unwrap_or_default()
    }
}

/// All runs, newest first. Opening a database that is not there would make an empty one, which the page could not use.
const KEPT: &str = "(async () => { \
    if (!(await indexedDB.databases()).some(known => known.name === 'kindling')) return []; \
    const answer = request => new Promise((resolve, reject) => { \
        request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); }); \
    const database = await answer(indexedDB.open('kindling')); \
    try { \
        const store = name => database.transaction(name).objectStore(name); \
        const runs = (await answer(store('runs').getAll())).map(text => JSON.parse(text)); \
        runs.sort((one, other) => other.info.created_ms - one.info.created_ms); \
        for (const run of runs) { \
            const range = IDBKeyRange.bound([run.info.id], [run.info.id, []]); \
            run.events = (await answer(store('events').getAll(range))).map(text => JSON.parse(text)); \
        } \
        return runs; \
    } finally { database.close(); } })()";

/// What a run said, in order.
pub fn events(run: &Value) -> &[Value] {
    run["events"].as_array().map_or(&[], Vec::as_slice)
}

/// What a reader has who follows the rule: at a resumption, points of later steps are forgotten.
/// One value of `series` a step.
pub fn curve(run: &Value, series: &str) -> Vec<(u64, f64)> {
    let mut curve: Vec<(u64, f64)> = Vec::new();
    for event in events(run) {
        match event["type"].as_str() {
            Some("started") => {
                let back_to = event["resumed_at"].as_u64().unwrap_or(0);
                curve.retain(|(step, _)| *step <= back_to);
            }
            Some("points") => {
                let value = event["values"][series].as_f64();
                curve.extend(value.map(|value| (event["step"].as_u64().unwrap_or_default(), value)));
            }
            _ => {}
        }
    }
    curve
}

/// sha256 of the weights a finished run came to.
pub fn final_weights(run: &Value) -> String {
    let report = events(run).last().cloned().unwrap_or_default();
    assert_eq!(report["type"], "report", "{report}");
    report["model"]["weights"][0]["sha256"].as_str().expect("a hash").to_owned()
}
