//! A member in a process of its own, seen from the run that started it.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kindling_labs::crew::Answered;

use super::{Ask, frame};

/// Bytes of stderr that are kept, the last ones.
const KEPT: usize = 2_000;
/// For a process that closed its pipes to end.
const PATIENCE: Duration = Duration::from_secs(2);

pub struct Process {
    child: Child,
    /// The end of its stderr, once it has ended.
    said: Option<JoinHandle<String>>,
}

/// What a process is spoken to by.
pub struct Line {
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Process {
    /// `program` is this very binary. The process stands for a machine: it computes with so many threads and no more, or
    /// each would take all cores for a large product and none could be timed.
    pub fn start(program: &Path, lab: &str, threads: usize) -> io::Result<(Process, Line)> {
        let mut command = Command::new(program);
        command.args(["member", lab]).env("RAYON_NUM_THREADS", threads.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own: Ctrl-C in a terminal is for the run, which still needs its crew to come to its checkpoint.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(io::Error::other("a piped process has pipes"));
        };
        let said = Some(thread::spawn(move || last_words(stderr)));
        Ok((Process { child, said }, Line { stdin, stdout }))
    }

    /// How it ended, and the last that it said, of one that does not answer any more. It is given a moment to end by
    /// itself: its pipes are closed before it has, and its own status says more than that it was killed.
    pub fn ended(&mut self) -> String {
        let given_up = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < given_up {
            thread::sleep(Duration::from_millis(5));
        }
        self.end()
    }

    fn end(&mut self) -> String {
        // One that has ended is not touched by this, and keeps its status.
        drop(self.child.kill());
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let said = self.said.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let between = if said.is_empty() { "" } else { ": " };
        format!("process {} ended, {status}{between}{said}", self.child.id())
    }
}

/// It has nothing to lose, and may be in the middle of an answer that nobody waits for.
impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

impl Line {
    /// Passes on asks and answers until there are no more asks, or it breaks.
    pub fn hold(mut self, setup: &[u8], asks: Receiver<Ask>) -> io::Result<()> {
        frame::write(&mut self.stdin, setup)?;
        for (ask, asker) in asks {
            // Whoever asked may have been stopped meanwhile.
            if asker.is_closed() {
                continue;
            }
            frame::write(&mut self.stdin, &ask)?;
            drop(asker.send(self.answer()?));
        }
        Ok(())
    }

    fn answer(&mut self) -> io::Result<Answered> {
        let mut bytes = frame::read(&mut self.stdout)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let took_ms = bytes.last_chunk().map(|time| f64::from_le_bytes(*time)).ok_or(io::ErrorKind::InvalidData)?;
        bytes.truncate(bytes.len() - size_of::<f64>());
        Ok(Answered { bytes, took_ms: Some(took_ms) })
    }
}

fn last_words(mut stderr: ChildStderr) -> String {
    let (mut kept, mut piece) = (Vec::new(), [0; 1_024]);
    while let Ok(count @ 1..) = stderr.read(&mut piece) {
        kept.extend_from_slice(&piece[..count]);
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    String::from_utf8_lossy(&kept).trim().to_string()
}
