//! The place of a table that may be wider than its room.

use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::i18n::{common as words, tr};

/// Scrolls sideways, and can be reached by Tab for it: not every browser lets keys scroll what has no focus.
#[component]
pub fn TableScroll(
    /// What screen readers call it.
    #[prop(default = &words::TABLE)]
    name: &'static Text,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-scroll" tabindex="0" role="group" aria-label=tr(name)>
            {children()}
        </div>
    }
}
