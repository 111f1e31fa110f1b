//! What makes a run differ from the lab's defaults: all that a table has to say of its settings.

use kindling_protocol::knob::{KnobKind, KnobValue};
use kindling_protocol::lab::LabSpec;
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::{Text, text};

use crate::i18n;

/// A knob that does not stand at its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub label: Text,
    pub value: Text,
}

impl Change {
    /// In the language shown now. Tracked.
    pub fn text(&self) -> String {
        format!("{} {}", i18n::own(&self.label), i18n::own(&self.value))
    }
}

/// The knobs of a run that differ from the defaults, in the lab's order.
pub fn changes(spec: &LabSpec, config: &RunConfig) -> Vec<Change> {
    let changed = spec.knobs.iter().filter_map(|knob| {
        let value = config.knobs.0.get(knob.id.as_ref())?;
        (*value != knob.default_value())
            .then(|| Change { label: knob.label.clone(), value: value_text(&knob.kind, value) })
    });
    changed.collect()
}

/// A run's first name, until a person gives it another: the lab and what was changed.
pub fn first_name(spec: &LabSpec, config: &RunConfig) -> String {
    let query = RunConfig { seed: 1, ..config.clone() }.to_query(spec);
    let name = format!("{} {}", spec.slug, query.replace('&', " "));
    name.trim_end().chars().take(60).collect()
}

pub fn value_text(kind: &KnobKind, value: &KnobValue) -> Text {
    match (kind, value) {
        (KnobKind::Choice { options, .. }, KnobValue::Word(word)) => {
            let option = options.iter().find(|option| option.id == word.as_str());
            option.map_or_else(|| same(word), |option| option.label.clone())
        }
        (KnobKind::File { .. } | KnobKind::Predictions, KnobValue::Word(hash)) => {
            same(&hash.chars().take(8).collect::<String>())
        }
        (_, KnobValue::Flag(true)) => text("on", "开"),
        (_, KnobValue::Flag(false)) => text("off", "关"),
        (_, value) => same(&value.to_string()),
    }
}

fn same(word: &str) -> Text {
    Text { en: word.to_string().into(), zh: word.to_string().into() }
}

#[cfg(test)]
mod tests {
    use kindling_protocol::knob::{Choice, Knob};

    use super::*;

    fn spec() -> LabSpec {
        let knob = |id: &'static str, kind| Knob {
            id: id.into(),
            label: text(id, id),
            help: text("", ""),
            kind,
            live: false,
            only_when: vec![],
        };
        let choice = |id: &'static str| Choice { id: id.into(), label: text("Convolutional", "卷积") };
        let options = vec![Choice { id: "mlp".into(), label: text("MLP", "MLP") }, choice("cnn")];
        LabSpec {
            slug: "digits".into(),
            title: text("Digits", "数字"),
            summary: text("", ""),
            knobs: vec![
                knob("lr", KnobKind::Slider { min: 0.0, max: 1.0, step: 0.1, log: false, default: 0.1 }),
                knob("model", KnobKind::Choice { options, default: "mlp".into() }),
                knob("augment", KnobKind::Switch { default: true }),
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

    #[test]
    fn only_what_was_changed_is_told_in_the_words_of_the_lab() {
        let spec = spec();
        let mut config = RunConfig::new(&spec);
        assert!(changes(&spec, &config).is_empty());
        assert_eq!(first_name(&spec, &config), "digits");
        config.knobs.0.insert("model".into(), KnobValue::Word("cnn".into()));
        config.knobs.0.insert("augment".into(), KnobValue::Flag(false));
        let told: Vec<String> =
            changes(&spec, &config).iter().map(|one| format!("{} {}", one.label.en, one.value.en)).collect();
        assert_eq!(told, ["model Convolutional", "augment off"]);
        assert_eq!(first_name(&spec, &RunConfig { seed: 9, ..config }), "digits model=cnn augment=false");
    }
}
