//! Figures of a report, named and written as the lab's spec says.

use std::collections::BTreeMap;

use kindling_protocol::lab::{Figure, LabSpec, Unit};

use crate::i18n::{self, language};

/// Name and value of each, in the spec's order. What the spec does not know (a run of another version of the
/// program) comes last, under its id. Tracks the language.
pub fn in_words(spec: Option<&LabSpec>, figures: &BTreeMap<String, f64>) -> Vec<(String, String)> {
    let known = spec.map_or(&[][..], |spec| &spec.figures);
    let of_spec = known
        .iter()
        .filter_map(|figure| Some((i18n::own(&figure.label), value(Some(figure), *figures.get(figure.id.as_ref())?))));
    let unknown = figures.iter().filter(|(id, _)| find(spec, id).is_none());
    let others = unknown.map(|(id, figure)| (id.replace('_', " "), value(None, *figure)));
    of_spec.chain(others).collect()
}

/// The figure of that id, written with its unit. Tracks the language.
pub fn written(spec: &LabSpec, id: &str, figure: f64) -> String {
    value(find(Some(spec), id), figure)
}

fn find<'a>(spec: Option<&'a LabSpec>, id: &str) -> Option<&'a Figure> {
    spec?.figures.iter().find(|figure| figure.id == id)
}

fn value(known: Option<&Figure>, figure: f64) -> String {
    match known.map(|known| known.unit) {
        Some(Unit::Fraction) => i18n::percent(language(), figure, 2),
        _ => i18n::number(figure),
    }
}
