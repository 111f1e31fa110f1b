//! Which page stands at which address.

use leptos::prelude::*;

use crate::components::pad::desk::Desk;
use crate::components::shell::Shell;
use crate::pages::engine::EnginePage;
use crate::pages::home::HomePage;
use crate::pages::lab::{LabPage, LabsPage};
use crate::pages::models::ModelsPage;
use crate::pages::runs::RunsPage;
use crate::pages::unknown::UnknownPage;
use crate::router::{self, Route};
use crate::runner::pad::Pad;

#[component]
pub fn App() -> impl IntoView {
    router::listen();
    let pad = Pad::start();
    provide_context(pad);
    Desk::provide(pad);
    // A memo: a page is built when its route comes, and not again when only the query changes.
    let route = Memo::new(|_| router::route());
    let page = move || match route.get() {
        Route::Pad => view! { <HomePage /> }.into_any(),
        Route::Labs => view! { <LabsPage /> }.into_any(),
        Route::Lab(slug) => view! { <LabPage slug /> }.into_any(),
        Route::Runs => view! { <RunsPage /> }.into_any(),
        Route::Engine => view! { <EnginePage /> }.into_any(),
        Route::Models => view! { <ModelsPage /> }.into_any(),
        Route::Unknown => view! { <UnknownPage /> }.into_any(),
    };
    view! { <Shell>{page}</Shell> }
}
