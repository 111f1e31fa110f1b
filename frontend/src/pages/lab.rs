//! The list of labs, and the page of one lab, generated from its spec.

use leptos::prelude::*;

#[component]
pub fn LabsPage() -> impl IntoView {
    view! { <h1>"Labs"</h1> }
}

#[component]
pub fn LabPage(slug: String) -> impl IntoView {
    view! { <h1>{slug}</h1> }
}
