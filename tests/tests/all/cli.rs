//! The command line, as a person or a script uses it.

use std::process::{Command, Output};

use kindling_tests::{binary, data_dir};
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
    let labs: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", all(&output)));
    assert!(labs.as_array().expect("a list").iter().any(|lab| lab["slug"] == "digits"));
}

#[test]
fn the_shipped_model_reads_99_4_percent_of_mnist() {
    let mnist = data_dir().join("mnist");
    let file = |name: &str| mnist.join(name).to_string_lossy().into_owned();
    let (images, labels) = (file("t10k-images-idx3-ubyte.gz"), file("t10k-labels-idx1-ubyte.gz"));
    let output = kindling(&["eval", "digits-cnn", "--idx", &images, &labels, "--json"]);
    assert!(output.status.success(), "{}", all(&output));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one object on standard output");
    assert_eq!(result["count"], 10_000);
    let accuracy = result["accuracy"].as_f64().expect("a number");
    println!("digits-cnn on the MNIST test set: {:.2} %", accuracy * 100.0);
    assert!(accuracy >= 0.994, "{accuracy}");
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
    let folder = tempfile::tempdir().expect("a folder");
    // A home of its own: nothing of this machine's settings, nothing left behind.
    Command::new(binary()).args(arguments).env("HOME", folder.path()).output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn all(output: &Output) -> String {
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}
