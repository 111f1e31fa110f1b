//! Everything that decides a run, and the link that holds it.

use serde::{Deserialize, Serialize};

use crate::knob::{self, KnobError, Knobs};
use crate::lab::LabSpec;

/// Which lab, with which knobs, from which seed. On the CPU this decides every bit of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knob::{Choice, Knob, KnobKind, KnobValue};
    use crate::text::text;

    fn spec() -> LabSpec {
        let knob = |id: &'static str, kind| Knob {
            id: id.into(),
            label: text(id, id),
            help: text("help", "帮助"),
            kind,
            live: false,
            only_when: vec![],
        };
        let choice = |id: &'static str| Choice { id: id.into(), label: text(id, id) };
        LabSpec {
            slug: "demo".into(),
            title: text("Demo", "演示"),
            summary: text("A lab to test with.", "测试用的实验。"),
            knobs: vec![
                knob("lr", KnobKind::Slider { min: 1e-5, max: 10.0, step: 0.0, log: true, default: 0.001 }),
                knob("epochs", KnobKind::Count { min: 1, max: 100, step: 1, default: 3 }),
                knob("model", KnobKind::Choice { options: vec![choice("mlp"), choice("cnn")], default: "mlp".into() }),
                knob("noise", KnobKind::Switch { default: false }),
            ],
            quick: Vec::new(),
            goals: vec![],
            series: vec![],
            figures: vec![],
            panels: vec![],
            model: false,
            drawing: None,
            places: vec![],
            data: vec![],
        }
    }

    fn pairs(query: &str) -> Vec<(String, String)> {
        let pair = |part: &str| part.split_once('=').map(|(name, word)| (name.to_string(), word.to_string()));
        query.split('&').filter_map(pair).collect()
    }

    #[test]
    fn a_link_holds_the_whole_configuration_and_leaves_out_defaults() {
        let spec = spec();
        assert_eq!(RunConfig::new(&spec).to_query(&spec), "");
        let mut config = RunConfig::new(&spec);
        config.seed = 42;
        config.knobs.0.insert("lr".into(), KnobValue::Number(0.03));
        config.knobs.0.insert("model".into(), KnobValue::Word("cnn".into()));
        config.knobs.0.insert("noise".into(), KnobValue::Flag(true));
        let query = config.to_query(&spec);
        assert_eq!(query, "lr=0.03&model=cnn&noise=true&seed=42");
        assert_eq!(RunConfig::from_query(&spec, pairs(&query)), (config, vec![]));
    }

    #[test]
    fn a_damaged_link_opens_at_defaults_and_says_what_it_could_not_read() {
        let spec = spec();
        let query = "lr=fast&epochs=3.5&model=rnn&gone=1&seed=-1&noise=true";
        let (config, faults) = RunConfig::from_query(&spec, pairs(query));
        assert_eq!(faults.len(), 5);
        assert_eq!(faults[0].to_string(), "knob `lr` is `fast`, expected a number from 0.00001 to 10");
        assert_eq!(faults[3].to_string(), "there is no knob `gone` here; there are: lr, epochs, model, noise");
        let expected = Knobs([("noise".to_string(), KnobValue::Flag(true))].into());
        assert_eq!(config.knobs, knob::resolve(&spec.knobs, &expected).unwrap());
    }

    #[test]
    fn what_comes_from_outside_is_refused_when_out_of_range() {
        let spec = spec();
        let with = |name: &str, value| RunConfig {
            lab: "demo".into(),
            knobs: Knobs([(name.to_string(), value)].into()),
            seed: 1,
        };
        assert!(with("lr", KnobValue::Number(10.0)).resolve(&spec).is_ok());
        for (name, value) in [
            ("lr", KnobValue::Number(f64::NAN)),
            ("lr", KnobValue::Number(11.0)),
            ("epochs", KnobValue::Number(2.5)),
            ("model", KnobValue::Number(1.0)),
            ("noise", KnobValue::Word("true".into())),
            ("unknown", KnobValue::Flag(true)),
        ] {
            assert!(with(name, value.clone()).resolve(&spec).is_err(), "{name} = {value} was taken");
        }
        let seed = RunConfig { seed: MAX_SEED + 1, ..RunConfig::new(&spec) };
        assert_eq!(seed.resolve(&spec), Err(LinkFault::Seed));
    }
}
