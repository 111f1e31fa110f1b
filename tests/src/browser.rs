//! A real Chromium without a window, with an empty profile.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::cdp::Cdp;
use crate::page::Page;

/// Whether pages find a WebGPU adapter. It is SwiftShader: right, slow, and the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpu {
    On,
    Off,
}

pub struct Browser {
    child: Child,
    port: u16,
    cdp: Cdp,
    _profile: TempDir,
}

impl Browser {
    pub fn launch(gpu: Gpu) -> Browser {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let program = chromium()
            .unwrap_or_else(|| panic!("there is no Chromium; install `chromium` or set CHROME to a browser's program"));
        let mut command = Command::new(program);
        command.args([
            "--headless=new",
            "--no-sandbox",
            "--disable-quic",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--mute-audio",
            "--lang=en-US",
            "--window-size=1280,900",
            "--remote-debugging-port=0",
        ]);
        if gpu == Gpu::On {
            command.args(["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]);
        }
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.arg("about:blank").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("Chromium starts");
        let (port, path) = listening(&mut child, &profile);
        let cdp = Cdp::connect(&format!("ws://127.0.0.1:{port}{path}"));
        Browser { child, port, cdp, _profile: profile }
    }

    /// A tab with storage and cache of its own, as a person who comes for the first time.
    pub fn page(&mut self) -> Page {
        let context = self.cdp.call("Target.createBrowserContext", json!({})).expect("a context");
        self.page_in(context["browserContextId"].as_str().unwrap_or_default())
    }

    /// Another tab of the same person.
    pub fn page_beside(&mut self, page: &Page) -> Page {
        self.page_in(page.context())
    }

    fn page_in(&mut self, context: &str) -> Page {
        let target = self
            .cdp
            .call("Target.createTarget", json!({ "url": "about:blank", "browserContextId": context }))
            .expect("a tab");
        let id = target["targetId"].as_str().unwrap_or_default();
        Page::attach(Cdp::connect(&format!("ws://127.0.0.1:{}/devtools/page/{id}", self.port)), context)
    }

    /// The program's version, to be printed beside measurements.
    pub fn version(&mut self) -> String {
        let version = self.cdp.call("Browser.getVersion", json!({})).unwrap_or_default();
        version["product"].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asks first: Chromium then ends its helper processes, which would keep the profile's folder busy.
        let _ = self.cdp.send(None, "Browser.close", json!({}));
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end && !matches!(self.child.try_wait(), Ok(Some(_))) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The browser's program: CHROME, or the first of the usual names that exists.
pub fn chromium() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("CHROME") {
        return Some(program.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// The port that Chromium chose and the path of its own socket: it writes both into its profile.
fn listening(child: &mut Child, profile: &TempDir) -> (u16, String) {
    let file = profile.path().join("DevToolsActivePort");
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        if let Ok(Some(status)) = child.try_wait() {
            panic!("Chromium ended at once ({status})");
        }
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if let Some((port, path)) = text.trim().split_once('\n')
            && let Ok(port) = port.parse()
        {
            return (port, path.to_owned());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("Chromium opened no DevTools port within a minute");
}
