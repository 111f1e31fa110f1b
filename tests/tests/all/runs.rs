//! Runs on the real server: states, events with replay, the queue, and every kind of sudden end.

mod members;
mod memory;

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use kindling_tests::Server;
use kindling_tests::server::signal;
use serde_json::{Value, json};

/// Dozens of checkpoints a run, so that kills hit every place of their making.
const OFTEN: &[&str] = &["--checkpoint-every-ms", "100", "--data-dir", "no-such-folder"];

/// About two seconds of a small network on generated digits, the same on every machine.
fn small(seed: u64) -> Value {
    json!({ "lab": "digits", "seed": seed, "device": "cpu",
        "knobs": { "model": "mlp", "data": "generated", "samples": 500, "epochs": 40 } })
}

/// One that does not end by itself while a test looks at it.
fn long(seed: u64) -> Value {
    json!({ "lab": "digits", "seed": seed, "device": "cpu",
        "knobs": { "model": "mlp", "data": "generated", "samples": 5000, "epochs": 100 } })
}

fn start(server: &Server, run: &Value) -> String {
    let reply = server.post("/api/runs", run);
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["id"].as_str().expect("an id").to_string()
}

fn state(server: &Server, id: &str) -> String {
    server.get(&format!("/api/runs/{id}")).json()["state"].as_str().unwrap_or_default().to_string()
}

fn wait_for<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    while Instant::now() < end {
        if let Some(found) = check() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} did not come within two minutes");
}

fn wait_for_state(server: &Server, id: &str, wanted: &str) {
    wait_for(&format!("the state {wanted}"), || {
        let state = state(server, id);
        assert!(state != "failed" || wanted == "failed", "{}", events(server, id, 0).last().unwrap_or(&Value::Null));
        (state == wanted).then_some(())
    });
}

fn step(server: &Server, id: &str) -> u64 {
    server.get(&format!("/api/runs/{id}")).json()["progress"]["step"].as_u64().unwrap_or(0)
}

/// The step at which a paused run has settled.
fn standstill(server: &Server, id: &str) -> u64 {
    wait_for("the pause", || {
        let before = step(server, id);
        std::thread::sleep(Duration::from_millis(500));
        (before > 0 && step(server, id) == before).then_some(before)
    })
}

fn act(server: &Server, id: &str, verb: &str) -> u16 {
    server.post(&format!("/api/runs/{id}/{verb}"), &json!({ "steps": 3 })).status
}

/// The stream's events until it ends.
fn events(server: &Server, id: &str, after: u64) -> Vec<Value> {
    let reply = server.get(&format!("/api/runs/{id}/events?after={after}"));
    let text = reply.text();
    let mut events: Vec<Value> = Vec::new();
    let mut seq = "";
    for line in text.lines() {
        if let Some(id) = line.strip_prefix("id: ") {
            seq = id;
        } else if let Some(data) = line.strip_prefix("data: ") {
            let event: Value = serde_json::from_str(data).expect("an event is JSON");
            assert_eq!(event["seq"].to_string(), seq, "the SSE id is the event's number");
            events.push(event);
        }
    }
    events
}

fn assert_gapless(events: &[Value], first: u64) {
    for (expected, event) in (first..).zip(events) {
        assert_eq!(event["seq"], expected, "a gap or a repetition");
    }
}

/// What a reader has who follows the rule: at a resumption, forget points of later steps.
fn curve(events: &[Value]) -> Vec<(u64, String)> {
    let mut curve: Vec<(u64, String)> = Vec::new();
    for event in events {
        match event["type"].as_str() {
            Some("started") if event["seq"] != 1 => {
                let back_to = event["resumed_at"].as_u64().expect("a resumption says where it goes on");
                curve.retain(|(step, _)| *step <= back_to);
            }
            Some("points") => curve.push((event["step"].as_u64().expect("a step"), event["values"].to_string())),
            _ => {}
        }
    }
    curve
}

/// sha256 of the final weights, as the manifest of the report has it.
fn final_weights(events: &[Value]) -> String {
    let report = events.last().expect("events");
    assert_eq!(report["type"], "report", "{report}");
    report["model"]["weights"][0]["sha256"].as_str().expect("a hash").to_string()
}

/// The worker process of a run: the one that holds its folder's lock, found by its parent and command.
fn worker_pid(server_pid: u32) -> Option<u32> {
    members::children(server_pid, "worker").first().copied()
}

#[test]
fn a_run_tells_its_events_from_the_first_or_from_where_a_reader_left_off() {
    let server = Server::start_with(OFTEN);
    let id = start(&server, &small(1));
    let all = events(&server, &id, 0);
    assert_gapless(&all, 1);
    assert_eq!(all[0]["type"], "started");
    assert_eq!(state(&server, &id), "finished");
    let info = server.get(&format!("/api/runs/{id}")).json();
    assert_eq!(info["last_seq"], all.len());
    assert_eq!(info["figures"], all.last().expect("events")["figures"]);

    let middle = all.len() as u64 / 2;
    assert_eq!(events(&server, &id, middle), all[middle as usize..]);
    let path = format!("/api/runs/{id}/events");
    let reply = server.get_with(&format!("{path}?after=0"), &[("last-event-id", &middle.to_string())]);
    assert!(reply.text().starts_with(&format!("id: {}", middle + 1)), "the header goes before the query");
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let nothing_more = server.get(&format!("{path}?after={}", all.len()));
    assert_eq!(nothing_more.status, 204, "at which an EventSource stops asking");
}

#[test]
fn events_come_while_a_run_goes_on_and_it_obeys() {
    let server = Server::start_with(OFTEN);
    let id = start(&server, &long(1));
    let agent = ureq::Agent::new_with_defaults();
    let response = agent.get(server.url(&format!("/api/runs/{id}/events"))).call().expect("a stream");
    let mut lines = BufReader::new(response.into_body().into_reader()).lines();
    let mut next = |wanted: &str| {
        loop {
            let line = lines.next().expect("the stream goes on").expect("a line");
            if let Some(data) = line.strip_prefix("data: ") {
                let event: Value = serde_json::from_str(data).expect("JSON");
                if event["type"] == wanted {
                    return event;
                }
            }
        }
    };
    next("points");
    assert_eq!(act(&server, &id, "pause"), 200);
    assert_eq!(state(&server, &id), "paused");
    let still = standstill(&server, &id);
    assert_eq!(act(&server, &id, "step"), 200);
    wait_for("three steps", || (step(&server, &id) == still + 3).then_some(()));
    let turned = server.post(&format!("/api/runs/{id}/knobs"), &json!({ "knob": "lr", "value": 0.0005 }));
    assert_eq!(turned.status, 200, "{}", turned.text());
    assert_eq!(act(&server, &id, "resume"), 200);
    assert_eq!(next("mark")["step"], still + 3, "a knob turned in a pause takes effect before the next step");
    assert_eq!(act(&server, &id, "stop"), 200);
    next("stopped");
    wait_for_state(&server, &id, "stopped");
    assert_eq!(act(&server, &id, "pause"), 409);
    assert_eq!(act(&server, &id, "resume"), 200);
    wait_for_state(&server, &id, "running");
    assert_eq!(act(&server, &id, "stop"), 200);
    wait_for_state(&server, &id, "stopped");
    let all = events(&server, &id, 0);
    assert_gapless(&all, 1);
    let resumed = all.iter().filter(|event| event["type"] == "started").nth(1).expect("a resumption");
    assert!(resumed["resumed_at"].as_u64().is_some_and(|step| step >= still), "{resumed}");
    assert_eq!(server.delete(&format!("/api/runs/{id}")).status, 204);
    assert_eq!(server.get(&format!("/api/runs/{id}")).status, 404);
    assert!(!server.state_dir().join("runs").join(&id).exists());
}

#[test]
fn a_knob_turned_in_a_pause_outlives_the_process_and_the_server() {
    let mut server = Server::start_with(OFTEN);
    let id = start(&server, &long(1));
    wait_for("a step", || (step(&server, &id) > 0).then_some(()));
    assert_eq!(act(&server, &id, "pause"), 200);
    standstill(&server, &id);
    let turned = server.post(&format!("/api/runs/{id}/knobs"), &json!({ "knob": "lr", "value": 0.0005 }));
    assert_eq!(turned.status, 200, "{}", turned.text());
    kill(&mut server, Victim::Both);
    wait_for_state(&server, &id, "paused");
    let still = standstill(&server, &id);
    assert_eq!(act(&server, &id, "resume"), 200);
    wait_for("steps", || (step(&server, &id) > still + 20).then_some(()));
    // Told again, it stands there already and leaves no second mark.
    kill(&mut server, Victim::Worker);
    let reached = step(&server, &id);
    wait_for("more steps", || (step(&server, &id) > reached + 20).then_some(()));
    assert_eq!(act(&server, &id, "stop"), 200);
    wait_for_state(&server, &id, "stopped");
    let all = events(&server, &id, 0);
    let marks: Vec<&Value> = all.iter().filter(|event| event["type"] == "mark").collect();
    assert!(matches!(marks[..], [mark] if mark["text"]["en"].to_string().contains("→ 0.0005")), "{marks:?}");
    let started = all.iter().filter(|event| event["type"] == "started").count();
    assert_eq!(started, 3, "both kills hit a process");
}

#[test]
fn one_run_has_the_device_and_twenty_may_wait() {
    let server = Server::start_with(OFTEN);
    let first = start(&server, &long(1));
    wait_for_state(&server, &first, "running");
    let waiting: Vec<String> = (0..20).map(|seed| start(&server, &long(seed))).collect();
    let refused = server.post("/api/runs", &long(1));
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (429, Some("queue_full")));
    assert!(waiting.iter().all(|id| state(&server, id) == "queued"));
    assert_eq!(act(&server, &waiting[0], "pause"), 409);
    assert_eq!(act(&server, &waiting[0], "stop"), 200);
    assert_eq!(state(&server, &waiting[0]), "stopped");
    assert_eq!(events(&server, &waiting[0], 0).len(), 1, "its stream has a last event, too");
    assert_eq!(server.delete(&format!("/api/runs/{first}")).status, 409);
    assert_eq!(act(&server, &first, "stop"), 200);
    wait_for_state(&server, &waiting[1], "running");
    assert_eq!(state(&server, &waiting[2]), "queued");
}

#[test]
fn a_wrong_request_gets_its_own_code() {
    let server = Server::start_with(OFTEN);
    let id = start(&server, &long(1));
    let changed = |name: &str, value: Value| {
        let mut run = small(1);
        run[name] = value;
        server.post("/api/runs", &run)
    };
    let run = |path: &str, body: Value| server.post(&format!("/api/runs/{path}"), &body);
    for (reply, status, code) in [
        (changed("lab", json!("none")), 422, "unknown_lab"),
        (changed("device", json!("tpu")), 422, "unknown_device"),
        (changed("name", json!("")), 422, "invalid_name"),
        (changed("name", json!("x".repeat(81))), 422, "invalid_name"),
        (changed("knobs", json!({ "epochs": 1e9 })), 422, "invalid_config"),
        (changed("knobs", json!({ "nothing": 1 })), 422, "invalid_config"),
        (changed("seed", json!(1u64 << 53)), 422, "invalid_config"),
        (run(&format!("{id}/step"), json!({ "steps": 0 })), 422, "invalid_steps"),
        (run(&format!("{id}/knobs"), json!({ "knob": "epochs", "value": 2 })), 422, "knob_not_live"),
        (run(&format!("{id}/knobs"), json!({ "knob": "lr", "value": 1e9 })), 422, "invalid_knob"),
        (run("0123456789ab/stop", json!({})), 404, "unknown_run"),
        (run("..%2f..%2fetc/stop", json!({})), 404, "unknown_run"),
        (server.get("/api/runs/0123456789ab/events"), 404, "unknown_run"),
        (server.patch(&format!("/api/runs/{id}"), &json!({ "name": "a\u{7}b" })), 422, "invalid_name"),
        (server.get("/api/models/none"), 404, "unknown_model"),
        (server.get(&format!("/api/blobs/{}", "0".repeat(64))), 404, "unknown_blob"),
    ] {
        let error = &reply.json()["error"];
        assert_eq!((reply.status, error["code"].as_str()), (status, Some(code)), "{error}");
        assert!(error["message"].as_str().is_some_and(|message| message.ends_with('.')), "{error}");
        assert!(error["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{error}");
    }
    let renamed = server.patch(&format!("/api/runs/{id}"), &json!({ "name": " 我的运行 " }));
    assert_eq!(renamed.json()["name"], "我的运行");
}

#[test]
fn a_stop_of_the_server_loses_no_step() {
    let mut server = Server::start_with(&["--checkpoint-every-ms", "600000", "--data-dir", "no-such-folder"]);
    let id = start(&server, &long(3));
    wait_for_state(&server, &id, "running");
    let paused = start(&server, &small(1));
    wait_for("a step", || (step(&server, &id) > 20).then_some(()));
    let begun = Instant::now();
    assert!(server.stop(), "it ends well");
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
    server.restart();
    wait_for_state(&server, &id, "running");
    assert_eq!(state(&server, &paused), "queued");
    assert_eq!(act(&server, &id, "stop"), 200);
    let all = events(&server, &id, 0);
    assert_gapless(&all, 1);
    let resumed = all.iter().position(|event| event["seq"] != 1 && event["type"] == "started").expect("a resumption");
    let back_to = all[resumed]["resumed_at"].as_u64().expect("a step");
    let reached = all[..resumed].iter().filter_map(|event| event["step"].as_u64()).max().expect("steps");
    assert_eq!(back_to, reached, "it goes on at the very step at which it ended");
    assert!(
        !all[..resumed].iter().any(|event| event["type"] == "stopped"),
        "an end of the server is no stop of the run"
    );
}

#[test]
fn a_process_that_dies_again_and_again_fails_its_run() {
    let server = Server::start_with(&["--checkpoint-every-ms", "600000", "--data-dir", "no-such-folder"]);
    let id = start(&server, &long(1));
    let mut killed = Vec::new();
    let failed = wait_for("the failure", || {
        if let Some(pid) = worker_pid(server.pid()).filter(|pid| !killed.contains(pid)) {
            signal(pid, "KILL");
            killed.push(pid);
        }
        (state(&server, &id) == "failed").then(|| events(&server, &id, 0))
    });
    assert_eq!(killed.len(), 5, "each attempt had its chance");
    let last = failed.last().expect("events");
    assert_eq!((last["type"].as_str(), last["code"].as_str()), (Some("failed"), Some("crashed")));
    assert_eq!(act(&server, &id, "resume"), 200, "a person may still try again");
    wait_for_state(&server, &id, "running");
}

/// Which processes are killed, at once.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Worker,
    Server,
    Both,
}

#[test]
fn whatever_is_killed_whenever_the_weights_come_out_the_same() {
    let seed = std::env::var("KINDLING_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| Instant::now().elapsed().subsec_nanos() as u64 ^ u64::from(std::process::id()) << 20);
    println!("KINDLING_TEST_SEED={seed}");
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(seed);
    let mut server = Server::start_in(&folder.path().join("state"), OFTEN);

    let begun = Instant::now();
    let undisturbed = start(&server, &small(7));
    let expected = events(&server, &undisturbed, 0);
    let took = begun.elapsed();
    let mut kills = 0;
    while kills < 21 {
        let id = start(&server, &small(7));
        // Several in one run, too: what goes on from a checkpoint is cut off again.
        for _ in 0..1 + random.below(3) {
            let victim = [Victim::Worker, Victim::Server, Victim::Both][kills % 3];
            std::thread::sleep(took.mul_f64(random.below(1000) as f64 / 1000.0));
            kill(&mut server, victim);
            kills += 1;
        }
        let all = wait_for("the end", || {
            let state = state(&server, &id);
            assert_ne!(state, "failed", "{:?}", events(&server, &id, 0).last());
            (state == "finished").then(|| events(&server, &id, 0))
        });

        assert_gapless(&all, 1);
        assert_eq!(final_weights(&all), final_weights(&expected), "after {kills} kills");
        assert_eq!(curve(&all), curve(&expected), "after {kills} kills");
    }
    println!("{kills} kills, an undisturbed run takes {took:?}");
}

fn kill(server: &mut Server, victim: Victim) {
    let worker = worker_pid(server.pid()).filter(|_| !matches!(victim, Victim::Server));
    if let Some(pid) = worker {
        signal(pid, "KILL");
    }
    if !matches!(victim, Victim::Worker) {
        server.restart();
    }
}

/// SplitMix64: the same kills for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
