//! Training in the tab: to the goal, across a reload, and stopped by a GPU's faults.

use std::time::{Duration, Instant};

use kindling_tests::{Browser, Gpu, Page, Server, data_dir};

use super::{PATIENCE, Visit};

/// `innerText` of the run's state follows the language, its class does not: the page's own words are not relied on.
const FINISHED: &str = "!!document.querySelector('[data-testid^=goal-].good, [data-testid^=goal-].bad')";

#[test]
fn the_mlp_reaches_its_goal_on_real_mnist() {
    data_dir();
    let mut visit = Visit::to("/labs/digits", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    let start = Instant::now();
    page.click("run");
    page.wait_for(FINISHED, Duration::from_secs(240));
    println!("the MLP's run in the tab took {:.1} s, test set included", start.elapsed().as_secs_f64());
    let goal = page.attribute("goal-accuracy", "class");
    let told = page.text("goals");
    assert!(goal.contains("good"), "the goal of q01 does not hold: {told}");
    page.assert_clean();
}

#[test]
fn a_run_survives_a_reload() {
    data_dir();
    let mut visit = Visit::to("/labs/digits", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    page.wait_for("document.querySelector('[data-testid=run-progress]')?.value > 0.05", Duration::from_secs(120));
    // A checkpoint comes at least every ten seconds.
    page.wait_for("new Promise(done => setTimeout(() => done(true), 11_000))", Duration::from_secs(30));
    page.reload();
    page.wait_for(
        "!!document.querySelector('[data-testid=resume-cut-off]') \
         || document.querySelector('[data-testid=run-progress]')?.value > 0.05",
        PATIENCE,
    );
    if page.eval("!!document.querySelector('[data-testid=resume-cut-off]')") == true {
        page.click("resume-cut-off");
    }
    page.wait_for(FINISHED, Duration::from_secs(240));
    page.assert_clean();
}

#[test]
fn a_rejected_shader_never_becomes_a_number() {
    refused_on_the_gpu(
        "const create = GPUDevice.prototype.createShaderModule; \
         GPUDevice.prototype.createShaderModule = function (d) { \
           return create.call(this, { ...d, code: d.code + '\\n this is no shader' }); };",
    );
}

#[test]
fn a_lost_device_ends_the_run_with_its_cause() {
    refused_on_the_gpu(
        "const ask = GPUAdapter.prototype.requestDevice; \
         GPUAdapter.prototype.requestDevice = async function (d) { const device = await ask.call(this, d); \
           setTimeout(() => device.destroy(), 1500); return device; };",
    );
}

#[test]
fn an_uncaught_gpu_error_ends_the_run_with_its_cause() {
    refused_on_the_gpu(
        "const ask = GPUAdapter.prototype.requestDevice; \
         GPUAdapter.prototype.requestDevice = async function (d) { const device = await ask.call(this, d); \
           setTimeout(() => device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE }), 1500); \
           return device; };",
    );
}

/// A fault that is injected into every worker: the self-test fails or the run ends with a cause, and no report
/// of figures comes.
fn refused_on_the_gpu(script: &str) {
    let server = Server::start();
    let mut browser = Browser::launch(Gpu::On);
    let mut page = browser.page();
    page.before_workers(&format!("if (globalThis.GPUDevice) {{ {script} }}"));
    page.goto(&server.url("/engine"));
    page.wait_for_test_id("engine-page", PATIENCE);
    assert!(
        has_adapter(&mut page),
        "this Chromium has no WebGPU adapter; flags: --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader"
    );
    page.click("self-test");
    let outcome = "document.querySelector('[data-testid=no-gpu], [data-testid=engine-problem], [data-passed=false]')";
    page.wait_for(&format!("!!{outcome}"), Duration::from_secs(180));
    let said = page.eval(&format!("{outcome}.innerText"));
    println!("the page says: {said}");
    assert!(said.as_str().is_some_and(|text| text.len() > 10), "no cause is named");
}

fn has_adapter(page: &mut Page) -> bool {
    page.eval("(async () => !!(await navigator.gpu?.requestAdapter()))()") == true
}
