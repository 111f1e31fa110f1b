//! The command line, as a person or a script uses it.
//!
//! - [`train`], [`data`], [`models`]: a command each. [`labs`]: every lab, by `train`.
//! - [`questions`]: their pages, against `kindling labs`.

mod data;
mod labs;
mod models;
mod questions;
mod train;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use kindling_protocol::lab::LabSpec;
use kindling_protocol::predictions::Predictions;
use kindling_tests::{Server, binary, data_dir};
use serde_json::Value;

#[test]
fn every_command_explains_itself() {
    let help = text(&kindling(&["--help"]).stdout);
    for command in ["serve", "train", "eval", "labs", "data", "models", "doctor"] {
        assert!(help.contains(&format!("  {command}")), "`{command}` is not in the help:\n{help}");
        let output = kindling(&[command, "--help"]);
        assert!(output.status.success() && output.stdout.len() > 80, "{command} --help");
    }
}

#[test]
fn labs_as_json_is_one_list() {
    let output = kindling(&["labs", "--json"]);
    let labs: Vec<LabSpec> = serde_json::from_value(json(&output)).expect("labs as the protocol has them");
    let told = text(&kindling(&["labs"]).stdout);
    for lab in &labs {
        let knobs = lab.knobs.iter().map(|knob| format!("    {} = {}", knob.id, knob.default_value()));
        for line in knobs.chain(lab.goals.iter().map(|goal| format!("    goal: {}", goal.text.en))) {
            assert!(told.contains(&line), "`{line}` is not told:\n{told}");
        }
    }
    assert!(labs.iter().any(|lab| lab.slug == "digits"));
}

#[test]
fn doctor_looks_at_everything_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let report = json(&kindling(&["doctor", "--json", "--state-dir", &state.to_string_lossy()]));
    assert_eq!(report["devices"][0], "cpu");
    assert_eq!(report["page"]["models"][0], "digits-cnn");
    assert_eq!((&report["state"]["exists"], &report["state"]["writable"]), (&false.into(), &true.into()));
    assert!(!state.exists(), "it only looks");
    let told = text(&kindling(&["doctor"]).stdout);
    for line in ["kindling ", "devices ", "page ", "state ", "data "] {
        assert!(told.lines().any(|told| told.starts_with(line)), "no line `{line}` in\n{told}");
    }
}

#[test]
fn a_second_server_is_told_what_is_in_its_way() {
    let server = Server::start();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let (port, state) = (server.origin.rsplit(':').next().expect("a port"), server.state_dir().to_string_lossy());
    let serve = |addr: &str, state: &str| kindling(&["serve", "--addr", addr, "--state-dir", state]);
    let taken = serve(&format!("127.0.0.1:{port}"), &elsewhere.path().to_string_lossy());
    assert!(
        !taken.status.success() && text(&taken.stderr).contains(&format!("port {port} is taken")),
        "{}",
        all(&taken)
    );
    let locked = serve("127.0.0.1:0", &state);
    assert!(!locked.status.success() && text(&locked.stderr).contains("another kindling server"), "{}", all(&locked));
    assert_eq!(server.get("/api/health").status, 200, "the first one still serves");
}

#[test]
fn a_database_of_a_newer_program_is_refused_and_left_as_it_is() {
    let mut server = Server::start();
    assert!(server.stop());
    let database = server.state_dir().join("kindling.db");
    let mut bytes = std::fs::read(&database).expect("a database");
    // Where SQLite keeps `user_version`: the schema of a program to come.
    bytes[60..64].copy_from_slice(&1000u32.to_be_bytes());
    std::fs::write(&database, &bytes).expect("written");
    let state = server.state_dir().to_string_lossy().into_owned();
    let refused = kindling(&["serve", "--addr", "127.0.0.1:0", "--state-dir", &state]);
    let said = text(&refused.stderr);
    assert!(!refused.status.success() && said.contains("newer program") && said.contains("1000"), "{said}");
    assert_eq!(std::fs::read(&database).expect("still there"), bytes);
}

/// Nothing listens there.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[test]
fn every_command_that_a_document_shows_is_understood() {
    let labs: Vec<LabSpec> = serde_json::from_value(json(&kindling(&["labs", "--json"]))).expect("labs");
    let mut seen = 0;
    for document in ["README.md", "README.zh.md", "CONTRIBUTING.md", "static/models/README.md"] {
        let text_of = std::fs::read_to_string(kindling_tests::root().join(document)).expect("a document");
        for line in text_of.replace("\\\n", " ").split(['`', '\n']) {
            let mut words = line.split_whitespace();
            if words.next() != Some("kindling") {
                continue;
            }
            let Some(command) = words.next() else { continue };
            let help = text(&kindling(&[command, "--help"]).stdout);
            assert!(!help.is_empty(), "{document}: there is no `kindling {command}`");
            let words: Vec<&str> = words.collect();
            if let Some(action) = words.first().filter(|_| matches!(command, "data" | "models")) {
                assert!(help.contains(&format!("\n  {action}")), "{document}: {line}");
            }
            for (place, word) in words.iter().enumerate() {
                assert!(!word.starts_with("--") || help.contains(word), "{document}: `{word}` in {line}");
                if *word == "--set" {
                    let lab = labs.iter().find(|lab| lab.slug == words[0]).expect("a lab");
                    let (knob, value) = words[place + 1].split_once('=').expect("KNOB=VALUE");
                    let parsed = kindling_protocol::knob::find(&lab.knobs, knob).and_then(|knob| knob.parse(value));
                    assert!(parsed.is_ok(), "{document}: {parsed:?} in {line}");
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 14, "only {seen} commands were found");
}

#[test]
fn the_shipped_model_reads_99_4_percent_of_mnist() {
    let mnist = data_dir().join("mnist");
    let file = |name: &str| mnist.join(name).to_string_lossy().into_owned();
    let (images, labels) = (file("t10k-images-idx3-ubyte.gz"), file("t10k-labels-idx1-ubyte.gz"));
    let folder = tempfile::tempdir().expect("a folder");
    let told = folder.path().join("told.json");
    let told_path = told.to_string_lossy();
    let output = kindling(&["eval", "digits-cnn", "--idx", &images, &labels, "--json", "--predictions", &told_path]);
    assert!(output.status.success(), "{}", all(&output));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one object on standard output");
    assert_eq!(result["count"], 10_000);
    let accuracy = result["accuracy"].as_f64().expect("a number");
    println!("digits-cnn on the MNIST test set: {:.2} %", accuracy * 100.0);
    assert!(accuracy >= 0.994, "{accuracy}");
    // What is kept for other labs are the first 2,000, with the same mistakes.
    let told = Predictions::read(&std::fs::read(told).expect("a file")).expect("whole and in range");
    assert_eq!(told.truth.len(), 2_000);
    let wrong = told.right().into_iter().enumerate().filter(|(_, right)| !right).map(|(row, _)| row as u64);
    let mistakes = result["mistakes"].as_array().expect("mistakes").iter();
    let mistakes = mistakes.map(|mistake| mistake["index"].as_u64().expect("a place")).filter(|row| *row < 2_000);
    assert_eq!(wrong.collect::<Vec<_>>(), mistakes.collect::<Vec<_>>());
}

#[test]
fn a_damaged_test_set_is_named_and_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_string_lossy().into_owned()
    };
    let images = file("cut-images", &[0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3]);
    let labels = file("labels", &[0, 0, 8, 1, 0, 0, 0, 1, 7]);
    let output = kindling(&["eval", "digits-cnn", "--idx", &images, &labels]);
    assert!(!output.status.success());
    assert!(all(&output).contains("cut-images"), "the file is not named: {}", all(&output));
}

#[test]
fn wrong_arguments_end_with_a_sentence() {
    for arguments in [
        &["train", "lost"][..],
        &["train", "digits", "--set", "lr=banana"],
        &["train", "digits", "--set", "lost=1"],
        &["train", "digits", "--device", "abacus"],
        &["data", "fetch", "lost"],
        &["serve", "--addr", "0.0.0.0:0"],
    ] {
        let output = kindling(arguments);
        assert!(!output.status.success(), "{arguments:?} was taken");
        let said = text(&output.stderr);
        assert!(said.len() > 20 && !said.contains("panicked"), "{arguments:?}: {said}");
    }
}

fn kindling(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    command(home.path()).args(arguments).output().expect("the binary starts")
}

/// With a home of its own: nothing of this machine's settings, nothing left behind.
fn command(home: &Path) -> Command {
    let mut command = Command::new(binary());
    command.env("HOME", home).env_remove("XDG_DATA_HOME").env_remove("KINDLING_STATE");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn all(output: &Output) -> String {
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", all(output)))
}
