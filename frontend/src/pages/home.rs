//! The first screen: the pad, its answer, and what the model saw.

use leptos::prelude::*;

#[component]
pub fn HomePage() -> impl IntoView {
    view! { <h1>"HomePage"</h1> }
}
