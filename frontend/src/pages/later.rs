//! Every page but the first screen, in a part of the program that is fetched when it is needed.
//!
//! The build moves what only [`build`] reaches into a file of its own (`web-later.wasm`), so that a person who wants
//! to draw does not wait for charts and tables. Both parts share one memory: signals, contexts and stores are the same.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::i18n::{common, tr};
use crate::pages::engine::EnginePage;
use crate::pages::lab::{LabPage, LabsPage};
use crate::pages::models::ModelsPage;
use crate::pages::question::QuestionPage;
use crate::pages::questions::QuestionsPage;
use crate::pages::runs::RunsPage;
use crate::router::Route;

type Build = fn(Route) -> AnyView;

/// How far the part is.
#[derive(Clone, Copy)]
enum Part {
    Absent,
    Loading,
    Here(Build),
    /// It could not be fetched. A later attempt begins anew.
    Failed,
}

thread_local! {
    static PART: ArcRwSignal<Part> = ArcRwSignal::new(Part::Absent);
}

/// The page at `route`, as soon as its code is here.
#[component]
pub fn LaterPage(route: Route) -> impl IntoView {
    fetch();
    move || match PART.with(|part| part.get()) {
        Part::Here(build) => build(route.clone()),
        Part::Failed => view! {
            <section class="page narrow">
                <div class="notice bad row" role="alert" data-testid="page-part-failed">
                    <span>{tr(&common::PART_FAILED)}</span>
                    <button class="button" on:click=move |_| fetch()>{tr(&common::TRY_AGAIN)}</button>
                </div>
            </section>
        }
        .into_any(),
        Part::Absent | Part::Loading => {
            view! { <p class="page quiet" role="status">{tr(&common::LOADING)}</p> }.into_any()
        }
    }
}

/// Begins to fetch the part, unless it is here or on its way.
pub fn fetch() {
    let part = PART.with(Clone::clone);
    if matches!(part.get_untracked(), Part::Loading | Part::Here(_)) {
        return;
    }
    part.set(Part::Loading);
    spawn_local(async move { part.set(load().await.map_or(Part::Failed, Part::Here)) });
}

/// Where the split runs: nothing else may name [`build`], or its code stays in the first part.
#[allow(unsafe_code, reason = "the macro declares what the linker is to find in the other part")]
mod seam {
    use super::*;

    #[wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
    pub fn load() -> Result<Build, SplitLoaderError> {
        Ok(build)
    }
}
use seam::load;

fn build(route: Route) -> AnyView {
    match route {
        Route::Labs => view! { <LabsPage /> }.into_any(),
        Route::Lab(slug) => view! { <LabPage slug /> }.into_any(),
        Route::Questions => view! { <QuestionsPage /> }.into_any(),
        Route::Question(id) => view! { <QuestionPage id /> }.into_any(),
        Route::Runs => view! { <RunsPage /> }.into_any(),
        Route::Engine => view! { <EnginePage /> }.into_any(),
        Route::Models => view! { <ModelsPage /> }.into_any(),
        Route::Pad | Route::Unknown => ().into_any(),
    }
}
