//! Something that did not work: a sentence for people, and what was found beneath it for whoever looks closer.
//!
//! The sentence is whole in each language. What libraries, browsers and servers say of a fault is in no language of the
//! page, so it never stands in the sentence, but folded away below it.

use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::i18n::{common, own, tr};

#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub text: Text,
    pub detail: Option<String>,
}

impl Trouble {
    pub fn new(text: Text, detail: impl Into<String>) -> Trouble {
        Trouble { text, detail: Some(detail.into()).filter(|detail| !detail.is_empty()) }
    }
}

/// A sentence that says all there is to say.
impl From<Text> for Trouble {
    fn from(text: Text) -> Trouble {
        Trouble { text, detail: None }
    }
}

/// The sentence, and the detail folded away.
#[component]
pub fn TroubleText(trouble: Trouble) -> impl IntoView {
    let Trouble { text, detail } = trouble;
    view! {
        <span class="trouble-text">{move || own(&text)}</span>
        {detail.map(|detail| view! { <Details detail /> })}
    }
}

/// What was found, in the words of whoever found it.
#[component]
pub fn Details(detail: String) -> impl IntoView {
    view! {
        <details class="details" data-testid="details">
            <summary>{tr(&common::DETAILS)}</summary>
            <p class="mono" lang="en">{detail}</p>
        </details>
    }
}
