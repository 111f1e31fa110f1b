//! The frame around every page: the name, the way to each page, language and theme.

use leptos::prelude::*;

use crate::i18n::{self, Language, common, tr};
use crate::router::{self, Route};

#[component]
pub fn Shell(children: Children) -> impl IntoView {
    view! {
        <header class="site-header">
            <a class="brand" href="/">"Kindling"</a>
            <nav></nav>
        </header>
        <main id="main">{children()}</main>
    }
}
