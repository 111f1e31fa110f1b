//! Your engine: what computes in this browser, and whether it computes right.

use leptos::prelude::*;

#[component]
pub fn EnginePage() -> impl IntoView {
    view! { <h1>"EnginePage"</h1> }
}
