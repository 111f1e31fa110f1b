//! Training on WebGPU: right, or stopped with its cause.
//!
//! The adapter is SwiftShader: each new worker compiles its kernels for a minute before its first step. So all of it
//! is one test on small networks, and faults come as early as they can.

use std::time::{Duration, Instant};

use kindling_tests::cdp::ENDED;
use kindling_tests::page::{WorkerId, curve, events, final_weights};
use kindling_tests::{Gpu, Page};
use serde_json::Value;

use super::steering::wait_for_state;
use super::{PATIENCE, Visit};

/// 80 steps. Plain gradient descent at one rate, so that the two devices part as late as they can.
const LAB: &str =
    "/labs/digits?data=generated&samples=500&epochs=10&width=16&optimiser=sgd&lr=0.05&schedule=constant&seed=4";
/// A lab that learns from rows, as `ab-test`, `ensemble` and `shap` do: their batches are made in another place.
const ROWS: &str = "/labs/metrics?data=generated&model=linear&epochs=1&seed=3";
const WORKER: &str = "engine-gpu-worker";
/// Compiling everything again takes about a minute on two free cores, and several on busy ones.
const COMPILED: Duration = Duration::from_secs(600);

#[test]
fn training_on_the_gpu_is_right_and_every_fault_stops_it_with_its_cause() {
    let mut visit = Visit::to("/engine", Gpu::On);
    let begun = Instant::now();
    let lap = |what: &str| println!("{:5.1} s: {what}", begun.elapsed().as_secs_f64());
    let page = &mut visit.page;
    page.click("self-test");
    page.wait_for_test_id("verdict", COMPILED);
    let wrong =
        page.eval("[...document.querySelectorAll('[data-testid=check][data-passed=false]')].map(e => e.innerText)");
    assert_eq!(wrong.as_array().map(Vec::len), Some(0), "{wrong}");
    assert!(page.eval("document.querySelectorAll('[data-testid=check]').length").as_u64().is_some_and(|n| n >= 20));
    lap("the self-test has passed");

    page.goto(&visit.server.url(&format!("{LAB}&place=gpu")));
    page.wait_for_test_id("run", PATIENCE);

    // A kernel of the training itself that the browser rejects. WebGPU would skip it and leave old numbers.
    let before = page.newest_worker(WORKER);
    page.click("run");
    in_worker(
        page,
        &before,
        "GPUDevice.prototype.createShaderModule = (make => function (descriptor) { \
        return make.call(this, { ...descriptor, code: descriptor.code + ' }' }); })(GPUDevice.prototype.createShaderModule)",
    );
    stopped_by(page, "shader_rejected", "The browser rejected a GPU program", "浏览器拒绝了一个 GPU 程序");
    lap("a rejected shader has stopped a run");

    let before = page.newest_worker(WORKER);
    page.click("run");
    in_worker(page, &before, "kindlingGuard.inject('uncaptured_error')");
    stopped_by(page, "gpu_error", "The GPU reported an error", "GPU 报告了错误");
    lap("an uncaptured error has stopped a run");

    // Lost in the middle of training; a checkpoint is there, for the first step took longer than one may be away.
    let before = page.newest_worker(WORKER);
    page.click("run");
    let kept =
        page.wait_for_run("run.info.state === 'running' && run.events.find(e => e.type === 'checkpoint')", COMPILED);
    lap("the first steps are done");
    in_worker(page, &before, "kindlingGuard.inject('lose_device')");
    let lost = stopped_by(page, "device_lost", "The GPU was lost", "GPU 设备已丢失");
    assert_eq!(lost["info"]["id"], kept["info"]["id"]);
    lap("a lost device has stopped a run");
    page.click("resume-failed");
    page.wait_for("!document.querySelector('[data-testid=failure]')", COMPILED);
    wait_for_state(page, "running");
    page.wait_for("document.querySelector('[data-testid=run-state]').className === 'badge good'", COMPILED);
    let on_gpu = page.wait_for_run("run.info.state === 'finished'", PATIENCE);
    lap("the run went on to its end");
    assert_eq!(on_gpu["info"]["id"], lost["info"]["id"]);
    let resumed = events(&on_gpu).iter().filter(|event| event["type"] == "started").nth(1).expect("a second start");
    assert!(resumed["resumed_at"].as_u64().is_some_and(|step| step > 0), "{resumed}");
    assert!(resumed["device"].as_str().is_some_and(|device| device.starts_with("WebGPU")), "{resumed}");

    // The same on the CPU says the same.
    let on_cpu = finished(page, &visit.server.url(LAB), "cpu");
    agree(&on_gpu, &on_cpu, &["train-loss", "validation-loss"]);
    let losses = curve(&on_gpu, "train-loss");
    assert!(losses[losses.len() - 1].1 < 0.7 * losses[0].1, "the loss does not fall: {losses:?}");
    assert!(!final_weights(&on_gpu).is_empty());

    let on_gpu = finished(page, &visit.server.url(&format!("{ROWS}&place=gpu")), "gpu");
    let on_cpu = finished(page, &visit.server.url(ROWS), "cpu");
    agree(&on_gpu, &on_cpu, &["loss"]);
    lap("a lab of rows has trained on the GPU");
}

/// A new run of what the link says, when it is over.
fn finished(page: &mut Page, link: &str, place: &str) -> Value {
    page.goto(link);
    page.wait_for_test_id("run", PATIENCE);
    let before = page.runs().len();
    page.click("run");
    page.wait_for("document.querySelector('[data-testid=run-state]').className === 'badge good'", COMPILED);
    let run = page.wait_for_run(&format!("run.place === '{place}' && run.info.state === 'finished'"), PATIENCE);
    assert_eq!(page.runs().len(), before + 1);
    run
}

/// Two devices part slowly: each rounds in its own way.
fn agree(on_gpu: &Value, on_cpu: &Value, losses: &[&str]) {
    for series in losses {
        let (here, there) = (curve(on_gpu, series), curve(on_cpu, series));
        println!("{series}\n  GPU {here:?}\n  CPU {there:?}");
        assert_eq!(here.len(), there.len());
        for ((step, one), (same, other)) in here.iter().zip(&there) {
            assert_eq!(step, same);
            assert!((one - other).abs() <= 1e-3 * other.abs(), "{series} at step {step}: {one} and {other}");
        }
    }
}

/// Evaluates in the worker of a run as soon as its device is there. `before`: the newest worker
/// that is none of this run's; a worker that is ended lives on for a while.
fn in_worker(page: &mut Page, before: &Option<WorkerId>, expression: &str) {
    let end = Instant::now() + PATIENCE;
    // Only a worker whose engine has begun has its guard; only then is there a device to break.
    let guarded =
        format!("(() => {{ if (!self.kindlingGuard) throw new Error('not yet'); {expression}; return true; }})()");
    loop {
        let worker = page.newest_worker(WORKER).filter(|newest| Some(newest) > before.as_ref());
        match worker.map(|worker| page.eval_in_worker(&worker, &guarded)) {
            Some(Ok(_)) => return,
            // The fault was noticed sooner than the answer was sent.
            Some(Err(error)) if error.ends_with(ENDED) => return,
            other => assert!(Instant::now() < end, "{other:?}"),
        }
        page.pump(Duration::from_millis(50));
    }
}

/// The run has failed with this code, the page says why in both languages, and nothing was told after the fault.
fn stopped_by(page: &mut Page, code: &str, en: &str, zh: &str) -> Value {
    page.wait_for_test_id("failure", COMPILED);
    wait_for_state(page, "bad");
    let said = page.text("failure");
    println!("  {said}");
    assert!(said.contains(en), "`{en}` is not in {said}");
    // The Chinese sentence is Chinese alone; what the browser said is folded away below it.
    page.click("language");
    let sentence = "document.querySelector('[data-testid=failure] .trouble-text').innerText";
    page.wait_for(&format!("{sentence}.includes('{zh}') && !/[a-z]/.test({sentence})"), PATIENCE);
    assert!(!page.text("details").is_empty());
    page.click("language");
    let run = page.wait_for_run("run.info.state === 'failed' && run.events.at(-1).type === 'failed' && run", PATIENCE);
    let last = events(&run).last().cloned().unwrap_or_default();
    assert_eq!(last["code"], code, "{last}");
    assert!(!events(&run).iter().any(|event| event["type"] == "report"), "{run}");
    run
}
