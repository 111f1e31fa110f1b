//! Knobs: what a person can set on a lab.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// One setting of a lab: its name, its range and its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Knob {
    /// Lower case, digits and `-`. Short: it stands in links.
    pub id: Cow<'static, str>,
    pub label: Text,
    pub help: Text,
    pub kind: KnobKind,
    /// May be changed while a run goes on. The change leaves a mark on the curve.
    pub live: bool,
    /// It counts only where all of these hold. Elsewhere it is idle: the run is the same whatever its value, which is
    /// taken and kept all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_when: Vec<When>,
}

/// Another knob has one of these values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct When {
    pub knob: Cow<'static, str>,
    pub values: Vec<KnobValue>,
}

impl When {
    pub fn of<V: Copy + Into<KnobValue>>(knob: &'static str, values: &[V]) -> When {
        When { knob: knob.into(), values: values.iter().map(|value| (*value).into()).collect() }
    }

    pub fn holds(&self, values: &Knobs) -> bool {
        values.0.get(self.knob.as_ref()).is_some_and(|value| self.values.contains(value))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum KnobKind {
    /// A real number. `log`: the slider moves by ratios, not by differences; `min` is then positive.
    Slider {
        min: f64,
        max: f64,
        step: f64,
        log: bool,
        default: f64,
    },
    /// A whole number.
    Count {
        min: i64,
        max: i64,
        step: i64,
        default: i64,
    },
    /// One of a closed list.
    Choice {
        options: Vec<Choice>,
        default: Cow<'static, str>,
    },
    Switch {
        default: bool,
    },
    /// A file of the person's own, kept in their browser and sent nowhere. The value is empty or the sha256 of what it
    /// holds, and the lab reads it as the data part `own/SHA256`.
    File {
        /// What files it is for, as an `accept` attribute says it.
        accept: Cow<'static, str>,
        /// At most so many bytes.
        bytes: u64,
    },
    /// The [predictions](crate::predictions::Predictions) of a run, kept like a file of the person's own: as JSON, by
    /// its sha256.
    Predictions,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    pub id: Cow<'static, str>,
    pub label: Text,
}

/// A value as it stands in JSON, in a link or on the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum KnobValue {
    Flag(bool),
    Number(f64),
    Word(String),
}

/// Values by knob id. A map made by [`resolve`] holds exactly the lab's knobs, each in its range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Knobs(pub BTreeMap<String, KnobValue>);

/// A knob that was named wrongly or set out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnobError {
    #[error("there is no knob `{name}` here; there are: {known}")]
    Unknown { name: String, known: String },
    #[error("knob `{name}` is `{given}`, expected {expected}")]
    Invalid { name: String, given: String, expected: String },
    #[error(
        "knob `{name}` names a file that is kept in one browser and sent nowhere: only a run in that browser can read it"
    )]
    StaysInBrowser { name: String },
}

impl Knob {
    /// The same knob, idle unless `knob` has one of these values. Said again, both must hold. A `knob` that may be idle
    /// itself brings no condition along: say that one too.
    pub fn only_when<V: Copy + Into<KnobValue>>(mut self, knob: &'static str, values: &[V]) -> Knob {
        self.only_when.push(When::of(knob, values));
        self
    }

    /// Whether it counts where the knobs, its own lab's and resolved, have these values.
    pub fn counts(&self, values: &Knobs) -> bool {
        self.only_when.iter().all(|when| when.holds(values))
    }

    pub fn default_value(&self) -> KnobValue {
        match &self.kind {
            KnobKind::Slider { default, .. } => KnobValue::Number(*default),
            KnobKind::Count { default, .. } => KnobValue::Number(*default as f64),
            KnobKind::Choice { default, .. } => KnobValue::Word(default.to_string()),
            KnobKind::Switch { default } => KnobValue::Flag(*default),
            KnobKind::File { .. } | KnobKind::Predictions => KnobValue::Word(String::new()),
        }
    }

    /// What a valid value looks like, as an error message says it.
    fn expected(&self) -> String {
        match &self.kind {
            KnobKind::Slider { min, max, .. } => format!("a number from {min} to {max}"),
            KnobKind::Count { min, max, .. } => format!("a whole number from {min} to {max}"),
            KnobKind::Choice { options, .. } => {
                let ids: Vec<&str> = options.iter().map(|option| option.id.as_ref()).collect();
                format!("one of {}", ids.join(", "))
            }
            KnobKind::Switch { .. } => "true or false".into(),
            KnobKind::File { .. } | KnobKind::Predictions => "nothing, or the sha256 of a file as 64 hex digits".into(),
        }
    }

    fn invalid(&self, given: &dyn std::fmt::Display) -> KnobError {
        // A link or a request may hold anything: what is echoed is short.
        let given: String = given.to_string().chars().take(40).collect();
        KnobError::Invalid { name: self.id.to_string(), given, expected: self.expected() }
    }

    /// The value, if it lies in the knob's range.
    pub fn check(&self, value: &KnobValue) -> Result<(), KnobError> {
        let valid = match (&self.kind, value) {
            (KnobKind::Slider { min, max, .. }, KnobValue::Number(number)) => (*min..=*max).contains(number),
            (KnobKind::Count { min, max, .. }, KnobValue::Number(number)) => {
                number.fract() == 0.0 && (*min as f64..=*max as f64).contains(number)
            }
            (KnobKind::Choice { options, .. }, KnobValue::Word(word)) => {
                options.iter().any(|option| option.id == word.as_str())
            }
            (KnobKind::Switch { .. }, KnobValue::Flag(_)) => true,
            (KnobKind::File { .. } | KnobKind::Predictions, KnobValue::Word(word)) => {
                word.is_empty() || is_sha256(word)
            }
            _ => false,
        };
        if valid { Ok(()) } else { Err(self.invalid(value)) }
    }

    /// Reads a value from a link or a command line (`0.01`, `mlp`, `true`).
    pub fn parse(&self, word: &str) -> Result<KnobValue, KnobError> {
        let value = match &self.kind {
            KnobKind::Slider { .. } | KnobKind::Count { .. } => word.parse().ok().map(KnobValue::Number),
            KnobKind::Choice { .. } | KnobKind::File { .. } | KnobKind::Predictions => {
                Some(KnobValue::Word(word.to_string()))
            }
            KnobKind::Switch { .. } => word.parse().ok().map(KnobValue::Flag),
        };
        let value = value.ok_or_else(|| self.invalid(&word))?;
        self.check(&value)?;
        Ok(value)
    }
}

/// Fills in defaults and checks every value that was given.
pub fn resolve(knobs: &[Knob], given: &Knobs) -> Result<Knobs, KnobError> {
    for (name, value) in &given.0 {
        find(knobs, name)?.check(value)?;
    }
    let value = |knob: &Knob| given.0.get(knob.id.as_ref()).cloned().unwrap_or_else(|| knob.default_value());
    Ok(Knobs(knobs.iter().map(|knob| (knob.id.to_string(), value(knob))).collect()))
}

/// Refuses values that only the browser of whoever set them can use. `given` is resolved. What is idle is read by nobody,
/// and so in nobody's way.
pub fn for_elsewhere(knobs: &[Knob], given: &Knobs) -> Result<(), KnobError> {
    let nothing = KnobValue::Word(String::new());
    let is_file = |knob: &&Knob| matches!(knob.kind, KnobKind::File { .. } | KnobKind::Predictions);
    let chosen = |knob: &Knob| given.0.get(knob.id.as_ref()).is_some_and(|value| *value != nothing);
    match knobs.iter().filter(is_file).find(|knob| chosen(knob) && knob.counts(given)) {
        Some(knob) => Err(KnobError::StaysInBrowser { name: knob.id.to_string() }),
        None => Ok(()),
    }
}

fn is_sha256(word: &str) -> bool {
    word.len() == 64 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The knob of that name.
pub fn find<'a>(knobs: &'a [Knob], name: &str) -> Result<&'a Knob, KnobError> {
    knobs.iter().find(|knob| knob.id == name).ok_or_else(|| KnobError::Unknown {
        name: name.chars().take(40).collect(),
        known: knobs.iter().map(|knob| knob.id.as_ref()).collect::<Vec<_>>().join(", "),
    })
}

/// Reading resolved knobs. A lab asks only for its own knobs, so a missing one is a fault of the lab.
impl Knobs {
    pub fn number(&self, id: &str) -> f64 {
        match self.0.get(id) {
            Some(KnobValue::Number(number)) => *number,
            other => panic!("knob `{id}` is no number but {other:?}"),
        }
    }

    pub fn count(&self, id: &str) -> usize {
        self.number(id) as usize
    }

    pub fn word(&self, id: &str) -> &str {
        match self.0.get(id) {
            Some(KnobValue::Word(word)) => word,
            other => panic!("knob `{id}` is no word but {other:?}"),
        }
    }

    pub fn flag(&self, id: &str) -> bool {
        match self.0.get(id) {
            Some(KnobValue::Flag(flag)) => *flag,
            other => panic!("knob `{id}` is no switch but {other:?}"),
        }
    }
}

impl From<&'static str> for KnobValue {
    fn from(word: &'static str) -> Self {
        KnobValue::Word(word.into())
    }
}

impl From<bool> for KnobValue {
    fn from(flag: bool) -> Self {
        KnobValue::Flag(flag)
    }
}

impl std::fmt::Display for KnobValue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KnobValue::Flag(flag) => write!(formatter, "{flag}"),
            KnobValue::Number(number) => write!(formatter, "{number}"),
            KnobValue::Word(word) => formatter.write_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::text;

    #[test]
    fn a_file_is_named_by_its_hash_and_stays_where_it_is() {
        let kind = KnobKind::File { accept: ".csv".into(), bytes: 10 };
        let knob = Knob {
            id: "file".into(),
            label: text("File", "文件"),
            help: text("Yours.", "你的。"),
            kind,
            live: false,
            only_when: vec![],
        };
        let hash = "0f".repeat(32);
        assert_eq!(knob.default_value(), KnobValue::Word(String::new()));
        assert_eq!(knob.parse(&hash), Ok(KnobValue::Word(hash.clone())));
        for wrong in ["data.csv", &hash[1..], &hash.to_uppercase()] {
            assert!(knob.parse(wrong).unwrap_err().to_string().contains("sha256"), "{wrong}");
        }
        let knobs = [knob];
        let with = |word: &str| resolve(&knobs, &Knobs([("file".to_string(), KnobValue::Word(word.into()))].into()));
        assert_eq!(for_elsewhere(&knobs, &with("").unwrap()), Ok(()));
        let refused = Err(KnobError::StaysInBrowser { name: "file".into() });
        assert_eq!(for_elsewhere(&knobs, &with(&hash).unwrap()), refused);
        let predictions = [Knob { kind: KnobKind::Predictions, ..knobs[0].clone() }];
        assert_eq!(predictions[0].parse(&hash), Ok(KnobValue::Word(hash.clone())));
        assert_eq!(for_elsewhere(&predictions, &with(&hash).unwrap()), refused);
    }

    #[test]
    fn a_knob_counts_where_all_its_conditions_hold_and_an_idle_file_stays_nowhere() {
        let kind = KnobKind::File { accept: ".csv".into(), bytes: 10 };
        let (label, help) = (text("File", "文件"), text("Yours.", "你的。"));
        let knob = Knob { id: "file".into(), label, help, kind, live: false, only_when: vec![] };
        let (always, hash) = (knob.clone(), "0f".repeat(32));
        let knob = knob.only_when("data", &["own", "both"]).only_when("read", &[true]);
        let with = |data: &'static str, read: bool| {
            Knobs(
                [("data", data.into()), ("read", read.into()), ("file", KnobValue::Word(hash.clone()))]
                    .map(|(id, value): (&str, KnobValue)| (id.to_string(), value))
                    .into(),
            )
        };
        for (data, read, counts) in
            [("own", true, true), ("both", true, true), ("own", false, false), ("mnist", true, false)]
        {
            assert_eq!(knob.counts(&with(data, read)), counts, "{data} {read}");
            let refused = for_elsewhere(std::slice::from_ref(&knob), &with(data, read)).is_err();
            assert_eq!(refused, counts, "{data} {read}");
            assert!(always.counts(&with(data, read)));
        }
        assert!(!serde_json::to_string(&always).unwrap().contains("only_when"), "most knobs say nothing of it");
    }
}
