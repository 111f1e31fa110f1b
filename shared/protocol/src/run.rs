//! Everything that decides a run, and the link that holds it.

use serde::{Deserialize, Serialize};

use crate::knob::{self, KnobError, Knobs};
use crate::lab::LabSpec;

/// Which lab, with which knobs, from which seed. On the CPU this decides every bit of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunConfig {
    pub lab: String,
    #[serde(default)]
    pub knobs: Knobs,
    #[serde(default)]
    pub seed: u64,
}

/// Seeds fit a JSON number exactly.
pub const MAX_SEED: u64 = (1 << 53) - 1;

impl RunConfig {
    pub fn new(spec: &LabSpec) -> Self {
        let knobs = knob::resolve(&spec.knobs, &Knobs::default()).expect("a lab's defaults are in range");
        RunConfig { lab: spec.slug.to_string(), knobs, seed: 1 }
    }

    /// The query of a link, without `?`. Defaults are left out, so links stay short and a changed
    /// default reaches old links. Values are numbers, flags and ids: nothing in them needs escaping.
    pub fn to_query(&self, spec: &LabSpec) -> String {
        let changed = spec.knobs.iter().filter_map(|knob| {
            let value = self.knobs.0.get(knob.id.as_ref())?;
            (*value != knob.default_value()).then(|| format!("{}={value}", knob.id))
        });
        let seed = (self.seed != 1).then(|| format!("seed={}", self.seed));
        changed.chain(seed).collect::<Vec<_>>().join("&")
    }

    /// Reads a link. What can't be read is left at its default and told, so that an old or damaged
    /// link still opens.
    pub fn from_query(spec: &LabSpec, pairs: impl IntoIterator<Item = (String, String)>) -> (Self, Vec<LinkFault>) {
        let mut config = RunConfig::new(spec);
        let mut faults = Vec::new();
        for (name, word) in pairs {
            if name == "seed" {
                match word.parse() {
                    Ok(seed) if seed <= MAX_SEED => config.seed = seed,
                    _ => faults.push(LinkFault::Seed),
                }
                continue;
            }
            match knob::find(&spec.knobs, &name).and_then(|knob| knob.parse(&word)) {
                Ok(value) => drop(config.knobs.0.insert(name, value)),
                Err(error) => faults.push(LinkFault::Knob(error)),
            }
        }
        (config, faults)
    }

    /// Checks a config that came from outside, and fills in what it leaves out.
    pub fn resolve(self, spec: &LabSpec) -> Result<Self, LinkFault> {
        if self.seed > MAX_SEED {
            return Err(LinkFault::Seed);
        }
        let knobs = knob::resolve(&spec.knobs, &self.knobs).map_err(LinkFault::Knob)?;
        Ok(RunConfig { knobs, ..self })
    }
}

/// A part of a link or a request that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    #[error(transparent)]
    Knob(KnobError),
    #[error("`seed` must be a whole number from 0 to {MAX_SEED}")]
    Seed,
}
