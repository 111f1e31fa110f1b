//! The DevTools protocol: requests with replies, and events in between.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// What [`Cdp::call_in`] says when what it called has ended before it answered.
pub const ENDED: &str = "the session has ended";

/// One WebSocket to a browser or a tab.
pub struct Cdp {
    socket: WebSocket<TcpStream>,
    next: u64,
    events: VecDeque<Value>,
}

impl Cdp {
    /// `address` as DevTools gives it: `ws://127.0.0.1:PORT/devtools/…`.
    pub fn connect(address: &str) -> Cdp {
        let host = address.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(host).unwrap_or_else(|error| panic!("no DevTools at {host}: {error}"));
        stream.set_nodelay(true).expect("a socket option");
        let config = tungstenite::protocol::WebSocketConfig::default()
            .max_message_size(Some(256 << 20))
            .max_frame_size(Some(256 << 20));
        let (socket, _) = tungstenite::client::client_with_config(address, stream, Some(config))
            .unwrap_or_else(|error| panic!("no DevTools at {address}: {error}"));
        Cdp { socket, next: 0, events: VecDeque::new() }
    }

    pub fn call(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.call_in(None, method, params)
    }

    /// Calls a method in a session, such as a worker's, and waits for the reply. Events that arrive before
    /// it are kept for [`Cdp::event`].
    pub fn call_in(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value, String> {
        let id = self.send(session, method, params)?;
        let end = Instant::now() + Duration::from_secs(180);
        loop {
            let Some(message) = self.receive(end.saturating_duration_since(Instant::now()))? else {
                return Err(format!("{method}: no reply in three minutes"));
            };
            if message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(format!("{method}: {}", error["message"].as_str().unwrap_or_default())),
                    None => Ok(message["result"].clone()),
                };
            }
            // A worker that has ended answers nothing any more.
            let ended = message["method"] == "Target.detachedFromTarget"
                && Some(&message["params"]["sessionId"]) == session.map(Value::from).as_ref();
            if message.get("method").is_some() {
                self.events.push_back(message);
            }
            if ended {
                return Err(format!("{method}: {ENDED}"));
            }
        }
    }

    /// Sends without waiting; the reply is dropped when it comes. Returns the request's id.
    pub fn send(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<u64, String> {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.socket.send(Message::text(message.to_string())).map_err(|error| format!("{method}: {error}"))?;
        Ok(self.next)
    }

    /// The next event, waiting at most this long.
    pub fn event(&mut self, timeout: Duration) -> Result<Option<Value>, String> {
        if let Some(event) = self.events.pop_front() {
            return Ok(Some(event));
        }
        let end = Instant::now() + timeout;
        while let Some(message) = self.receive(end.saturating_duration_since(Instant::now()))? {
            if message.get("method").is_some() {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    fn receive(&mut self, timeout: Duration) -> Result<Option<Value>, String> {
        // A timeout of nothing would mean to wait for ever.
        let timeout = timeout.max(Duration::from_millis(1));
        self.socket.get_ref().set_read_timeout(Some(timeout)).map_err(|error| error.to_string())?;
        match self.socket.read() {
            Ok(Message::Text(text)) => serde_json::from_str(&text).map(Some).map_err(|error| error.to_string()),
            Ok(_) => Ok(Some(Value::Null)),
            Err(tungstenite::Error::Io(error))
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                Ok(None)
            }
            Err(error) => Err(format!("the browser is gone: {error}")),
        }
    }
}
