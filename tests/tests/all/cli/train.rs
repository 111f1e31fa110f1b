//! `kindling train`: what it comes to on real data, and what ends it early.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Output, Stdio};

use kindling_protocol::event::{Event, EventBody};
use kindling_protocol::lab::LabSpec;
use kindling_tests::data_dir;
use kindling_tests::server::signal;

use super::{all, command, json, kindling, text};

/// Runs `kindling train digits` in a folder of its own.
fn train(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = command(folder);
    command.args(["train", "digits", "--out"]).arg(folder.join("run")).args(arguments);
    command.output().expect("the binary starts")
}

fn on_mnist(arguments: &[&str]) -> Output {
    let (folder, data) = (tempfile::tempdir().expect("a folder"), data_dir());
    let trained = train(folder.path(), &[&["--data-dir", &data.to_string_lossy()][..], arguments].concat());
    assert!(trained.status.success(), "{}", all(&trained));
    trained
}

fn events(output: &Output) -> Vec<Event> {
    let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in `{line}`"));
    text(&output.stdout).lines().map(event).collect()
}

/// Accuracy on the test set of MNIST, and seconds of training.
fn result(output: &Output) -> (f64, f64) {
    let events = events(output);
    let points = events.iter().rev().find(|event| matches!(event.body, EventBody::Points { .. })).expect("curves");
    let Some(EventBody::Report { figures, model }) = events.last().map(|event| &event.body) else {
        panic!("it ends with a report: {}", all(output))
    };
    let model = model.as_ref().expect("a model");
    assert!(model.metrics.iter().any(|metric| metric.data == "mnist/test" && metric.count == 10_000), "{model:?}");
    let (accuracy, seconds) = (figures["test_accuracy"], points.at_ms as f64 / 1e3);
    println!("{:.2} % in {seconds:.1} s", 100.0 * accuracy);
    (accuracy, seconds)
}

#[test]
fn the_goal_holds_at_the_defaults_and_fails_at_an_absurd_learning_rate() {
    let labs: Vec<LabSpec> = serde_json::from_value(json(&kindling(&["labs", "--json"]))).expect("labs");
    let goal = labs.into_iter().find(|lab| lab.slug == "digits").expect("the lab").goals.remove(0);
    let (accuracy, seconds) = result(&on_mnist(&["--json"]));
    assert!(accuracy >= 0.975 && goal.holds(accuracy, seconds), "{accuracy} in {seconds} s");

    let absurd = text(&on_mnist(&["--set", "lr=10"]).stdout);
    assert!(absurd.contains(&format!("Goal missed: {}", goal.text.en)), "{absurd}");
    assert!(absurd.contains("mnist/test (10000)"), "it says what the figures are of: {absurd}");
}

#[test]
fn a_convolutional_network_reads_98_7_percent_within_a_minute() {
    let (accuracy, seconds) = result(&on_mnist(&["--set", "model=cnn", "--set", "epochs=2", "--json"]));
    assert!(accuracy >= 0.987 && seconds < 60.0, "{accuracy} in {seconds} s");
}

/// On the edition that is here; the run says which.
#[test]
fn replicas_are_one_large_batch_on_cifar10_too() {
    let labs: Vec<LabSpec> = serde_json::from_value(json(&kindling(&["labs", "--json"]))).expect("labs");
    let goal = labs.into_iter().find(|lab| lab.slug == "distributed").expect("the lab").goals.remove(0);
    let figures = |reduce: &str| {
        let (folder, data) = (tempfile::tempdir().expect("a folder"), data_dir());
        let mut command = command(folder.path());
        command.args(["train", "distributed", "--quick", "--json", "--set", "data=cifar10", "--set", "lr=0.02"]);
        command.args(["--set", reduce, "--data-dir"]).arg(&data).arg("--out").arg(folder.path().join("run"));
        let trained = command.output().expect("the binary starts");
        assert!(trained.status.success(), "{}", all(&trained));
        let published = data.join("cifar10/cifar-10-binary.tar.gz").exists();
        assert_eq!(text(&trained.stdout).contains("CIFAR-10 (JPEG)"), !published, "{}", text(&trained.stdout));
        let Some(EventBody::Report { figures, .. }) = events(&trained).pop().map(|event| event.body) else {
            panic!("it ends with a report: {}", all(&trained))
        };
        println!("{reduce}: {figures:?}");
        figures
    };
    let mean = figures("reduce=mean");
    assert!(goal.holds(mean["difference"], 1.0) && mean["test_accuracy"] > 0.2, "{mean:?}");
    assert!(!goal.holds(figures("reduce=sum")["difference"], 1.0));
}

/// Messages of four newsgroups: what is masked in them teaches their groups, and where nothing is masked nothing does.
#[test]
fn masked_words_of_real_text_are_worth_something_and_without_masks_nothing() {
    let labs: Vec<LabSpec> = serde_json::from_value(json(&kindling(&["labs", "--json"]))).expect("labs");
    let goal = labs.into_iter().find(|lab| lab.slug == "self-supervised").expect("the lab").goals.remove(0);
    let gain = |masked: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = command(folder.path());
        command.args(["train", "self-supervised", "--json", "--set", "data=20newsgroups", "--set", masked]);
        command.arg("--data-dir").arg(data_dir()).arg("--out").arg(folder.path().join("run"));
        let trained = command.output().expect("the binary starts");
        assert!(trained.status.success(), "{}", all(&trained));
        let events = events(&trained);
        let stood_in =
            |event: &Event| matches!(&event.body, EventBody::Note { text } if text.en.contains("not at hand"));
        assert!(!events.iter().any(stood_in), "{}", all(&trained));
        let Some(EventBody::Report { figures, .. }) = events.last().map(|event| &event.body) else {
            panic!("it ends with a report: {}", all(&trained))
        };
        println!("{masked}: {figures:?}");
        figures["gain"]
    };
    let gained = gain("masked=0.25");
    assert!(goal.holds(gained, 1.0), "{gained}");
    assert!(!goal.holds(gain("masked=0"), 1.0));
}

#[test]
fn without_its_data_it_refuses_and_says_what_helps() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("no-data");
    let refused = train(folder.path(), &["--data-dir", &empty.to_string_lossy()]);
    let said = text(&refused.stderr);
    assert!(!refused.status.success());
    for part in ["`mnist` is not in", "no-data", "kindling data fetch mnist", "--set data=generated"] {
        assert!(said.contains(part), "no `{part}` in: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is left behind");
}

#[test]
fn a_device_that_is_not_here_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = train(folder.path(), &["--set", "data=generated", "--device", "cuda:99"]);
    let said = text(&refused.stderr);
    assert!(!refused.status.success() && said.contains("`cuda:99`") && said.contains("cpu"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(!folder.path().join("run").exists(), "nothing is left behind");
}

/// About two seconds.
const SMALL: [&str; 8] =
    ["--set", "data=generated", "--set", "samples=500", "--set", "epochs=40", "--json", "--seed=7"];

/// sha256 of the final weights.
fn weights(output: &Output) -> String {
    match events(output).pop().map(|event| event.body) {
        Some(EventBody::Report { model: Some(model), .. }) => model.weights[0].file.sha256.clone(),
        _ => panic!("no model: {}", all(output)),
    }
}

#[test]
fn a_run_that_is_interrupted_goes_on_and_ends_at_the_same_weights() {
    let [whole, cut] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let expected = weights(&train(whole.path(), &SMALL));

    let run = cut.path().join("run");
    let mut child = command(cut.path())
        .args(["train", "digits", "--out"])
        .arg(&run)
        .args(SMALL)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = |kind: &str| lines.by_ref().map_while(Result::ok).find(|line| line.contains(kind)).expect(kind);
    next("\"type\":\"points\"");
    signal(child.id(), "INT");
    next("\"type\":\"checkpoint\"");
    next("\"type\":\"stopped\"");
    let stopped = child.wait_with_output().expect("it ends");
    let said = text(&stopped.stderr);
    assert!(!stopped.status.success(), "a run that was interrupted is not done");
    assert!(said.contains(&format!("kindling train digits --resume {}", run.display())), "{said}");

    let refused = train(cut.path(), &SMALL);
    assert!(text(&refused.stderr).contains("holds a run"), "{}", all(&refused));
    let resume =
        || command(cut.path()).args(["train", "digits", "--json", "--resume"]).arg(&run).output().expect("it starts");
    let config = std::fs::read_to_string(run.join("run.json")).expect("what was asked for");
    std::fs::write(run.join("run.json"), config.replace("\"seed\": 7", "\"seed\": 8")).expect("written");
    let other = resume();
    assert!(matches!(events(&other).pop().map(|event| event.body), Some(EventBody::Failed { .. })), "{}", all(&other));
    assert!(
        !other.status.success() && text(&other.stderr).contains("another lab, knobs, seed or data"),
        "{}",
        all(&other)
    );
    std::fs::write(run.join("run.json"), config).expect("written");
    let resumed = resume();
    assert!(matches!(events(&resumed)[0].body, EventBody::Started { resumed_at: Some(1..), .. }), "{}", all(&resumed));
    assert_eq!(weights(&resumed), expected);
}
