//! Every visible word, in English and Chinese.
//!
//! A text is a `static` made with [`text`], which takes both languages: one that is missing does not
//! compile. A sentence with numbers in it is a function of the [`Language`].

pub mod charts;
pub mod common;
pub mod dates;
pub mod engine;
pub mod home;
pub mod lab;
pub mod link_faults;
pub mod models;
pub mod own_drawing;
pub mod own_file;
pub mod panels;
pub mod predictions;
pub mod questions;
pub mod refusals;
pub mod run_predictions;
pub mod runs;

pub use kindling_protocol::text::{Language, Text, text};
use leptos::prelude::*;

const KEY: &str = "kindling:language";

thread_local! {
    static LANGUAGE: ArcRwSignal<Language> = ArcRwSignal::new(saved().unwrap_or_else(preferred));
}

/// The language shown now. Tracked.
pub fn language() -> Language {
    LANGUAGE.with(|language| language.get())
}

/// The text in the language shown now. Tracked.
pub fn t(text: &'static Text) -> &'static str {
    text.get(language())
}

/// The text as a view or an attribute that follows the language: `<p>{tr(&home::TITLE)}</p>`.
pub fn tr(text: &'static Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || t(text)
}

/// A text that is not known at compile time, as a lab's title. Tracked.
pub fn own(text: &Text) -> String {
    text.get(language()).to_string()
}

/// Changes the language and nothing else: the page stays where it is.
pub fn choose(language: Language) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(KEY, tag(language));
    }
    LANGUAGE.with(|signal| signal.set(language));
    apply();
}

/// Tells the document its language, for fonts, hyphenation and screen readers.
pub fn apply() {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", tag(LANGUAGE.with(|language| language.get_untracked())));
    }
}

/// The BCP 47 tag, which also chooses how numbers and dates are written.
pub fn tag(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Zh => "zh-CN",
    }
}

/// `0.934` as `93 %` or `93%`, each as its language writes it.
pub fn percent(language: Language, fraction: f64, decimals: usize) -> String {
    let number = fraction * 100.0;
    match language {
        Language::En => format!("{number:.decimals$} %"),
        Language::Zh => format!("{number:.decimals$}%"),
    }
}

/// A number as a table says it: a count in groups of three, anything else short.
pub fn number(value: f64) -> String {
    if value.fract() != 0.0 || value.abs() < 1e4 || value.abs() > 1e15 {
        return crate::charts::scale::short(value);
    }
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::from(if value < 0.0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count of bytes in the unit that reads best.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.0} KB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.1} GB", count as f64 / 1e9),
    }
}

fn saved() -> Option<Language> {
    let word = window().local_storage().ok()??.get_item(KEY).ok()??;
    [Language::En, Language::Zh].into_iter().find(|language| tag(*language) == word)
}

/// The first of the browser's languages that we have.
fn preferred() -> Language {
    let wanted = window().navigator().languages();
    let known = wanted.iter().filter_map(|tag| tag.as_string()).find_map(|tag| {
        let tag = tag.to_ascii_lowercase();
        match tag.split('-').next() {
            Some("zh") => Some(Language::Zh),
            Some("en") => Some(Language::En),
            _ => None,
        }
    });
    known.unwrap_or(Language::En)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_other_numbers_short() {
        let written = [101_770.0, -1_234_567.0, 9_999.0, 0.228_21, 1e18].map(number);
        assert_eq!(written, ["101,770", "-1,234,567", "9999", "0.2282", "1e18"]);
    }
}
