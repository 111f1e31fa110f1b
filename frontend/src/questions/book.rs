//! The files of questions. The catalogue is fetched once and kept; a page or a lab's source when it is opened.

use kindling_protocol::question::Catalogue;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api;
use crate::i18n::{common, questions as words, tr};
use crate::runner;
use crate::trouble::{Trouble, TroubleText};

/// Something on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched<T> {
    Waiting,
    Here(T),
    Failed(Trouble),
}

thread_local! {
    static CATALOGUE: ArcRwSignal<Fetched<Catalogue>> = ArcRwSignal::new(Fetched::Waiting);
}

/// The catalogue, fetched unless it is here.
pub fn catalogue() -> ArcRwSignal<Fetched<Catalogue>> {
    let catalogue = CATALOGUE.with(Clone::clone);
    if !catalogue.with_untracked(|catalogue| matches!(catalogue, Fetched::Here(_))) {
        catalogue.set(Fetched::Waiting);
        let arrived = catalogue.clone();
        spawn_local(async move { arrived.set(shipped_catalogue().await) });
    }
    catalogue
}

async fn shipped_catalogue() -> Fetched<Catalogue> {
    match runner::shipped("questions") {
        Some(address) => fetch(&address).await,
        None => Fetched::Failed(words::NOT_BUILT.clone().into()),
    }
}

/// A file that the catalogue names.
pub async fn fetch<T: DeserializeOwned>(address: &str) -> Fetched<T> {
    match api::shipped_json(address).await {
        Ok(content) => Fetched::Here(content),
        Err(error) => Fetched::Failed(error.trouble()),
    }
}

/// What stands where the content will: a word, or why there is none and a button.
pub fn absent<T>(fetched: &Fetched<T>, again: impl Fn() + Send + 'static) -> AnyView {
    match fetched {
        Fetched::Failed(trouble) => {
            let trouble = trouble.clone();
            view! {
                <div class="notice bad stack" role="alert">
                    <div><TroubleText trouble /></div>
                    <p><button class="button" type="button" on:click=move |_| again()>{tr(&common::TRY_AGAIN)}</button></p>
                </div>
            }
            .into_any()
        }
        Fetched::Waiting | Fetched::Here(_) => {
            view! { <p class="quiet" role="status">{tr(&common::LOADING)}</p> }.into_any()
        }
    }
}
