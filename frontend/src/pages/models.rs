//! Trained models, shipped and from the server.

use leptos::prelude::*;

#[component]
pub fn ModelsPage() -> impl IntoView {
    view! { <h1>"ModelsPage"</h1> }
}
