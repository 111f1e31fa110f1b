//! The source of the lab, a tab a file.

use kindling_protocol::question::Code;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::components::copy;
use crate::i18n::{questions as words, tr};
use crate::questions::book::{self, Fetched};

/// `address` is where the catalogue says the source is.
#[component]
pub fn CodeView(address: String) -> impl IntoView {
    let code = RwSignal::new(Fetched::<Code>::Waiting);
    let address = StoredValue::new(address);
    let fetch = move || {
        spawn_local(async move {
            let arrived = book::fetch(&address.get_value()).await;
            code.try_set(arrived);
        });
    };
    fetch();
    let content = move || match code.get() {
        Fetched::Here(code) => view! { <Files code /> }.into_any(),
        other => book::absent(&other, fetch),
    };
    view! {
        <section class="stack code-part" aria-labelledby="code-title" data-part="code">
            <h2 id="code-title">{tr(&words::CODE)}</h2>
            <p class="quiet">{tr(&words::CODE_BODY)}</p>
            {content}
        </section>
    }
}

#[component]
fn Files(code: Code) -> impl IntoView {
    let count = code.files.len();
    let names: Vec<String> = code.files.iter().map(|file| file.name.clone()).collect();
    let code = StoredValue::new(code);
    let shown = RwSignal::new(0_usize);
    let tabs = NodeRef::<html::Div>::new();
    let source = NodeRef::<html::Code>::new();
    let go = move |place: usize| {
        shown.set(place);
        let tab = tabs.get_untracked().and_then(|tabs| tabs.children().item(place as u32));
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = tab.focus();
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let here = shown.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => (here + 1) % count,
            "ArrowLeft" => (here + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        go(next);
    };
    let tab = move |(place, name): (usize, String)| {
        let is_shown = move || shown.get() == place;
        view! {
            <button
                type="button"
                role="tab"
                id=format!("file-{place}")
                aria-selected=move || is_shown().to_string()
                aria-controls="file"
                tabindex=move || if is_shown() { "0" } else { "-1" }
                data-testid=format!("file-{place}")
                on:click=move |_| shown.set(place)
            >
                {name}
            </button>
        }
    };
    let copy = move |_| {
        let text = source.get_untracked().and_then(|source| source.text_content()).unwrap_or_default();
        copy::copy(&text, &words::COPIED, &words::NOT_COPIED);
    };
    let html =
        move || code.with_value(|code| code.files.get(shown.get()).map(|file| file.html.clone()).unwrap_or_default());
    view! {
        <div class="code-view">
            <div class="code-head">
                <div class="code-tabs" role="tablist" aria-label=tr(&words::FILES) node_ref=tabs on:keydown=on_key>
                    {names.into_iter().enumerate().map(tab).collect_view()}
                </div>
                <button class="button plain" type="button" data-testid="copy-code" on:click=copy>{tr(&words::COPY)}</button>
            </div>
            <pre class="code" role="tabpanel" id="file" tabindex="0" aria-labelledby=move || format!("file-{}", shown.get()) data-testid="code">
                <code node_ref=source inner_html=html></code>
            </pre>
        </div>
    }
}
