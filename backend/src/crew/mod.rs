//! The crew of a run on this machine: threads, each with a member of its own, or processes, where members stand for
//! machines.
//!
//! - [`process`]: a member in a process, seen from the run. [`member`]: its own side. [`frame`]: what goes between them.

mod frame;
pub mod member;
mod process;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use kindling_labs::burn::tensor::Device;
use kindling_labs::crew::{Answered, Crew, JoinFn, lost, side_by_side};
use kindling_labs::host::{Interrupt, Lab, LocalFuture};
use kindling_protocol::event::FailureCode;
use kindling_protocol::text::Text;
use tokio::sync::oneshot;

use self::process::Process;

pub struct Members {
    beside: Vec<Beside>,
    introduced: Text,
}

type Ask = (Vec<u8>, oneshot::Sender<Answered>);

/// A member: a thread that is one, or that speaks to one.
struct Beside {
    /// None: it is to end.
    asks: Option<Sender<Ask>>,
    /// Until it was joined to hear why it ended.
    thread: RefCell<Option<JoinHandle<io::Result<()>>>>,
    process: Option<RefCell<Process>>,
}

impl Members {
    /// So many for a run of this lab, which has `cores` for them; `program` is this very binary.
    ///
    /// Where processes can't be started, threads do the same and the run says so. What it computes does not depend on it,
    /// and what is missing is no fault of the run: a program that was replaced while it served, a limit on processes.
    pub fn start(lab: &Lab, join: JoinFn, size: usize, setup: &[u8], program: &Path, cores: usize) -> Self {
        let setup: Arc<[u8]> = setup.into();
        let threads = || (0..size).map(|_| Beside::thread(join, &setup)).collect();
        if !lab.apart {
            return Members { beside: threads(), introduced: side_by_side(size, "workers", " worker ") };
        }
        let slug = (lab.spec)().slug;
        let process = |_| Beside::process(program, &slug, cores / size, &setup);
        match (0..size).map(process).collect::<io::Result<Vec<_>>>() {
            Ok(beside) => Members { beside, introduced: side_by_side(size, "processes", "进程") },
            Err(error) => Members { beside: threads(), introduced: not_apart(size, &error) },
        }
    }
}

fn not_apart(size: usize, error: &io::Error) -> Text {
    Text {
        en: format!(
            "{size} workers compute side by side. They are no processes, which could not be started ({error})."
        )
        .into(),
        zh: format!("{size} 个 worker 并行计算。它们不是独立的进程：进程无法启动（{error}）。").into(),
    }
}

fn work(join: JoinFn, setup: &[u8], asks: Receiver<Ask>) {
    let member = join(Device::flex(), setup);
    for (ask, asker) in asks {
        // Whoever asked may have been stopped meanwhile.
        if asker.is_closed() {
            continue;
        }
        let begun = Instant::now();
        let bytes = pollster::block_on(member.answer(ask));
        drop(asker.send(Answered { bytes, took_ms: Some(begun.elapsed().as_secs_f64() * 1e3) }));
    }
}

impl Crew for Members {
    fn size(&self) -> usize {
        self.beside.len()
    }

    fn ask(&self, member: usize, ask: Vec<u8>) -> LocalFuture<'_, Result<Answered, Interrupt>> {
        let beside = &self.beside[member];
        let (asker, answer) = oneshot::channel();
        // A thread that is gone takes nothing, and then nothing comes.
        drop(beside.asks.as_ref().map(|asks| asks.send((ask, asker))));
        Box::pin(async move { answer.await.map_err(|_| beside.why()) })
    }

    fn introduced(&self) -> Text {
        self.introduced.clone()
    }
}

impl Beside {
    fn thread(join: JoinFn, setup: &Arc<[u8]>) -> Self {
        let setup = setup.clone();
        Beside::new(None, move |asks| {
            work(join, &setup, asks);
            Ok(())
        })
    }

    fn process(program: &Path, lab: &str, threads: usize, setup: &Arc<[u8]>) -> io::Result<Self> {
        let (process, line) = Process::start(program, lab, threads)?;
        let setup = setup.clone();
        Ok(Beside::new(Some(process), move |asks| line.hold(&setup, asks)))
    }

    fn new(process: Option<Process>, work: impl FnOnce(Receiver<Ask>) -> io::Result<()> + Send + 'static) -> Self {
        let (sender, asks) = mpsc::channel();
        let thread = thread::spawn(move || work(asks));
        Beside { asks: Some(sender), thread: RefCell::new(Some(thread)), process: process.map(RefCell::new) }
    }

    /// Why it does not answer any more.
    fn why(&self) -> Interrupt {
        let fault = match self.thread.borrow_mut().take().map(JoinHandle::join) {
            Some(Ok(Err(error))) => Some(error.to_string()),
            Some(Err(panic)) => Some(words(&*panic)),
            Some(Ok(Ok(()))) | None => None,
        };
        let ended = self.process.as_ref().map(|process| process.borrow_mut().ended());
        let detail: Vec<String> = [fault, ended].into_iter().flatten().collect();
        lost(FailureCode::Crashed, detail.join("; "))
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a thread beside the run panicked").to_string()
}

impl Drop for Beside {
    fn drop(&mut self) {
        drop(self.asks.take());
        // Its end ends the thread that waits for it.
        drop(self.process.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}
