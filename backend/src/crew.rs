//! The crew of a run on this machine: threads, each with a member of its own.

use std::any::Any;
use std::cell::RefCell;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use kindling_labs::burn::tensor::Device;
use kindling_labs::crew::{Answered, Crew, JoinFn, lost};
use kindling_labs::host::{Interrupt, LocalFuture};
use kindling_protocol::event::FailureCode;
use tokio::sync::oneshot;

pub struct Threads(Vec<Beside>);

type Ask = (Vec<u8>, oneshot::Sender<Answered>);

struct Beside {
    /// None: it is to end.
    asks: Option<Sender<Ask>>,
    /// Until it was joined to hear why it ended.
    thread: RefCell<Option<JoinHandle<()>>>,
}

impl Threads {
    pub fn start(join: JoinFn, size: usize, setup: &[u8]) -> Self {
        let beside = |_| {
            let ((sender, asks), setup) = (mpsc::channel(), setup.to_vec());
            let thread = thread::spawn(move || work(join, &setup, asks));
            Beside { asks: Some(sender), thread: RefCell::new(Some(thread)) }
        };
        Threads((0..size).map(beside).collect())
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

impl Crew for Threads {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn ask(&self, member: usize, ask: Vec<u8>) -> LocalFuture<'_, Result<Answered, Interrupt>> {
        let beside = &self.0[member];
        let (asker, answer) = oneshot::channel();
        // A thread that is gone takes nothing, and then nothing comes.
        drop(beside.asks.as_ref().map(|asks| asks.send((ask, asker))));
        Box::pin(async move { answer.await.map_err(|_| beside.why()) })
    }
}

impl Beside {
    /// Why it does not answer any more.
    fn why(&self) -> Interrupt {
        let ended = self.thread.borrow_mut().take().map(JoinHandle::join);
        let panic = ended.and_then(Result::err).map(|panic| words(&*panic)).unwrap_or_default();
        lost(FailureCode::Crashed, panic)
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a thread beside the run panicked").to_string()
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|beside| drop(beside.asks.take()));
        for beside in &self.0 {
            drop(beside.thread.take().map(JoinHandle::join));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::io;
    use std::time::Duration;

    use kindling_labs::crew::Member;
    use kindling_labs::host::Snapshot;
    use kindling_labs::labs;
    use kindling_protocol::event::{Event, EventBody};
    use kindling_protocol::knob::KnobValue;
    use kindling_protocol::run::RunConfig;

    use super::*;
    use crate::data::Library;
    use crate::local::{self, Begin, Ended, Keeper, Surroundings};

    /// What a run said that was not measured with a clock, and how many workers it had.
    #[derive(Default)]
    struct Told(Vec<EventBody>, Vec<String>);

    impl Keeper for &mut Told {
        fn event(&mut self, event: &Event) -> io::Result<()> {
            match event.body.clone() {
                EventBody::Progress(_) => {}
                EventBody::Note { text } => self.1.push(text.en.to_string()),
                EventBody::Chart(chart) if ["lanes", "speed-up"].contains(&&*chart.id) => {}
                EventBody::Report { mut figures, model } => {
                    figures.retain(|name, _| name != "amdahl" && name != "speed_up");
                    self.0.push(EventBody::Report { figures, model });
                }
                body => self.0.push(body),
            }
            Ok(())
        }

        fn checkpoint(&mut self, _: u64, _: u64, _: u64, _: &[u8]) -> io::Result<()> {
            Ok(())
        }

        fn snapshot(&mut self, _: &Snapshot) -> io::Result<()> {
            Ok(())
        }
    }

    fn told(lab: &str, knobs: &[(&str, f64)], cores: usize) -> Told {
        let lab = labs::find(lab).expect("a lab");
        let spec = (lab.spec)();
        let mut config = RunConfig::new(&spec);
        config.knobs.0.insert("data".into(), KnobValue::Word("generated".into()));
        config.knobs.0.extend(knobs.iter().map(|&(name, value)| (name.to_string(), KnobValue::Number(value))));
        let config = config.resolve(&spec).expect("knobs of this lab");
        let mut told = Told::default();
        let (_sender, controls) = mpsc::channel();
        let (data, checkpoint_every) = (Library::new("nowhere".into()), Duration::MAX);
        let surroundings = Surroundings { keeper: &mut told, data, controls, checkpoint_every, cores };
        assert_eq!(local::run(lab, &config, Device::flex(), "cpu", Begin::default(), surroundings), Ended::Finished);
        told
    }

    #[test]
    fn nothing_depends_on_how_many_compute() {
        let search = [("trials", 7.0), ("epochs", 3.0), ("folds", 3.0)];
        let distributed = [("samples", 500.0), ("epochs", 2.0), ("width", 16.0), ("batch", 12.0), ("replicas", 3.0)];
        for (lab, knobs) in [("hyperparameter-search", &search[..]), ("distributed", &distributed)] {
            let alone = told(lab, knobs, 1);
            assert!(alone.0.len() > 8 && alone.1 == ["All is computed by one worker, one after the other."]);
            for cores in [2, 4] {
                let beside = told(lab, knobs, cores);
                assert_eq!(beside.1, [format!("{cores} workers compute side by side.")]);
                assert_eq!(beside.0, alone.0, "{lab} with {cores}");
            }
        }
    }

    struct Faulty;

    impl Member for Faulty {
        fn answer(&self, ask: Vec<u8>) -> LocalFuture<'_, Vec<u8>> {
            assert!(ask.is_empty(), "it was asked {ask:?}");
            Box::pin(ready(vec![1]))
        }
    }

    #[test]
    fn a_panic_beside_a_run_is_told_and_ends_only_what_it_was_asked() {
        let crew = Threads::start(|_, _| Box::new(Faulty), 2, &[]);
        let [first, second, third] =
            [(0, vec![7]), (0, vec![]), (1, vec![])].map(|(member, ask)| crew.ask(member, ask));
        let Err(Interrupt::Fail { code, detail, .. }) = pollster::block_on(first) else { panic!("it answered") };
        assert_eq!((code, detail.as_deref()), (FailureCode::Crashed, Some("it was asked [7]")));
        assert!(pollster::block_on(second).is_err());
        assert_eq!(pollster::block_on(third).expect("the other one works").bytes, [1]);
    }
}
