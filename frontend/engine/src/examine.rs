//! A lab's look at a drawing. On the CPU as every question about one; what takes long gives way to other messages.

use kindling_labs::answer::prepare;
use kindling_labs::host::{Exhibit, Interrupt};
use kindling_protocol::engine::{Examined, FromEngine};
use kindling_protocol::input::{ModelInput, Preparation};
use kindling_protocol::knob::{self, Knobs};
use kindling_protocol::text::{Text, text};

use crate::page;
use crate::predict::{self, Lookup};
use crate::turn::now_ms;

pub struct Question {
    pub lab: String,
    pub slot: String,
    pub input: ModelInput,
    pub preparation: Preparation,
    pub knobs: Knobs,
}

pub async fn answer(id: u64, question: Question) {
    let result = examine(question).await;
    page::send(&FromEngine::Examined { id, result }, &[]);
}

async fn examine(question: Question) -> Result<Examined, Text> {
    let begun = now_ms();
    let cannot = |_: String| text("The drawing can't be looked at here.", "无法在这里检查这幅画。");
    let lab = predict::find(&question.lab).map_err(cannot)?;
    let loaded = predict::loaded(&question.slot).map_err(cannot)?;
    let (examine, drawing) = lab.examine.zip((lab.spec)().drawing).ok_or_else(|| cannot(question.lab))?;
    let knobs = knob::resolve(&drawing.knobs, &question.knobs).map_err(|error| cannot(error.to_string()))?;
    let prepared = prepare(&loaded.manifest.input, &question.input, question.preparation).map_err(cannot)?;
    let events = match &prepared {
        Some(pixels) => {
            let (model, manifest) = (&loaded.model, &loaded.manifest);
            let exhibit = Exhibit { model, manifest, pixels, knobs: &knobs, host: &Lookup };
            examine(exhibit).await.map_err(|interrupt| match interrupt {
                Interrupt::Fail { text, .. } => text,
                Interrupt::Stop => cannot(String::new()),
            })?
        }
        None => vec![],
    };
    Ok(Examined { events, took_ms: now_ms() - begun })
}
