//! One run of a lab in this worker.

use kindling_labs::host::{Host, Interrupt, Run};
use kindling_labs::labs;
use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::text;

use crate::device::Found;
use crate::host::{Steering, WorkerHost};

/// Where a run begins: from the start, or where it was cut off.
pub struct Begin {
    pub config: RunConfig,
    pub resumed_at: Option<u64>,
    pub checkpoint: Option<Vec<u8>>,
    /// Milliseconds of running before.
    pub done_ms: u64,
    /// The newest event before.
    pub last_seq: u64,
}

/// Runs a lab to its end and says its last word.
pub async fn run(device: &Found, begin: Begin, steering: &Steering) {
    let lab = labs::find(&begin.config.lab);
    let knobs = lab.map(|lab| (lab.spec)().knobs).unwrap_or_default();
    let host = WorkerHost::new(steering, knobs, begin.done_ms, begin.last_seq);
    let ended = async {
        let lab = lab.ok_or_else(|| refuse(format!("there is no lab `{}`", begin.config.lab)))?;
        let config = begin.config.resolve(&(lab.spec)()).map_err(|fault| refuse(fault.to_string()))?;
        // A GPU engine whose device did not come up must not compute on the CPU under the GPU's name.
        if let Some(problem) = &device.problem {
            return Err(refuse(problem.clone()));
        }
        host.emit(EventBody::Started { device: device.name.clone(), resumed_at: begin.resumed_at }).await?;
        let device = device.device.clone();
        let run = Run { device, knobs: config.knobs, seed: config.seed, resume: begin.checkpoint, host: &host };
        (lab.run)(run).await
    };
    let ended = ended.await;
    host.close(ended).await;
}

fn refuse(detail: String) -> Interrupt {
    let text = text("The run could not start.", "运行无法启动。");
    Interrupt::Fail { code: FailureCode::Internal, text, detail: Some(detail) }
}
