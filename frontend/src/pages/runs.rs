//! Every run kept in this browser and on the server.

use leptos::prelude::*;

#[component]
pub fn RunsPage() -> impl IntoView {
    view! { <h1>"Runs"</h1> }
}
