//! Who gets a device, and what becomes of a run while a process works on it.

use std::time::Duration;

use kindling_protocol::engine::Control;
use kindling_protocol::event::{Event, EventBody, FailureCode};
use kindling_protocol::text::{Text, text};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::folder::RunFolder;
use super::id::RunId;
use super::job::Job;
use super::process::Worker;
use super::state::{self, Happening};
use super::{Live, RunError, Runs, now_ms};
use crate::store::runs::{self as table, Launch, Settled};

/// An event waits at most this long to be stored with others in one transaction.
const GATHER: Duration = Duration::from_millis(40);
const BATCH: usize = 256;
/// How often a process may die without a new checkpoint in between before its run counts as failed.
const MAX_DEATHS: u32 = 5;
/// A killed server leaves a process that still writes its last checkpoint.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(60);
const CONTROLS: usize = 64;

/// How an attempt to bring a run to its end came out.
enum Outcome {
    /// It is over, or not ours to work on any more.
    Over,
    /// The process ended without a last event. `gave_up`: by itself, with an error, so another try ends the same.
    CutOff { gave_up: bool },
    /// The server closes; the run goes on when it starts again.
    Closing,
}

impl Runs {
    /// Gives free devices to waiting runs, until the server closes.
    pub(super) async fn schedule(self) {
        while !self.0.closing.is_cancelled() {
            match self.0.store.call(table::waiting).await {
                Ok(waiting) => {
                    for run in waiting {
                        self.take(run.id, run.device);
                    }
                }
                Err(error) => tracing::error!(%error, "the queue can't be read"),
            }
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = self.0.closing.cancelled() => {}
            }
        }
    }

    /// Starts work on a run if its device is free.
    fn take(&self, id: RunId, device: String) {
        let mut live = self.0.live.lock().expect("no one panics while holding it");
        if live.iter().any(|(other, work)| *other == id || work.device == device) {
            return;
        }
        let (controls, inbox) = mpsc::channel(CONTROLS);
        live.insert(id.clone(), Live { device, controls });
        let runs = self.clone();
        self.0.tasks.spawn(async move {
            runs.work(&id, inbox).await;
            runs.0.live.lock().expect("no one panics while holding it").remove(&id);
            runs.0.wake.notify_one();
        });
    }

    /// Brings a run to its end, through as many processes as it takes.
    async fn work(&self, id: &RunId, mut inbox: mpsc::Receiver<Control>) {
        loop {
            let outcome = match self.attempt(id, &mut inbox).await {
                Ok(outcome) => outcome,
                Err(_) if self.0.closing.is_cancelled() => return,
                // Deleted as its process ended: another attempt would make its folder anew.
                Err(RunError::Unknown) => return,
                Err(error) => {
                    tracing::error!(run = %id, %error, "the run could not go on");
                    Outcome::CutOff { gave_up: false }
                }
            };
            let Outcome::CutOff { gave_up } = outcome else { return };
            match self.after_death(id, gave_up).await {
                Ok(None) => return,
                Ok(Some(delay)) => {
                    if self.wait_or_stop(id, delay, &mut inbox).await {
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(run = %id, %error, "the run's state can't be kept");
                    sleep(Duration::from_secs(5)).await;
                }
            }
        }
    }

    /// Settles a run whose process ended without a last word. `Some`: it goes on after this delay.
    async fn after_death(&self, id: &RunId, gave_up: bool) -> Result<Option<Duration>, RunError> {
        let run = id.clone();
        let deaths = self
            .0
            .store
            .call(move |connection| {
                table::settle(connection, &run, Happening::CutOff, now_ms())?;
                table::count_death(connection, &run)
            })
            .await?;
        self.told(id);
        tracing::warn!(run = %id, deaths, gave_up, "the run's process ended without a last word");
        let (code, why) = match gave_up {
            true => (FailureCode::Internal, GAVE_UP),
            false if deaths >= MAX_DEATHS => (FailureCode::Crashed, CRASHED),
            // At once the first time, then more slowly: 0, 1, 2, 4 s.
            false => return Ok(Some(Duration::from_secs((1 << (deaths - 1)) / 2))),
        };
        self.say(id, move |_| EventBody::Failed { code, text: why, detail: None }).await?;
        Ok(None)
    }

    /// Waits before the next attempt. True: the run was stopped, or the server closes.
    async fn wait_or_stop(&self, id: &RunId, delay: Duration, inbox: &mut mpsc::Receiver<Control>) -> bool {
        let until = Instant::now() + delay;
        loop {
            tokio::select! {
                () = sleep_until(until) => return false,
                () = self.0.closing.cancelled() => return true,
                control = inbox.recv() => match control {
                    // Pausing and turned knobs are kept in the database; what else was asked went with the process.
                    Some(Control::Stop) => match self.stop_idle(id).await {
                        Ok(()) => return true,
                        Err(error) => tracing::error!(run = %id, %error, "the run could not be stopped"),
                    },
                    Some(_) => {}
                    None => return true,
                },
            }
        }
    }

    /// One process: from taking over what the one before left, to the process's end.
    async fn attempt(&self, id: &RunId, inbox: &mut mpsc::Receiver<Control>) -> Result<Outcome, RunError> {
        let folder = self.folder(id);
        self.take_over(id, &folder).await?;
        let run = id.clone();
        let launch = self
            .0
            .store
            .call(move |connection| {
                let Some(launch) = table::launch(connection, &run)? else { return Ok(None) };
                let launched = table::settle(connection, &run, Happening::Launched, now_ms())?;
                if launch.held {
                    table::settle(connection, &run, Happening::PauseAsked, now_ms())?;
                }
                Ok(matches!(launched, Settled::Now(_)).then_some(launch))
            })
            .await?;
        let Some(launch) = launch else { return Ok(Outcome::Over) };
        self.told(id);
        let (held, turned) = (launch.held, launch.turned.clone());
        let job = self.job(&folder, launch).await?;
        let mut worker = Worker::start(&self.0.settings.program, &job, folder.log_file()?).await?;
        if held {
            worker.tell(&Control::Pause).await?;
        }
        for (knob, value) in turned.0 {
            worker.tell(&Control::Set { knob, value }).await?;
        }
        let heard = self.hear_out(id, &mut worker, inbox).await;
        let status = worker.end().await?;
        heard?;
        let state = self.get(id).await?.state;
        Ok(match state::is_over(state) {
            true => Outcome::Over,
            false if self.0.closing.is_cancelled() => {
                let run = id.clone();
                self.0
                    .store
                    .call(move |connection| table::settle(connection, &run, Happening::CutOff, now_ms()))
                    .await?;
                Outcome::Closing
            }
            false => Outcome::CutOff { gave_up: status.code().is_some_and(|code| code != 0) },
        })
    }

    /// Waits for a process that may still work there, and stores the events that its server never got.
    pub(super) async fn take_over(&self, id: &RunId, folder: &RunFolder) -> Result<(), RunError> {
        folder.create()?;
        let give_up = Instant::now() + ORPHAN_PATIENCE;
        let lock = loop {
            match folder.try_lock()? {
                Some(lock) => break lock,
                None if self.0.closing.is_cancelled() => return Err(RunError::Occupied),
                None if Instant::now() < give_up => sleep(Duration::from_millis(50)).await,
                None => return Err(RunError::Occupied),
            }
        };
        let (run, folder) = (id.clone(), folder.clone());
        self.0
            .store
            .call(move |connection| {
                let Some(launch) = table::launch(connection, &run)? else { return Ok(()) };
                match folder.spooled_after(launch.last_seq) {
                    Ok(events) => table::append(connection, &run, &events, now_ms()),
                    Err(error) => {
                        tracing::error!(run = %run, %error, "the spooled events can't be read");
                        Ok(())
                    }
                }
            })
            .await?;
        drop(lock);
        self.told(id);
        Ok(())
    }

    async fn job(&self, folder: &RunFolder, launch: Launch) -> Result<Job, RunError> {
        let Launch { config, device, last_seq, .. } = launch;
        let (searched, data_dir) = (folder.clone(), self.0.settings.data_dir.clone());
        // Some megabytes are read and hashed.
        let resume =
            tokio::task::spawn_blocking(move || searched.newest_checkpoint(last_seq)).await.expect("it returns")?;
        let resume = resume.map(|(head, _)| head);
        let checkpoint_every_ms = self.0.settings.checkpoint_every.as_millis() as u64;
        let memory = self.0.settings.folder.with_file_name("memory");
        let folder = folder.path().to_path_buf();
        Ok(Job { config, device, folder, memory, data_dir, last_seq, checkpoint_every_ms, resume })
    }

    /// Stores what the process says and passes on what it is told, until it has said everything.
    async fn hear_out(
        &self,
        id: &RunId,
        worker: &mut Worker,
        inbox: &mut mpsc::Receiver<Control>,
    ) -> Result<(), RunError> {
        let mut batch: Vec<Event> = Vec::new();
        let mut due = Instant::now();
        let mut let_go = false;
        loop {
            tokio::select! {
                event = worker.event() => {
                    let Some(event) = event? else { break };
                    if batch.is_empty() {
                        due = Instant::now() + GATHER;
                    }
                    batch.push(event);
                    if batch.len() >= BATCH {
                        self.store_events(id, std::mem::take(&mut batch)).await?;
                    }
                }
                () = sleep_until(due), if !batch.is_empty() => {
                    self.store_events(id, std::mem::take(&mut batch)).await?;
                }
                // A process that is dying can't be written to; its end is noticed above.
                Some(control) = inbox.recv() => drop(worker.tell(&control).await),
                () = self.0.closing.cancelled(), if !let_go => {
                    let_go = true;
                    worker.let_go();
                }
            }
        }
        self.store_events(id, batch).await
    }

    async fn store_events(&self, id: &RunId, events: Vec<Event>) -> Result<(), RunError> {
        if events.is_empty() {
            return Ok(());
        }
        let run = id.clone();
        self.0.store.call(move |connection| table::append(connection, &run, &events, now_ms())).await?;
        self.told(id);
        Ok(())
    }

    /// Ends a run that no process works on.
    pub(super) async fn stop_idle(&self, id: &RunId) -> Result<(), RunError> {
        self.take_over(id, &self.folder(id)).await?;
        self.say(id, |step| EventBody::Stopped { step }).await
    }

    /// An event of the server's own, where the process can't speak. `body` is given the step the run had reached.
    async fn say(&self, id: &RunId, body: impl FnOnce(u64) -> EventBody + Send + 'static) -> Result<(), RunError> {
        let run = id.clone();
        self.0
            .store
            .call(move |connection| {
                let Some(info) = table::get(connection, &run)? else { return Ok(()) };
                if state::is_over(info.state) {
                    return Ok(());
                }
                let body = body(info.progress.map_or(0, |progress| progress.step));
                let event = Event { seq: info.last_seq + 1, at_ms: info.ran_ms, body };
                table::append(connection, &run, &[event], now_ms())
            })
            .await?;
        self.told(id);
        Ok(())
    }
}

const GAVE_UP: Text = text(
    "The program failed in this lab. That is a fault of the program; worker.log in the run's folder has the details.",
    "程序在运行此实验时出错。这是程序自身的缺陷，详情见运行文件夹中的 worker.log。",
);
const CRASHED: Text = text(
    "The run's process was ended several times without a new checkpoint, most often because memory ran out. A smaller batch or model helps; resuming tries again.",
    "该运行的进程多次被终止，且其间没有写下新的检查点，最常见的原因是内存不足。减小批量或模型会有帮助；也可以恢复运行再试一次。",
);
