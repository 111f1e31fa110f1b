//! What can be done with a run's model: use it on the pad, publish it.

use std::time::Duration;

use kindling_protocol::lab::Place;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::components::dialog::Dialog;
use crate::components::icons::Icon;
use crate::i18n::{self, lab as words, tr};
use crate::lab::state::LabState;
use crate::runner::RunHandle;
use crate::runner::pad::{Pad, Source};
use crate::trouble::{Trouble, TroubleText};

/// While a run goes on, the pad takes its newest weights this often.
const FOLLOW_EVERY: Duration = Duration::from_secs(3);

/// What became of an action.
#[derive(Clone, PartialEq)]
enum Outcome {
    OnPad { difference: f32 },
    Published { name: String, version: u32 },
    Trouble(Trouble),
}

#[component]
pub fn ModelActions(state: LabState) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let outcome = RwSignal::new(None::<Outcome>);
    let busy = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let name = RwSignal::new(state.spec.with_value(|spec| spec.slug.to_string()));
    // What was said of one run is not said of the next.
    Effect::watch(
        move || state.live.with(|live| live.as_ref().map(|live| live.run.id().to_string())),
        move |_, _, _| outcome.set(None),
        false,
    );

    let act = move |work: Box<dyn FnOnce(RunHandle)>| {
        if let Some(live) = state.live.get_untracked() {
            busy.set(true);
            outcome.set(None);
            work(live.run);
        }
    };
    let to_pad = move |_| {
        act(Box::new(move |run| {
            spawn_local(async move {
                let done = match put_on_pad(pad, &run).await {
                    Ok(Some(difference)) => {
                        spawn_local(follow(pad, run));
                        Outcome::OnPad { difference }
                    }
                    Ok(None) => Outcome::Trouble(words::NO_MODEL_YET.clone().into()),
                    Err(trouble) => Outcome::Trouble(trouble),
                };
                busy.try_set(false);
                outcome.try_set(Some(done));
            });
        }));
    };
    let publish = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        asking.set(false);
        let name = name.get_untracked();
        act(Box::new(move |run| {
            spawn_local(async move {
                let done = match publish(&run, &name).await {
                    Ok((name, version)) => Outcome::Published { name, version },
                    Err(trouble) => Outcome::Trouble(trouble),
                };
                busy.try_set(false);
                outcome.try_set(Some(done));
            });
        }));
    };
    let none = move || state.live.with(Option::is_none) || busy.get();
    let told = move || {
        let language = i18n::language();
        Some(match outcome.get()? {
            Outcome::OnPad { difference } => view! {
                <p class="notice good" role="status">{words::pad_follows(language, difference)} " " <a href="/" data-testid="open-pad">{tr(&words::OPEN_PAD)}</a></p>
            }.into_any(),
            Outcome::Published { name, version } => view! {
                <p class="notice good" role="status">{words::published(language, &name, version)} " " <a href="/models">{tr(&words::PUBLISHED_LINK)}</a></p>
            }.into_any(),
            Outcome::Trouble(trouble) => view! { <div class="notice warn" role="status"><TroubleText trouble /></div> }.into_any(),
        })
    };
    view! {
        <div class="model-actions">
            <div class="row">
                <button class="button" type="button" data-testid="to-pad" disabled=none on:click=to_pad>{Icon::Pen.view()} {tr(&words::TO_PAD)}</button>
                <button class="button" type="button" data-testid="publish" disabled=none on:click=move |_| asking.set(true)>{Icon::Share.view()} {tr(&words::PUBLISH)}</button>
            </div>
            {told}
        </div>
        <Dialog open=asking title=&words::PUBLISH_TITLE>
            <form class="stack" on:submit=publish>
                <label class="field">
                    <span class="label">{tr(&words::PUBLISH_NAME)}</span>
                    <input
                        type="text"
                        required
                        pattern="[a-z0-9][a-z0-9\\-]*"
                        maxlength="64"
                        data-testid="publish-name"
                        prop:value=move || name.get()
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                </label>
                <button class="button primary" type="submit" data-testid="publish-do">{tr(&words::PUBLISH_DO)}</button>
            </form>
        </Dialog>
    }
}

/// Gives the pad the run's weights as they are now. Nothing if there are none yet.
async fn put_on_pad(pad: Pad, run: &RunHandle) -> Result<Option<f32>, Trouble> {
    let Some(files) = run.snapshot().await? else { return Ok(None) };
    pad.load(files, Source::Run { id: run.id().to_string() }).await.map(Some)
}

/// Keeps the pad at the run's newest weights, until the run ends or the pad is given another model.
/// Goes on when the lab's page is left: the pad is on another one.
async fn follow(pad: Pad, run: RunHandle) {
    let source = Source::Run { id: run.id().to_string() };
    let mut was_live = true;
    while was_live {
        gloo::timers::future::sleep(FOLLOW_EVERY).await;
        if pad.model.with_untracked(|model| model.as_ref().is_none_or(|model| model.source != source)) {
            return;
        }
        // Asked before the weights, so that the last round sees the last of them.
        was_live = run.is_live();
        if put_on_pad(pad, &run).await.is_err() {
            return;
        }
    }
}

async fn publish(run: &RunHandle, name: &str) -> Result<(String, u32), Trouble> {
    let version = match run.place() {
        Place::Server => api::publish_run(run.id(), name).await.map_err(|error| error.trouble())?,
        Place::Cpu | Place::Gpu => {
            let files = run.snapshot().await?.ok_or_else(|| words::NO_MODEL_YET.clone())?;
            api::publish_model(name, &files).await.map_err(|error| error.trouble())?
        }
    };
    Ok((version.name, version.version))
}
