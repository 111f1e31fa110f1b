//! A crew: workers that compute parts of a run beside it, from bytes to bytes.
//!
//! A host with cores to spare starts them. Elsewhere the same part of the lab answers in place, so a lab asks a crew and
//! need not know which it has. What it computes must not depend on how many they are.

use burn::tensor::Device;
use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::text::{Text, text};

use crate::host::{Host, Interrupt, Lab, LocalFuture, Run};

/// The part of a lab that a worker does. What it answers depends on the ask alone, so any member can be asked.
pub trait Member {
    fn answer(&self, ask: Vec<u8>) -> LocalFuture<'_, Vec<u8>>;
}

/// Makes a member on a device without autodiff, from what it has to know for whatever it is asked.
pub type JoinFn = fn(Device, &[u8]) -> Box<dyn Member>;

pub trait Crew {
    fn size(&self) -> usize;

    /// Asks at once, not only when the answer is awaited. A member answers in the order in which it was asked.
    fn ask(&self, member: usize, ask: Vec<u8>) -> LocalFuture<'_, Result<Answered, Interrupt>>;

    /// What the run says of them when it begins.
    fn introduced(&self) -> Text {
        match self.size() {
            1 => text("All is computed by one worker, one after the other.", "由一个 worker 依次计算。"),
            size => side_by_side(size, "workers", " worker "),
        }
    }
}

pub struct Answered {
    pub bytes: Vec<u8>,
    /// Of the member's work, by the clock of the host.
    pub took_ms: Option<f64>,
}

/// A crew of at most so many for a run of this lab, and a note of how many they are. They go when it is dropped.
pub async fn gather<'a>(
    lab: &Lab,
    run: &'a Run<'_>,
    most: usize,
    setup: &[u8],
) -> Result<Box<dyn Crew + 'a>, Interrupt> {
    // Workers compute on the CPU: a GPU can't be shared with them, and is one already.
    let crew = if run.device == Device::flex() { run.host.crew(lab, most, setup) } else { None };
    let crew = crew.unwrap_or_else(|| Box::new(Here::new(lab, &run.device, 1, setup, run.host)));
    run.host.emit(EventBody::Note { text: crew.introduced() }).await?;
    Ok(crew)
}

/// That so many of something compute. For hosts.
pub fn side_by_side(size: usize, en: &str, zh: &str) -> Text {
    Text {
        en: format!("{size} {en} compute side by side.").into(), zh: format!("{size} 个{zh}并行计算。").into()
    }
}

/// Members without workers of their own: each answers when its answer is awaited.
pub(crate) struct Here<'a> {
    members: Vec<Box<dyn Member>>,
    host: &'a dyn Host,
}

impl<'a> Here<'a> {
    pub(crate) fn new(lab: &Lab, device: &Device, size: usize, setup: &[u8], host: &'a dyn Host) -> Self {
        let join = lab.join.expect("a lab that gathers a crew says what its members do");
        Here { members: (0..size).map(|_| join(device.clone(), setup)).collect(), host }
    }
}

impl Crew for Here<'_> {
    fn size(&self) -> usize {
        self.members.len()
    }

    fn ask(&self, member: usize, ask: Vec<u8>) -> LocalFuture<'_, Result<Answered, Interrupt>> {
        Box::pin(async move {
            let begun = self.host.now_ms();
            let bytes = self.members[member].answer(ask).await;
            let took_ms = self.host.now_ms().zip(begun).map(|(now, begun)| now - begun);
            Ok(Answered { bytes, took_ms })
        })
    }
}

/// A worker is gone, and with it what it was asked. For hosts.
pub fn lost(code: FailureCode, detail: String) -> Interrupt {
    let text = text(
        "A worker that computed beside the run has failed, so the run could not go on.",
        "与运行并行计算的一个 worker 出错，运行无法继续。",
    );
    Interrupt::Fail { code, text, detail: Some(detail) }
}

/// Numbers as bytes of an ask or an answer. Whole numbers stay exact up to 2^24.
pub fn pack(numbers: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; 4 * numbers.len()];
    bytes.as_chunks_mut().0.iter_mut().zip(numbers).for_each(|(place, number)| *place = number.to_le_bytes());
    bytes
}

pub fn unpack(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
}
