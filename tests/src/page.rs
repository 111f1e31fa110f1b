//! A tab: what the page says, and what it must not do.
//!
//! - [`input`]: what a person does there, with mouse, finger, pen and keyboard.
//! - [`kept`]: what the page keeps in this browser.
//! - [`replay`]: drawings of other people, drawn on the pad.

mod input;
mod kept;
pub mod replay;

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

pub use self::input::{Pointer, Stroke};
pub use self::kept::{curve, events, final_weights};
use crate::cdp::Cdp;

/// A worker of a tab. Later ones are greater.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkerId {
    number: usize,
    session: String,
}

pub struct Page {
    cdp: Cdp,
    context: String,
    origin: String,
    /// Console errors, uncaught exceptions, CSP violations, requests to other hosts.
    faults: Vec<String>,
    /// Run in every dedicated worker before its own code.
    worker_script: Option<String>,
    /// Each worker that has not ended, with its address.
    workers: Vec<(WorkerId, String)>,
    workers_seen: usize,
    loaded: bool,
}

impl Page {
    pub(crate) fn attach(cdp: Cdp, context: &str) -> Page {
        let mut page = Page {
            cdp,
            context: context.to_owned(),
            origin: String::new(),
            faults: Vec::new(),
            worker_script: None,
            workers: Vec::new(),
            workers_seen: 0,
            loaded: false,
        };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.call("Target.setAutoAttach", watch(false));
        page
    }

    pub(crate) fn context(&self) -> &str {
        &self.context
    }

    /// Opens an address and waits for the load event. Other hosts than this one's are foreign from now on.
    pub fn goto(&mut self, url: &str) {
        self.origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
        self.loaded = false;
        let reply = self.call("Page.navigate", json!({ "url": url }));
        assert!(reply["errorText"].is_null(), "{url}: {}", reply["errorText"]);
        self.until_loaded(url);
    }

    pub fn reload(&mut self) {
        self.loaded = false;
        self.call("Page.reload", json!({}));
        self.until_loaded("the reload");
    }

    fn until_loaded(&mut self, what: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.loaded {
            assert!(Instant::now() < end, "{what}: no load event within a minute");
            self.pump(Duration::from_millis(50));
        }
    }

    /// Evaluates an expression, waits if it is a promise, and returns its value as JSON.
    pub fn eval(&mut self, expression: &str) -> Value {
        self.try_eval(expression).unwrap_or_else(|error| panic!("{error}\nin {expression}{}", self.faults_text()))
    }

    pub fn try_eval(&mut self, expression: &str) -> Result<Value, String> {
        let reply = self.cdp.call(
            "Runtime.evaluate",
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true }),
        )?;
        self.pump(Duration::ZERO);
        if let Some(details) = reply.get("exceptionDetails") {
            let message = details["exception"]["description"].as_str().or(details["text"].as_str());
            return Err(message.unwrap_or("an exception").to_owned());
        }
        Ok(reply["result"]["value"].clone())
    }

    /// Waits until an expression is truthy and returns its value. The message of a timeout has the last one.
    pub fn wait_for(&mut self, expression: &str, timeout: Duration) -> Value {
        let end = Instant::now() + timeout;
        loop {
            // In the middle of a navigation there is nothing to evaluate in; that passes.
            let last = self.try_eval(expression);
            match &last {
                Ok(Value::Null | Value::Bool(false)) | Err(_) => {}
                Ok(Value::String(text)) if text.is_empty() => {}
                Ok(Value::Number(number)) if number.as_f64() == Some(0.0) => {}
                Ok(value) => return value.clone(),
            }
            if Instant::now() > end {
                self.screenshot_of_failure();
                panic!("not within {timeout:?}: {expression}\nlast: {last:?}{}", self.faults_text());
            }
            self.pump(Duration::from_millis(25));
        }
    }

    /// Waits for an element with this `data-testid`.
    pub fn wait_for_test_id(&mut self, id: &str, timeout: Duration) {
        self.wait_for(&format!("!!{}", by_test_id(id)), timeout);
    }

    /// The text of an element with this `data-testid`, as a person sees it.
    pub fn text(&mut self, id: &str) -> String {
        self.eval(&format!("{}?.innerText ?? ''", by_test_id(id))).as_str().unwrap_or_default().to_owned()
    }

    /// An attribute of an element with this `data-testid`, empty if absent.
    pub fn attribute(&mut self, id: &str, name: &str) -> String {
        let value = self.eval(&format!("{}?.getAttribute({name:?}) ?? ''", by_test_id(id)));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// A window of this many CSS pixels; phones have touch.
    pub fn resize(&mut self, width: u32, height: u32, mobile: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// What the system says, such as `("prefers-color-scheme", "dark")`.
    pub fn media(&mut self, features: &[(&str, &str)]) {
        let features: Vec<_> = features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// The browser's languages, first choice first.
    pub fn languages(&mut self, languages: &str) {
        let agent = self.eval("navigator.userAgent");
        self.call("Network.setUserAgentOverride", json!({ "userAgent": agent, "acceptLanguage": languages }));
    }

    /// Runs a script in every page of this tab before its own code.
    pub fn before_page(&mut self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Runs a script in every worker before its own code. For faults that real machines have and this one lacks.
    pub fn before_workers(&mut self, script: &str) {
        self.worker_script = Some(script.to_owned());
        self.call("Target.setAutoAttach", watch(true));
    }

    /// The newest worker whose address contains `part`. One that was ended may stay on the list for a while.
    pub fn newest_worker(&mut self, part: &str) -> Option<WorkerId> {
        self.pump(Duration::ZERO);
        let newest = self.workers.iter().rev().find(|(_, url)| url.contains(part));
        newest.map(|(worker, _)| worker.clone())
    }

    /// Evaluates in a worker.
    pub fn eval_in_worker(&mut self, worker: &WorkerId, expression: &str) -> Result<Value, String> {
        let reply = self.cdp.call_in(
            Some(&worker.session),
            "Runtime.evaluate",
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
        )?;
        match reply.get("exceptionDetails") {
            Some(details) => Err(details.to_string()),
            None => Ok(reply["result"]["value"].clone()),
        }
    }

    /// Workers named so that answer.
    pub fn workers_named(&mut self, name: &str) -> usize {
        self.pump(Duration::ZERO);
        let named = |worker: &WorkerId, page: &mut Page| page.eval_in_worker(worker, "self.name");
        let workers: Vec<WorkerId> = self.workers.iter().map(|(worker, _)| worker.clone()).collect();
        workers.iter().filter(|worker| named(worker, self).is_ok_and(|told| told == name)).count()
    }

    pub fn screenshot(&mut self, file: &Path) {
        let reply = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let bytes = base64::engine::general_purpose::STANDARD.decode(reply["data"].as_str().unwrap_or_default());
        std::fs::write(file, bytes.expect("a picture in base64")).expect("the picture can be written");
    }

    /// Beside a failure's message, a picture says more.
    fn screenshot_of_failure(&mut self) {
        let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let file = std::env::temp_dir().join(format!("kindling-{name}.png"));
        self.screenshot(&file);
        eprintln!("the page as it was: {}", file.display());
    }

    /// Lets events arrive for this long at most; returns when one did.
    pub fn pump(&mut self, timeout: Duration) {
        let mut wait = timeout;
        while let Some(event) = self.cdp.event(wait).unwrap_or_else(|error| panic!("{error}")) {
            wait = Duration::ZERO;
            self.note(&event);
        }
    }

    /// Fails the test if the page did anything that a good page does not.
    pub fn assert_clean(&mut self) {
        self.pump(Duration::from_millis(50));
        assert!(self.faults.is_empty(), "the page has faults:{}", self.faults_text());
    }

    /// Takes what was noted, for tests that provoke it.
    pub fn take_faults(&mut self) -> Vec<String> {
        self.pump(Duration::from_millis(50));
        std::mem::take(&mut self.faults)
    }

    fn faults_text(&self) -> String {
        self.faults.iter().map(|fault| format!("\n  - {fault}")).collect()
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => self.loaded = true,
            "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "assert" => {
                let words: Vec<_> = params["args"].as_array().into_iter().flatten().map(said).collect();
                self.faults.push(format!("console error: {}", words.join(" ")));
            }
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                let text = details["exception"]["description"].as_str().or(details["text"].as_str());
                self.faults.push(format!("uncaught: {}", text.unwrap_or_default()));
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                let entry = &params["entry"];
                self.faults.push(format!(
                    "log: {} {}",
                    said(&entry["text"]),
                    entry["url"].as_str().unwrap_or_default()
                ));
            }
            "Audits.issueAdded" if params["issue"]["code"] == "ContentSecurityPolicyIssue" => {
                self.faults.push(format!("content security policy: {}", params["issue"]["details"]));
            }
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                let local = ["data:", "blob:", "about:"].iter().any(|scheme| url.starts_with(scheme));
                if !local && !self.origin.is_empty() && !url.starts_with(&format!("{}/", self.origin)) {
                    self.faults.push(format!("request to another host: {url}"));
                }
            }
            "Target.attachedToTarget" => self.meet_worker(params),
            "Target.detachedFromTarget" => {
                self.workers.retain(|(worker, _)| params["sessionId"] != worker.session.as_str())
            }
            _ => {}
        }
    }

    fn meet_worker(&mut self, params: &Value) {
        let session = params["sessionId"].as_str().unwrap_or_default().to_owned();
        let url = params["targetInfo"]["url"].as_str().unwrap_or_default().to_owned();
        // A worker may end before the reply: nothing waits for it.
        for domain in ["Runtime", "Log", "Network"] {
            let _ = self.cdp.send(Some(&session), &format!("{domain}.enable"), json!({}));
        }
        // And those that it starts itself.
        let watch = watch(self.worker_script.is_some());
        let _ = self.cdp.send(Some(&session), "Target.setAutoAttach", watch);
        if params["waitingForDebugger"] == true {
            if let Some(script) = &self.worker_script {
                let _ = self.cdp.send(Some(&session), "Runtime.evaluate", json!({ "expression": script }));
            }
            let _ = self.cdp.send(Some(&session), "Runtime.runIfWaitingForDebugger", json!({}));
        }
        self.workers_seen += 1;
        self.workers.push((WorkerId { number: self.workers_seen, session }, url));
    }

    /// Calls a DevTools method of the tab.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.cdp.call(method, params).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// To be told of workers; `pause`: before they begin.
fn watch(pause: bool) -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": pause, "flatten": true })
}

/// JavaScript that finds an element by its `data-testid`.
pub fn by_test_id(id: &str) -> String {
    format!("document.querySelector('[data-testid=\"{id}\"]')")
}

fn said(value: &Value) -> String {
    let text = value.as_str().or(value["value"].as_str()).or(value["description"].as_str());
    text.map_or_else(|| value.to_string(), str::to_owned)
}
