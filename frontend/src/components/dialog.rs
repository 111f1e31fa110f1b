//! A modal dialog: the browser's own, which keeps the focus inside and closes on Escape.

use leptos::html;
use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{Text, common, tr};

#[component]
pub fn Dialog(open: RwSignal<bool>, title: &'static Text, children: Children) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog node_ref=dialog aria-label=tr(title) on:close=move |_| open.set(false)>
            <header>
                <h2>{tr(title)}</h2>
                <button class="button plain icon" aria-label=tr(&common::CLOSE) on:click=move |_| open.set(false)>
                    {Icon::Cross.view()}
                </button>
            </header>
            {children()}
        </dialog>
    }
}
