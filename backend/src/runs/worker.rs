//! The worker process: one run, told by lines on stdin, telling events by lines on stdout.
//!
//! Its end says how it went: 0 after a last event, or after a checkpoint when the server is gone; another code
//! after a panic or a job that can't be done, with the reason in `worker.log`; a signal when it was killed.

use std::fs::File;
use std::io::{self, BufRead, StdoutLock, Write};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use kindling_labs::host::Snapshot;
use kindling_labs::labs;
use kindling_protocol::engine::Control;
use kindling_protocol::event::Event;

use super::folder::RunFolder;
use super::job::Job;
use crate::data::Library;
use crate::devices;
use crate::local::{self, Begin, Keeper, Surroundings};

/// What a step may take after the server went. A process that outlives it is ended, checkpoint or not.
const LAST_STEP: Duration = Duration::from_secs(60);

/// Reads its job from stdin and works it off.
pub fn work() -> anyhow::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let job: Job = serde_json::from_str(&line).context("the first line is no job")?;
    let folder = RunFolder::new(job.folder);
    let Some(_lock) = folder.try_lock()? else { bail!("another process works on this run") };

    let lab = labs::find(&job.config.lab).with_context(|| format!("there is no lab `{}`", job.config.lab))?;
    let checkpoint = match &job.resume {
        None => None,
        // The server chose it a moment ago, and nobody writes here but the holder of the lock.
        Some(wanted) => match folder.newest_checkpoint(job.last_seq)? {
            Some((head, bytes)) if head == *wanted => Some((head.step, bytes)),
            _ => bail!("the checkpoint of step {} is gone", wanted.step),
        },
    };
    let begin = Begin { checkpoint, done_ms: job.resume.map_or(0, |head| head.at_ms), last_seq: job.last_seq };
    let memory = Some(job.memory);
    let keeper = Pipe { out: io::stdout().lock(), spool: folder.new_spool()?, folder };
    let checkpoint_every = Duration::from_millis(job.checkpoint_every_ms);
    let (data, controls) = (Library::new(job.data_dir), hear_controls());
    let (cores, program) = (local::cores(), local::program());
    let surroundings = Surroundings { keeper, data, memory, controls, checkpoint_every, cores, program };
    local::run(lab, &job.config, devices::device(&job.device)?, &job.device, begin, surroundings);
    Ok(())
}

/// Events to the server and to the spool, checkpoints and weights to the folder.
struct Pipe {
    out: StdoutLock<'static>,
    spool: File,
    folder: RunFolder,
}

impl Keeper for Pipe {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        // First to the spool: what the server has, the spool has.
        self.spool.write_all(&line)?;
        match self.out.write_all(&line).and_then(|()| self.out.flush()) {
            // The server is gone. Whoever takes over reads the spool, so the last checkpoint is worth writing.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    fn checkpoint(&mut self, step: u64, at_ms: u64, seq: u64, bytes: &[u8]) -> io::Result<()> {
        // After a power cut, too, a checkpoint finds its events.
        self.spool.sync_data()?;
        self.folder.keep_checkpoint(step, at_ms, seq, bytes)
    }

    fn snapshot(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        self.folder.keep_snapshot(snapshot)
    }
}

/// Lines of stdin as controls. At its end the channel closes, which the host takes as "the server is gone".
fn hear_controls() -> Receiver<Control> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            match serde_json::from_str(&line) {
                Ok(control) => drop(sender.send(control)),
                Err(error) => eprintln!("a line on stdin is no control: {error}"),
            }
        }
        drop(sender);
        thread::sleep(LAST_STEP);
        eprintln!("the last step took longer than {} s", LAST_STEP.as_secs());
        std::process::exit(0);
    });
    receiver
}
