//! The real server, on a free port and in a state folder of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub origin: String,
    state: PathBuf,
    arguments: Vec<String>,
    /// All that it wrote, for the message of a failing test.
    log: Arc<Mutex<String>>,
    agent: ureq::Agent,
    /// Removed with the server, if the server made it.
    _folder: Option<TempDir>,
}

/// An answer, whatever its status.
pub struct Reply {
    pub status: u16,
    headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value, empty if absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in a reply: {}", self.text()))
    }
}

impl Server {
    /// With whatever data this machine has, or none.
    pub fn start() -> Server {
        Server::start_with(&[])
    }

    /// With further arguments of `kindling serve`.
    pub fn start_with(arguments: &[&str]) -> Server {
        let folder = tempfile::tempdir().expect("a folder for the state");
        let state = folder.path().join("state");
        let mut server = Server::start_in(&state, arguments);
        server._folder = Some(folder);
        server
    }

    /// In a given state folder, which stays.
    pub fn start_in(state: &Path, arguments: &[&str]) -> Server {
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string()).collect();
        let (child, origin, log) = spawn(state, &arguments);
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(Duration::from_secs(60)))
                .build(),
        );
        Server { child, origin, state: state.to_owned(), arguments, log, agent, _folder: None }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        self.log.lock().expect("the reader does not panic").clone()
    }

    pub fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.agent.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.call())
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_text(path, &body.to_string())
    }

    /// What claims to be JSON.
    pub fn post_text(&self, path: &str, body: &str) -> Reply {
        let request = self.agent.post(self.url(path)).header("content-type", "application/json");
        reply(request.send(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Reply {
        let request = self.agent.patch(self.url(path)).header("content-type", "application/json");
        reply(request.send(&body.to_string()[..]))
    }

    pub fn put(&self, path: &str, media_type: &str, body: &[u8]) -> Reply {
        reply(self.agent.put(self.url(path)).header("content-type", media_type).send(body))
    }

    pub fn delete(&self, path: &str) -> Reply {
        reply(self.agent.delete(self.url(path)).call())
    }

    /// SIGTERM, as a service manager stops it; waits for the end and says whether it ended well.
    pub fn stop(&mut self) -> bool {
        signal(self.pid(), "TERM");
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not stop within a minute of SIGTERM:\n{}", self.log());
    }

    /// SIGKILL: no chance to tidy up.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts again in the same state folder, on another port.
    pub fn restart(&mut self) {
        self.kill();
        (self.child, self.origin, self.log) = spawn(&self.state, &self.arguments);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the server wrote:\n{}---", self.log());
        }
        self.kill();
    }
}

/// `kill -SIGNAL pid`.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "there is no `kill` on this machine");
}

fn spawn(state: &Path, arguments: &[String]) -> (Child, String, Arc<Mutex<String>>) {
    let mut child = Command::new(crate::binary())
        .args(["serve", "--addr", "127.0.0.1:0", "--state-dir"])
        .arg(state)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server's binary starts");
    let log = Arc::new(Mutex::new(String::new()));
    gather(child.stdout.take().expect("piped"), &log);
    gather(child.stderr.take().expect("piped"), &log);
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        let named = origin(&log.lock().expect("the reader does not panic"));
        if let Some(origin) = named {
            return (child, origin, log);
        }
        if let Ok(Some(status)) = child.try_wait() {
            std::thread::sleep(Duration::from_millis(50));
            panic!("the server ended at once ({status}):\n{}", log.lock().expect("the reader does not panic"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    panic!("the server named no address within 30 s:\n{}", log.lock().expect("the reader does not panic"));
}

fn gather(stream: impl Read + Send + 'static, log: &Arc<Mutex<String>>) {
    let log = log.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut log = log.lock().expect("no writer panics");
            log.push_str(&line);
            log.push('\n');
        }
    });
}

/// The address that the server prints when it listens; with port 0 only it knows which.
fn origin(log: &str) -> Option<String> {
    let at = log.find("http://127.0.0.1:")?;
    let port: String = log[at + "http://127.0.0.1:".len()..].chars().take_while(char::is_ascii_digit).collect();
    // A line may have been read in part only if it lacks its end.
    (log[at..].contains('\n') && !port.is_empty() && port != "0").then(|| format!("http://127.0.0.1:{port}"))
}

fn reply(outcome: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Reply {
    let response = outcome.expect("the server answers");
    let (parts, mut body) = response.into_parts();
    let body = body.with_config().limit(200_000_000).read_to_vec().expect("the body arrives whole");
    Reply { status: parts.status.as_u16(), headers: parts.headers, body }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn the_address_is_taken_from_a_whole_line() {
        assert_eq!(origin("Kindling is at http://127.0.0.1:8123/\n").as_deref(), Some("http://127.0.0.1:8123"));
        assert_eq!(origin("Kindling is at http://127.0.0.1:81"), None);
        assert_eq!(origin("asked for http://127.0.0.1:0\n"), None);
    }
}
