//! What has to be said beside the curves: what was noted, what failed and what helps.

use kindling_protocol::event::FailureCode;
use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{self, lab as words, tr};
use crate::lab::run_view::{End, RunView};
use crate::lab::state::LabState;
use crate::trouble::{Trouble, TroubleText};

/// Notices come and stay in one live region, so that a screen reader hears each once.
#[component]
pub fn Notices(state: LabState) -> impl IntoView {
    let of_run = move |look: fn(&RunView) -> Vec<Text>| {
        Memo::new(move |_| {
            state.live.with(|live| live.as_ref().map(|live| look(&live.view.read())).unwrap_or_default())
        })
    };
    let notes = of_run(|view| view.notes.clone());
    let failure = Memo::new(move |_| state.live.with(|live| failure(&live.as_ref()?.view.read())));
    let line = |class: &'static str, text: Text| view! { <p class=class>{move || i18n::own(&text)}</p> };
    let waiting = Memo::new(move |_| state.waiting_for_reset());
    let reset_and_run = move |_| {
        state.reset();
        state.run_when_free();
    };
    view! {
        <div class="notices" role="status">
            {move || state.trouble.get().map(|trouble| view! {
                <div class="notice bad row spread" data-testid="trouble">
                    <div><TroubleText trouble /></div>
                    <button class="button plain icon" type="button" aria-label=tr(&words::CLOSE_IMAGES) on:click=move |_| state.trouble.set(None)>{Icon::Cross.view()}</button>
                </div>
            })}
            {move || failure.get().map(|(trouble, can_go_on)| view! {
                <div class="notice bad" data-testid="failure">
                    <TroubleText trouble />
                    {can_go_on.then(|| view! {
                        <div class="row">
                            <button class="button" type="button" data-testid="resume-failed" disabled=move || state.starting.get() on:click=move |_| state.resume()>{tr(&words::GO_ON_FROM_CHECKPOINT)}</button>
                        </div>
                    })}
                </div>
            })}
            {move || (!waiting.read().is_empty()).then(|| {
                let names = waiting.get().iter().map(i18n::own).collect::<Vec<_>>().join(", ");
                view! {
                    <div class="notice warn" data-testid="needs-reset">
                        <p>{tr(&words::NEW_RUN_NEEDED)} " " <b>{names}</b></p>
                        <div class="row">
                            <button class="button" type="button" data-testid="reset-and-run" on:click=reset_and_run>{tr(&words::RESET_AND_RUN)}</button>
                            <button class="button plain" type="button" on:click=move |_| state.keep_running_config()>{tr(&words::KEEP_RUNNING)}</button>
                        </div>
                    </div>
                }
            })}
            {move || notes.get().into_iter().map(|text| line("notice", text)).collect_view()}
        </div>
    }
}

/// Why the run failed, and whether another try from its checkpoint may end better.
fn failure(view: &RunView) -> Option<(Trouble, bool)> {
    let Some(End::Failed { code, trouble }) = &view.end else { return None };
    let hopeless = matches!(code, FailureCode::NotANumber | FailureCode::Checkpoint);
    Some((trouble.clone(), !hopeless && view.checkpoint.is_some()))
}
