//! The fixtures themselves: a tab that notices nothing would pass everything.

use std::time::Duration;

use kindling_tests::{Browser, Gpu};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_tab_notices_errors_and_requests_to_other_hosts() {
    let mut browser = Browser::launch(Gpu::Off);
    let mut page = browser.page();
    page.goto("data:text/html,<script>console.error('spoken');setTimeout(()=>{throw new Error('thrown')})</script>");
    page.eval("fetch('http://foreign.invalid/x').catch(() => 1)");
    page.wait_for("new Promise(done => setTimeout(() => done(true), 100))", PATIENCE);
    let faults = page.take_faults().join("\n");
    for fault in ["spoken", "thrown", "foreign.invalid"] {
        assert!(faults.contains(fault), "`{fault}` was not noticed:\n{faults}");
    }
    page.assert_clean();
}

#[test]
fn a_tab_notices_what_a_worker_says_and_reaches_into_it() {
    let mut browser = Browser::launch(Gpu::Off);
    let mut page = browser.page();
    page.before_workers("globalThis.injected = 41;");
    page.goto("data:text/html,<title>worker</title>");
    page.eval(
        "void (window.worker = new Worker(URL.createObjectURL(new Blob([\
         'console.error(\"from the worker \" + (injected + 1)); globalThis.alive = true'], { type: 'text/javascript' }))))",
    );
    page.wait_for("new Promise(done => setTimeout(() => done(true), 300))", PATIENCE);
    let worker = page.newest_worker("blob:").expect("a worker");
    assert_eq!(page.eval_in_worker(&worker, "alive"), Ok(true.into()));
    let faults = page.take_faults().join("\n");
    assert!(faults.contains("from the worker 42"), "{faults}");
}

#[test]
fn webgpu_is_there_when_it_is_asked_for() {
    let mut browser = Browser::launch(Gpu::On);
    let mut page = browser.page();
    // WebGPU needs a secure origin: this machine counts as one.
    let server = kindling_tests::Server::start();
    page.goto(&server.url("/api/health"));
    let adapter = page.eval(
        "(async () => { const a = await navigator.gpu?.requestAdapter(); \
         return a && { name: a.info.vendor + ' ' + a.info.architecture, features: [...a.features] }; })()",
    );
    assert!(adapter["name"].is_string(), "no adapter: {adapter}");
    println!("{}: {adapter}", browser.version());
}

#[test]
fn the_mouse_draws() {
    let mut browser = Browser::launch(Gpu::Off);
    let mut page = browser.page();
    page.goto(
        "data:text/html,<div data-testid=pad style='width:200px;height:100px;margin:50px'></div><script>moves=[];\
         document.querySelector('div').onpointermove=e=>e.buttons%26%26moves.push([e.offsetX,e.offsetY])</script>",
    );
    page.draw("pad", &[vec![(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)]]);
    let moves = page.wait_for("moves.length >= 2 && moves", PATIENCE);
    assert_eq!(moves, serde_json::json!([[100, 50], [180, 90]]));
}
