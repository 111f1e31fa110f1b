//! What else the pad's worker is asked, beside what a drawing is.

use kindling_protocol::engine::{FromEngine, Looked, ToEngine};
use kindling_protocol::input::{ModelInput, Picture, Preparation};
use kindling_protocol::lab::Cost;
use kindling_protocol::run::RunConfig;
use kindling_protocol::table::TableSummary;
use kindling_protocol::text::Text;

use super::{Pad, engine_said};
use crate::trouble::Trouble;

impl Pad {
    /// What a lab shows of a drawing, with the model in use.
    pub async fn look(
        &self,
        config: RunConfig,
        input: ModelInput,
        preparation: Preparation,
    ) -> Result<Looked, Trouble> {
        let slot = self.inner().slot.get().to_string();
        match self.ask(|id| ToEngine::Look { id, config, slot, input, preparation }, &[]).await?.message {
            FromEngine::Looked { result, .. } => result.map_err(Trouble::from),
            _ => Err(engine_said("")),
        }
    }

    /// An example of the lab's data and its label.
    pub async fn sample(&self, lab: &str, seed: u64) -> Result<(Picture, String), Trouble> {
        self.until_ready().await;
        let lab = lab.to_owned();
        match self.ask(|id| ToEngine::Sample { id, lab, seed }, &[]).await?.message {
            FromEngine::Sample { result, .. } => result.map_err(|detail| engine_said(&detail)),
            _ => Err(engine_said("")),
        }
    }

    /// Test examples of a run by index, as its confusion matrix names them.
    pub async fn samples(&self, config: RunConfig, indices: Vec<u32>) -> Result<Vec<Picture>, Trouble> {
        self.until_ready().await;
        match self.ask(|id| ToEngine::Samples { id, config, indices }, &[]).await?.message {
            FromEngine::Samples { result, .. } => result.map_err(|detail| engine_said(&detail)),
            _ => Err(engine_said("")),
        }
    }

    /// What is in a table, or what is wrong with it.
    pub async fn inspect(&self, file: &[u8]) -> Result<Result<TableSummary, Text>, Trouble> {
        self.until_ready().await;
        match self.ask(|id| ToEngine::Inspect { id }, &[file]).await?.message {
            FromEngine::Inspected { result, .. } => Ok(result),
            _ => Err(engine_said("")),
        }
    }

    /// What a run would take, without starting it.
    pub async fn estimate(&self, config: RunConfig) -> Result<Cost, Trouble> {
        self.until_ready().await;
        match self.ask(|id| ToEngine::Estimate { id, config }, &[]).await?.message {
            FromEngine::Cost { result, .. } => result.map_err(|detail| engine_said(&detail)),
            _ => Err(engine_said("")),
        }
    }
}
