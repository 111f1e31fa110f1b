//! Tests of a run's crew: who computes changes no bit, and who fails is told with the cause.

use std::future::ready;
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

/// What a run said that was not measured with a clock, and its notes.
#[derive(Default)]
struct Told(Vec<EventBody>, Vec<String>);

impl Keeper for &mut Told {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event.body.clone() {
            EventBody::Progress(_) => {}
            EventBody::Note { text } => self.1.push(text.en.to_string()),
            EventBody::Chart(chart) if ["lanes", "speed-up"].contains(&&*chart.id) => {}
            EventBody::Report { mut figures, model } => {
                figures.retain(|name, _| !["amdahl", "speed_up", "measured"].contains(&&**name));
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

/// Not a program, so no member is a process: that takes the real binary.
fn nowhere() -> &'static Path {
    Path::new("no such program")
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
    let (data, checkpoint_every, program) = (Library::new("nowhere".into()), Duration::MAX, nowhere().into());
    let surroundings =
        Surroundings { keeper: &mut told, data, memory: None, controls, checkpoint_every, cores, program };
    assert_eq!(local::run(lab, &config, Device::flex(), "cpu", Begin::default(), surroundings), Ended::Finished);
    told
}

#[test]
fn nothing_depends_on_how_many_compute() {
    let search = [("trials", 7.0), ("epochs", 3.0), ("folds", 3.0)];
    let distributed = [("samples", 500.0), ("epochs", 2.0), ("width", 16.0), ("batch", 12.0), ("replicas", 3.0)];
    for (lab, knobs, apart) in [("hyperparameter-search", &search[..], false), ("distributed", &distributed, true)] {
        let alone = told(lab, knobs, 1);
        assert!(alone.0.len() > 8 && alone.1[0] == "All is computed by one worker, one after the other.");
        for cores in [2, 4] {
            let beside = told(lab, knobs, cores);
            assert!(beside.1[0].starts_with(&format!("{cores} workers compute side by side.")), "{:?}", beside.1);
            assert_eq!(beside.1[0].contains("could not be started"), apart, "{:?}", beside.1);
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

fn two_of(lab: &str, program: &Path) -> Members {
    let lab = labs::find(lab).expect("a lab");
    Members::start(lab, |_, _| Box::new(Faulty), 2, b"setup", program, 2)
}

#[test]
fn a_panic_beside_a_run_is_told_and_ends_only_what_it_was_asked() {
    for lab in ["hyperparameter-search", "distributed"] {
        let crew = two_of(lab, nowhere());
        let [first, second, third] =
            [(0, vec![7]), (0, vec![]), (1, vec![])].map(|(member, ask)| crew.ask(member, ask));
        let Err(Interrupt::Fail { code, detail, .. }) = pollster::block_on(first) else { panic!("it answered") };
        assert_eq!((code, detail.as_deref()), (FailureCode::Crashed, Some("it was asked [7]")));
        assert!(pollster::block_on(second).is_err());
        assert_eq!(pollster::block_on(third).expect("the other one works").bytes, [1]);
    }
}

/// A program that is no member: it complains of its arguments and ends.
#[cfg(unix)]
#[test]
fn a_process_that_ends_is_told_with_how_it_ended_and_its_last_words() {
    let crew = two_of("distributed", Path::new("cat"));
    assert_eq!(crew.introduced().en, "2 processes compute side by side.");
    for ask in [vec![], vec![7]] {
        let Err(Interrupt::Fail { code, detail, .. }) = pollster::block_on(crew.ask(1, ask)) else {
            panic!("it answered")
        };
        let detail = detail.unwrap_or_default();
        assert_eq!(code, FailureCode::Crashed);
        assert!(detail.contains("ended, exit status: 1"), "{detail}");
    }
    let Err(Interrupt::Fail { detail: Some(detail), .. }) = pollster::block_on(crew.ask(0, vec![])) else {
        panic!("it answered")
    };
    assert!(detail.contains("cat: member"), "{detail}");
}
