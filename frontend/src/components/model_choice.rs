//! Which model answers: the one that came with the page, the one being trained, or one from the server.

use gloo::timers::future::TimeoutFuture;
use kindling_protocol::api::ModelVersion;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::pad::desk::Desk;
use super::toast;
use crate::api;
use crate::i18n::{home, language, own, t, tr};
use crate::runner::pad::{Pad, Source};
use crate::runner::{self, RunHandle};

/// Weights of a run that goes on are taken anew this often.
const REFRESH_MS: u32 = 2_000;

#[component]
pub fn ModelChoice() -> impl IntoView {
    let pad = Desk::here().pad;
    let versions = RwSignal::new(Vec::<ModelVersion>::new());
    spawn_local(async move {
        // Without a server there is nothing to choose from there; the models page says so.
        if let Ok(mut found) = api::models().await {
            found.sort_by_key(|version| std::cmp::Reverse(version.created_ms));
            let _ = versions.try_set(found);
        }
    });
    let run = runner::active();
    let options = Memo::new(move |_| {
        let running = run.get().map(|run| {
            let source = Source::Run { id: run.id().to_string() };
            // Tracked: what is trained now was trained here a moment later.
            run.state().track();
            (source, home::model_of_run(language(), &run.name(), run.is_live()))
        });
        let of_version = |version: ModelVersion| {
            let name = format!("{} v{}", version.name, version.version);
            (Source::Registry { name: version.name, version: version.version }, name)
        };
        let mut options = vec![(Source::Shipped, t(&home::MODEL_SHIPPED).to_string())];
        options.extend(running);
        options.extend(versions.get().into_iter().map(of_version));
        // A model that was opened from a link or from another page is in no list yet.
        let used = pad.model.get();
        if let Some(used) = used.filter(|used| options.iter().all(|(source, _)| *source != used.source)) {
            options.push((used.source, used.manifest.name));
        }
        options
    });
    let chosen =
        move || pad.model.with(|model| model.as_ref().map_or(key(&Source::Shipped), |model| key(&model.source)));
    let choose = move |list: web_sys::HtmlSelectElement| {
        let wanted = list.value();
        if let Some((source, _)) = options.get_untracked().into_iter().find(|(source, _)| key(source) == wanted) {
            let version =
                versions.with_untracked(|versions| versions.iter().find(|version| is(version, &source)).cloned());
            spawn_local(async move {
                use_model(pad, source, version).await;
                // After a refusal too, which changes nothing that would write it.
                list.set_value(&untrack(chosen));
            });
        }
    };
    view! {
        <label class="field model-choice">
            <span class="label">{tr(&home::MODEL)}</span>
            <select data-testid="model-choice" prop:value=chosen on:change:target=move |event| choose(event.target())>
                {move || options.get().into_iter().map(|(source, name)| {
                    let id = key(&source);
                    let selected = id == chosen();
                    view! { <option value=id selected=selected>{name}</option> }
                }).collect_view()}
            </select>
        </label>
    }
}

/// Switches the pad to a model. When it is refused, the model before goes on answering.
async fn use_model(pad: Pad, source: Source, version: Option<ModelVersion>) {
    let result = match (&source, version) {
        (Source::Registry { .. }, Some(version)) => pad.open_version(&version, |_| {}).await,
        (Source::Run { .. }, _) => return follow_run(pad).await,
        _ => pad.use_shipped().await,
    };
    if let Err(problem) = result {
        toast::show(&untrack(|| own(&problem.text)));
    }
}

/// Answers with the weights of the run as they are, and again as they become, until another model is chosen.
pub async fn follow_run(pad: Pad) {
    let Some(run) = runner::active().get_untracked() else { return };
    let source = Source::Run { id: run.id().to_string() };
    // Asked before the weights, so that the last round sees the last of them.
    let mut was_live = run.is_live();
    if let Err(problem) = take_weights(pad, &run, &source).await {
        return toast::show(&problem);
    }
    while was_live {
        TimeoutFuture::new(REFRESH_MS).await;
        if pad.model.with_untracked(|model| model.as_ref().is_none_or(|model| model.source != source)) {
            return;
        }
        was_live = run.is_live();
        if take_weights(pad, &run, &source).await.is_err() {
            return;
        }
    }
}

async fn take_weights(pad: Pad, run: &RunHandle, source: &Source) -> Result<(), String> {
    let words = |text: &crate::i18n::Text| untrack(|| own(text));
    let files = run.snapshot().await.map_err(|problem| words(&problem.text))?;
    let files = files.ok_or_else(|| words(&home::RUN_HAS_NO_MODEL))?;
    pad.load(files, source.clone()).await.map(drop).map_err(|problem| words(&problem.text))
}

fn is(version: &ModelVersion, source: &Source) -> bool {
    matches!(source, Source::Registry { name, version: number } if *name == version.name && *number == version.version)
}

fn key(source: &Source) -> String {
    match source {
        Source::Shipped => "shipped".into(),
        Source::Registry { name, version } => format!("registry {name} {version}"),
        Source::Run { id } => format!("run {id}"),
    }
}
