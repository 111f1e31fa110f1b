//! Which page stands at which address.

use leptos::prelude::*;

use crate::components::pad::desk::Desk;
use crate::components::shell::Shell;
use crate::pages::home::HomePage;
use crate::pages::later::{self, LaterPage};
use crate::pages::unknown::UnknownPage;
use crate::router::{self, Route};
use crate::runner::pad::Pad;

#[component]
pub fn App() -> impl IntoView {
    router::listen();
    let pad = Pad::start();
    provide_context(pad);
    Desk::provide(pad);
    // The other pages come while the person draws, and not before the first answer can be given.
    Effect::new(move |_| {
        if pad.model.with(Option::is_some) {
            later::fetch();
        }
    });
    // A memo: a page is built when its route comes, and not again when only the query changes.
    let route = Memo::new(|_| router::route());
    let page = move || match route.get() {
        Route::Pad => view! { <HomePage /> }.into_any(),
        Route::Unknown => view! { <UnknownPage /> }.into_any(),
        route => view! { <LaterPage route /> }.into_any(),
    };
    view! { <Shell>{page}</Shell> }
}
