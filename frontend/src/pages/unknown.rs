//! The page of an address that no page has.

use leptos::prelude::*;

use crate::i18n::{common, tr};

#[component]
pub fn UnknownPage() -> impl IntoView {
    view! {
        <section class="page narrow" data-testid="unknown-page">
            <h1>{tr(&common::UNKNOWN_TITLE)}</h1>
            <p class="lead">{tr(&common::UNKNOWN_BODY)}</p>
            <p><a class="button primary" href="/">{tr(&common::UNKNOWN_LINK)}</a></p>
        </section>
    }
}
