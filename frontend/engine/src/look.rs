//! A lab's look at a drawing. On the CPU as every question about one; what takes long gives way to other messages.

use kindling_labs::answer::prepare;
use kindling_labs::host::{Exhibit, Interrupt};
use kindling_protocol::engine::{FromEngine, Looked};
use kindling_protocol::event::Event;
use kindling_protocol::input::{ModelInput, Preparation};
use kindling_protocol::knob;
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::{Text, text};

use crate::page;
use crate::predict::{self, Lookup};
use crate::turn::now_ms;

pub struct Question {
    pub config: RunConfig,
    pub slot: String,
    pub input: ModelInput,
    pub preparation: Preparation,
}

pub async fn answer(id: u64, question: Question) {
    let result = look_at(question).await;
    page::send(&FromEngine::Looked { id, result }, &[]);
}

async fn look_at(question: Question) -> Result<Looked, Text> {
    let begun = now_ms();
    let cannot = |_: String| text("The drawing can't be looked at here.", "无法在这里检查这幅画。");
    let Question { config, slot, input, preparation } = question;
    let lab = predict::find(&config.lab).map_err(cannot)?;
    let loaded = predict::loaded(&slot).map_err(cannot)?;
    let (look, drawing) = lab.look.zip((lab.spec)().drawing).ok_or_else(|| cannot(config.lab))?;
    let knobs = &knob::resolve(&drawing.knobs, &config.knobs).map_err(|error| cannot(error.to_string()))?;
    let prepared = prepare(&loaded.manifest.input, &input, preparation).map_err(cannot)?;
    let shown = match &prepared {
        Some(pixels) => {
            let (model, manifest) = (&loaded.model, &loaded.manifest);
            let exhibit = Exhibit { model, manifest, pixels, knobs, seed: config.seed, host: &Lookup };
            look(exhibit).await.map_err(|interrupt| match interrupt {
                Interrupt::Fail { text, .. } => text,
                Interrupt::Stop => cannot(String::new()),
            })?
        }
        None => vec![],
    };
    // As a run tells them, so that whoever reads a run reads this.
    let events = (1..).zip(shown).map(|(seq, body)| Event { seq, at_ms: 0, body }).collect();
    Ok(Looked { events, took_ms: now_ms() - begun })
}
