//! A worker process: started with its job, told controls, heard line by line.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use kindling_protocol::engine::Control;
use kindling_protocol::event::Event;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::job::Job;

/// How long a process may take to end once it was asked to. One step and one checkpoint fit in easily.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    /// `program` is this very binary.
    pub async fn start(program: &Path, job: &Job, log: File) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        // A group of its own: Ctrl-C in the server's terminal must not reach it before its checkpoint is written.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("a piped process has pipes"));
        };
        let mut worker = Worker { child, stdin: Some(stdin), lines: BufReader::new(stdout).lines() };
        worker.write(&serde_json::to_string(job)?).await?;
        Ok(worker)
    }

    /// Says nothing about whether the process does it: one that is dying does not.
    pub async fn tell(&mut self, control: &Control) -> io::Result<()> {
        self.write(&serde_json::to_string(control)?).await
    }

    async fn write(&mut self, line: &str) -> io::Result<()> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        stdin.write_all(format!("{line}\n").as_bytes()).await?;
        stdin.flush().await
    }

    /// The next event, or `None` when the process has closed its stdout. May be dropped and asked again.
    pub async fn event(&mut self) -> io::Result<Option<Event>> {
        let Some(line) = self.lines.next_line().await? else { return Ok(None) };
        Ok(Some(serde_json::from_str(&line)?))
    }

    /// Asks the process to keep a checkpoint and end.
    pub fn let_go(&mut self) {
        self.stdin = None;
    }

    /// Waits for the end of a process that has nothing more to say, and makes it end if it takes too long.
    pub async fn end(mut self) -> io::Result<ExitStatus> {
        self.stdin = None;
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => status,
            Err(_) => {
                self.child.start_kill()?;
                self.child.wait().await
            }
        }
    }
}
