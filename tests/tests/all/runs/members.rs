//! A crew of processes: they come to the bits of one worker, fail with a cause, and none outlives its run.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::available_parallelism;

use kindling_tests::server::signal;
use kindling_tests::{Server, binary};
use serde_json::{Value, json};

use super::{OFTEN, act, events, start, state, step, wait_for, worker_pid};

/// Processes of a run with four replicas and two more that learn beside them. On one core there are none.
fn crew() -> usize {
    match available_parallelism().map_or(1, usize::from) {
        1 => 0,
        cores => cores.min(6),
    }
}

/// Half a minute and more.
fn long() -> Value {
    json!({ "data": "generated", "samples": 5000, "batch": 4, "epochs": 20 })
}

/// `kindling train distributed` in this folder, on one core or on all.
fn train(folder: &Path, one_core: bool, knobs: &Value) -> Command {
    let mut command = match one_core {
        false => Command::new(binary()),
        true => {
            let mut command = Command::new("taskset");
            command.args(["-c", &first_core()]).arg(binary());
            command
        }
    };
    command.args(["train", "distributed", "--json", "--seed", "5", "--out"]).arg(folder.join("run"));
    command.env("HOME", folder).env_remove("XDG_DATA_HOME").env_remove("KINDLING_STATE");
    for (knob, value) in knobs.as_object().expect("knobs") {
        command.arg("--set").arg(format!("{knob}={}", value.as_str().map_or(value.to_string(), str::to_string)));
    }
    command
}

/// The first core that this process may use.
fn first_core() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says which");
    let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("a list").trim();
    cores.split([',', '-']).next().expect("a core").to_string()
}

#[test]
fn processes_come_to_the_same_bits_as_one_worker() {
    let knobs = json!({ "data": "generated", "samples": 1000, "batch": 16, "epochs": 3, "momentum": 0.5, "lr": 0.02 });
    let [apart, alone] = [false, true].map(|one_core| {
        let folder = tempfile::tempdir().expect("a folder");
        let output = train(folder.path(), one_core, &knobs).output().expect("the binary starts");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        told.lines().map(|line| serde_json::from_str(line).expect("an event")).collect::<Vec<Value>>()
    });
    let introduced = |events: &[Value]| {
        let note = events.iter().find(|event| event["type"] == "note").expect("who computes");
        note["text"]["en"].as_str().unwrap_or_default().to_string()
    };
    let one = "All is computed by one worker, one after the other.";
    assert_eq!(introduced(&alone), one);
    match crew() {
        0 => assert_eq!(introduced(&apart), one),
        size => assert_eq!(introduced(&apart), format!("{size} processes compute side by side.")),
    }
    let computed = |events: &[Value]| {
        let points = events.iter().filter(|event| event["type"] == "points");
        let mut computed: Vec<Value> = points.map(|event| event["values"].clone()).collect();
        let mut figures = events.last().expect("a report")["figures"].clone();
        figures.as_object_mut().expect("figures").retain(|id, _| !["amdahl", "speed_up", "measured"].contains(&&**id));
        computed.push(figures);
        computed
    };
    assert_eq!(computed(&alone).len(), 46, "a point for each of 45 steps, and the report");
    assert_eq!(computed(&apart), computed(&alone));
    let measured = |events: &[Value]| events.last().expect("a report")["figures"]["measured"].is_number();
    assert_eq!((measured(&apart), measured(&alone)), (crew() > 0, false));
}

#[test]
fn a_killed_member_ends_the_run_with_its_cause_and_the_run_can_go_on() {
    let server = Server::start_with(OFTEN);
    let id = start(&server, &json!({ "lab": "distributed", "seed": 5, "device": "cpu", "knobs": long() }));
    wait_for("steps", || (step(&server, &id) > 20).then_some(()));
    let run = worker_pid(server.pid()).expect("the run's process");
    let members = children(run, "member");
    assert_eq!(members.len(), crew());
    let Some(victim) = members.first() else { return };
    signal(*victim, "KILL");
    wait_for("the failure", || (state(&server, &id) == "failed").then_some(()));
    let all = events(&server, &id, 0);
    let last = all.last().expect("a last word");
    assert_eq!((&last["type"], &last["code"]), (&json!("failed"), &json!("crashed")), "{last}");
    let (text, detail) = (last["text"]["en"].as_str().unwrap_or_default(), last["detail"].as_str().unwrap_or_default());
    assert!(text.starts_with("A worker"), "{last}");
    assert!(detail.contains(&format!("process {victim} ended")) && detail.contains("signal: 9"), "{last}");
    assert_none_runs(&members);

    let reached = step(&server, &id);
    assert_eq!(act(&server, &id, "resume"), 200);
    wait_for("more steps", || (step(&server, &id) > reached + 20).then_some(()));
    let run = worker_pid(server.pid()).expect("the run's process");
    let members = children(run, "member");
    assert_eq!(act(&server, &id, "stop"), 200);
    wait_for("the stop", || (state(&server, &id) == "stopped").then_some(()));
    assert_none_runs(&members);
}

#[test]
fn a_run_that_is_killed_leaves_no_member_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut run = train(folder.path(), false, &long())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(run.stdout.take().expect("piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("\"type\":\"points\"")), "it learns");
    let members = children(run.id(), "member");
    assert_eq!(members.len(), crew());
    signal(run.id(), "KILL");
    run.wait().expect("it ends");
    assert_none_runs(&members);
}

/// A process takes a moment to end.
fn assert_none_runs(members: &[u32]) {
    wait_for("the end of the members", || (!members.iter().any(|pid| runs(*pid, "member"))).then_some(()));
}

/// Processes that one has started with this command and that still run.
pub(super) fn children(parent: u32, command: &str) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{parent}/task")) else { return vec![] };
    // Any of its threads may have started them.
    let pids = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    let pids: String = pids.collect();
    pids.split_whitespace().filter_map(|pid| pid.parse().ok()).filter(|pid| runs(*pid, command)).collect()
}

/// One that has ended and was not waited for has no command line any more.
fn runs(pid: u32, command: &str) -> bool {
    let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split('\0').nth(1) == Some(command)
}
