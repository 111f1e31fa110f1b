//! What is under way in this worker, and who does what with a message.

use std::cell::RefCell;
use std::rc::Rc;

use kindling_labs::data::tabular;
use kindling_labs::labs;
use kindling_protocol::engine::{FromEngine, ToEngine};
use kindling_protocol::event::FailureCode;
use kindling_protocol::lab::Cost;
use kindling_protocol::run::RunConfig;
use wasm_bindgen_futures::spawn_local;

use crate::device::{self, Found};
use crate::host::Steering;
use crate::{check, fetch, look, page, predict, ready, run};

thread_local!(static DESK: RefCell<Desk> = RefCell::default());

#[derive(Default)]
struct Desk {
    device: Option<Rc<Found>>,
    /// How the run that goes on is steered.
    steering: Option<Rc<Steering>>,
    /// Messages that came before the device was found.
    early: Vec<(ToEngine, Vec<Vec<u8>>)>,
}

/// Finds the device, says `Ready`, and takes the messages that came meanwhile.
pub async fn open() {
    let found = Rc::new(device::find().await);
    page::send(&ready(&found), &[]);
    let early = DESK.with_borrow_mut(|desk| {
        desk.device = Some(found);
        std::mem::take(&mut desk.early)
    });
    for (message, buffers) in early {
        take(message, buffers);
    }
}

/// Does what a message asks, or begins it. Never waits.
pub fn take(message: ToEngine, buffers: Vec<Vec<u8>>) {
    let Some(device) = DESK.with_borrow(|desk| desk.device.clone()) else {
        return DESK.with_borrow_mut(|desk| desk.early.push((message, buffers)));
    };
    let mut buffers = buffers.into_iter();
    match message {
        ToEngine::Estimate { id, config } => page::send(&FromEngine::Cost { id, result: estimate(config) }, &[]),
        ToEngine::SelfTest => spawn_local(async move { check::all(&device).await }),
        ToEngine::Start { config, resumed_at, done_ms, last_seq } => {
            let begin = run::Begin { config, resumed_at, checkpoint: buffers.next(), done_ms, last_seq };
            begin_run(device, begin);
        }
        ToEngine::Control(control) => {
            if let Some(steering) = steering() {
                steering.control(control);
            }
        }
        ToEngine::Data { part, fault, .. } => fetch::answered(part, fault, buffers.next()),
        ToEngine::LoadModel { id, slot, manifest, file } => {
            let files = (buffers.next().unwrap_or_default(), buffers.next().unwrap_or_default());
            spawn_local(predict::load(id, slot, manifest, file, files));
        }
        ToEngine::Predict { id, slot, input, preparation } => predict::ask(id, slot, input, preparation),
        ToEngine::Look { id, config, slot, input, preparation } => {
            let question = look::Question { config, slot, input, preparation };
            spawn_local(look::answer(id, question));
        }
        ToEngine::Sample { id, lab, seed } => spawn_local(predict::sample(id, lab, seed)),
        ToEngine::Samples { id, config, indices } => spawn_local(predict::samples(id, config, indices)),
        ToEngine::Examine { id, slot } => spawn_local(predict::examine(id, slot)),
        ToEngine::Inspect { id } => {
            let result = tabular::sets::inspect(&buffers.next().unwrap_or_default());
            page::send(&FromEngine::Inspected { id, result }, &[]);
        }
        ToEngine::Snapshot { id } => match steering() {
            Some(steering) => steering.ask_snapshot(id),
            None => page::send(&FromEngine::Model { id, manifest: None }, &[]),
        },
        ToEngine::Inject { fault } => device::inject(fault),
    }
}

fn steering() -> Option<Rc<Steering>> {
    DESK.with_borrow(|desk| desk.steering.clone())
}

fn begin_run(device: Rc<Found>, begin: run::Begin) {
    let steering = Rc::new(Steering::default());
    if DESK.with_borrow_mut(|desk| desk.steering.replace(steering.clone())).is_some() {
        // A page that starts two runs in one worker has lost count of what it does.
        return page::broken(FailureCode::Internal, "a run was started while another one goes on");
    }
    spawn_local(async move {
        run::run(&device, begin, &steering).await;
        DESK.with_borrow_mut(|desk| desk.steering = None);
    });
}

fn estimate(config: RunConfig) -> Result<Cost, String> {
    let lab = labs::find(&config.lab).ok_or_else(|| format!("there is no lab `{}`", config.lab))?;
    let config = config.resolve(&(lab.spec)()).map_err(|fault| fault.to_string())?;
    Ok((lab.cost)(&config.knobs))
}
