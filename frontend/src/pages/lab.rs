//! The list of labs, and the page of one lab, generated from its spec.

use kindling_protocol::api::RunState;
use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::{LabSpec, Place};
use kindling_protocol::run::{LinkFault, RunConfig};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::copy;
use crate::components::icons::Icon;
use crate::i18n::{self, lab as words, tr};
use crate::lab::actions::ModelActions;
use crate::lab::compare::{Compare, chart_runs};
use crate::lab::cost::CostLine;
use crate::lab::curves::Curves;
use crate::lab::goals::Goals;
use crate::lab::knobs::KnobsForm;
use crate::lab::live::LiveRun;
use crate::lab::notices::Notices;
use crate::lab::own_drawing::OwnDrawing;
use crate::lab::panels::Panels;
use crate::lab::place::PlaceChoice;
use crate::lab::run_bar::RunBar;
use crate::lab::state::LabState;
use crate::router;
use crate::runner::pad::Pad;
use crate::runner::{self, RunHandle, RunRow};
use crate::trouble::TroubleText;

/// Cards of all labs.
#[component]
pub fn LabsPage() -> impl IntoView {
    let pad = expect_context::<Pad>();
    let card = |lab: LabSpec| {
        let (title, summary, knobs) = (lab.title, lab.summary, lab.knobs.len());
        let places = PLACES.into_iter().filter(|(place, _)| lab.places.contains(place));
        let places = places.map(|(_, label)| view! { <span class="badge">{tr(label)}</span> }).collect_view();
        view! {
            <li class="card lab-card" data-testid=format!("lab-card-{}", lab.slug)>
                <h2><a href=format!("/labs/{}", lab.slug)>{move || i18n::own(&title)}</a></h2>
                <p>{move || i18n::own(&summary)}</p>
                <p class="row lab-card-foot">{places}<span class="quiet">{move || words::knob_count(i18n::language(), knobs)}</span></p>
            </li>
        }
    };
    view! {
        <section class="page" data-testid="labs-page">
            <header class="stack">
                <h1>{tr(&words::LABS_TITLE)}</h1>
                <p class="lead">{tr(&words::LABS_LEAD)}</p>
            </header>
            <EngineGate>
                <ul class="lab-cards">{move || pad.labs().into_iter().map(card).collect_view()}</ul>
            </EngineGate>
        </section>
    }
}

const PLACES: [(Place, &i18n::Text); 3] =
    [(Place::Cpu, &words::PLACE_CPU), (Place::Gpu, &words::PLACE_GPU), (Place::Server, &words::PLACE_SERVER)];

/// Labs are known once the engine, which has them, has started.
#[component]
fn EngineGate(children: ChildrenFn) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let is_ready = Memo::new(move |_| pad.ready.with(Option::is_some));
    move || {
        if is_ready.get() {
            return children().into_any();
        }
        match pad.problem.get() {
            Some(problem) => view! { <div class="notice bad"><TroubleText trouble=problem /></div> }.into_any(),
            None => view! { <p class="quiet" role="status">{tr(&words::ENGINE_STARTS)}</p> }.into_any(),
        }
    }
}

#[component]
pub fn LabPage(slug: String) -> impl IntoView {
    view! { <LabOf slug within=None /> }
}

/// What a question asks of its lab.
#[derive(Clone, PartialEq)]
pub struct Within {
    pub slug: String,
    /// To begin with, laid over the defaults, where the address has no settings.
    pub knobs: Knobs,
    /// The goals that are shown.
    pub goals: Vec<String>,
}

/// A lab as a part of another page, which has a heading for it.
#[component]
pub fn LabWithin(within: Within) -> impl IntoView {
    view! { <LabOf slug=within.slug.clone() within=Some(within) /> }
}

#[component]
fn LabOf(slug: String, within: Option<Within>) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let spec = Memo::new(move |_| pad.lab(&slug));
    let within = StoredValue::new(within);
    view! {
        <EngineGate>
            {move || match spec.get() {
                Some(spec) => view! { <Lab spec within=within.get_value() /> }.into_any(),
                None => view! {
                    <section class="page narrow">
                        <h1>{tr(&words::NO_SUCH_LAB)}</h1>
                        <p><a class="button primary" href="/labs">{tr(&words::ALL_LABS)}</a></p>
                    </section>
                }.into_any(),
            }}
        </EngineGate>
    }
}

/// Names in the address that are not knobs: where to run, and a run to look at.
const PLACE_NAME: &str = "place";
const RUN_NAME: &str = "run";

#[component]
fn Lab(mut spec: LabSpec, within: Option<Within>) -> impl IntoView {
    if let Some(within) = &within {
        spec.goals.retain(|goal| within.goals.iter().any(|id| *id == goal.id));
    }
    let pairs = untrack(router::query_pairs);
    let asked_for = |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    let place = asked_for(PLACE_NAME).and_then(|word| place_of(&spec, &word));
    let knobs = pairs.iter().filter(|(name, _)| name != PLACE_NAME && name != RUN_NAME).cloned();
    let (mut config, faults) = RunConfig::from_query(&spec, knobs);
    if let Some(within) = within.as_ref().filter(|_| pairs.is_empty()) {
        config.knobs.0.extend(within.knobs.0.clone());
        config = config.resolve(&spec).unwrap_or_else(|_| RunConfig::new(&spec));
    }
    let state = LabState::new(
        spec.clone(),
        config,
        place.unwrap_or_else(|| spec.places.first().copied().unwrap_or(Place::Cpu)),
    );
    attach(state, asked_for(RUN_NAME), !pairs.is_empty());
    address_follows(state, within.as_ref().is_some_and(|within| !within.knobs.0.is_empty()));

    let runs = Memo::new(move |_| {
        let (live, compared) = (state.live.read(), state.compared.read());
        chart_runs(live.iter().chain(compared.iter()))
    });
    let (title, summary, model) = (spec.title.clone(), spec.summary.clone(), spec.model);
    let own_drawing = spec.drawing.clone().map(|examination| {
        let open = state.live.with_untracked(Option::is_none);
        view! { <OwnDrawing lab=spec.slug.to_string() examination open /> }
    });
    view! {
        <div class="page lab" data-testid="lab-page">
            {within.is_none().then(|| view! {
                <header class="lab-head">
                    <h1>{move || i18n::own(&title)}</h1>
                    <p class="lead">{move || i18n::own(&summary)}</p>
                </header>
            })}
            <LinkFaults state faults />
            <div class="lab-columns">
                <div class="lab-form card">
                    <PlaceChoice state />
                    <h2>{tr(&words::KNOBS)}</h2>
                    <KnobsForm state />
                    <LinkButtons state />
                    <CostLine state />
                </div>
                <div class="lab-run">
                    <RunBar state />
                    <CutOff state />
                    <Notices state />
                    <Goals state />
                    {own_drawing}
                    <section class="lab-curves" aria-labelledby="curves-title">
                        <h2 id="curves-title">{tr(&words::CURVES)}</h2>
                        <Curves spec runs />
                        <Compare state />
                    </section>
                    <section class="lab-results" aria-labelledby="results-title">
                        <div class="row spread">
                            <h2 id="results-title">{tr(&words::RESULTS)}</h2>
                        </div>
                        {model.then(|| view! { <ModelActions state /> })}
                        <Panels state />
                    </section>
                </div>
            </div>
        </div>
    }
}

fn place_of(spec: &LabSpec, word: &str) -> Option<Place> {
    spec.places.iter().copied().find(|place| place_word(*place) == word)
}

fn place_word(place: Place) -> &'static str {
    match place {
        Place::Cpu => "cpu",
        Place::Gpu => "gpu",
        Place::Server => "server",
    }
}

/// Shows the run a link asks for, or the one that goes on, whichever page started it. A link with
/// settings is about a new run, unless one goes on or was just made with them.
fn attach(state: LabState, asked: Option<String>, has_settings: bool) {
    if let Some(id) = asked {
        spawn_local(async move {
            match runner::open(&id).await {
                Ok(run) => state.show_run(LiveRun::new(run)),
                Err(trouble) => state.tell(trouble),
            }
        });
        return;
    }
    let slug = state.spec.with_value(|spec| spec.slug.to_string());
    let active = runner::active().get_untracked().filter(|run| run.config().lab == slug);
    let same = |run: &RunHandle| state.config.with_untracked(|config| run.config() == config);
    if let Some(run) = active.filter(|run| run.is_live() || !has_settings || same(run)) {
        state.show_run(LiveRun::new(run));
    }
}

/// The lab's defaults, said in so many words.
pub const DEFAULTS: &str = "seed=1";

/// The address holds the whole configuration, so a reload or a copied link shows the same form. Where an empty one means
/// `other_settings`, those of a question, the lab's own defaults are named.
fn address_follows(state: LabState, other_settings: bool) {
    Effect::new(move |_| {
        let query = state.spec.with_value(|spec| {
            let place = state.place.get();
            let mut query = state.config.read().to_query(spec);
            if spec.places.first() != Some(&place) {
                let separator = if query.is_empty() { "" } else { "&" };
                query = format!("{query}{separator}{PLACE_NAME}={}", place_word(place));
            }
            if query.is_empty() && other_settings { DEFAULTS.to_owned() } else { query }
        });
        router::replace_query(&query);
    });
}

#[component]
fn LinkFaults(state: LabState, faults: Vec<LinkFault>) -> impl IntoView {
    (!faults.is_empty()).then(|| {
        let line = move |fault: LinkFault| {
            let text = state.spec.with_value(|spec| i18n::link_faults::told(spec, &fault));
            view! { <li>{move || i18n::own(&text)}</li> }
        };
        let lines = faults.into_iter().map(line).collect_view();
        view! {
            <div class="notice warn" role="status" data-testid="link-faults">
                <p>{tr(&words::LINK_FAULT)}</p>
                <ul class="plain-list">{lines}</ul>
            </div>
        }
    })
}

#[component]
fn LinkButtons(state: LabState) -> impl IntoView {
    let copy = move |_| {
        let link = window().location().href().unwrap_or_default();
        copy::copy(&link, &words::LINK_COPIED, &words::LINK_NOT_COPIED);
    };
    let defaults = move |_| {
        let fresh = state.spec.with_value(RunConfig::new);
        for (id, value) in fresh.knobs.0 {
            if state.config.with_untracked(|config| config.knobs.0.get(&id) != Some(&value)) {
                state.set_knob(&id, value);
            }
        }
        state.set_seed(fresh.seed);
    };
    view! {
        <div class="row">
            <button class="button" type="button" data-testid="copy-link" on:click=copy>{Icon::Link.view()} {tr(&words::COPY_LINK)}</button>
            <button class="button plain" type="button" data-testid="defaults" on:click=defaults>{tr(&words::DEFAULTS)}</button>
        </div>
    }
}

/// Offers to go on with a run of this lab that a reload or a crash cut off.
#[component]
fn CutOff(state: LabState) -> impl IntoView {
    let slug = state.spec.with_value(|spec| spec.slug.to_string());
    let found = RwSignal::new(None::<RunRow>);
    spawn_local(async move {
        let rows = runner::unfinished().await;
        found.try_set(
            rows.into_iter().find(|row| row.info.config.lab == slug && row.info.state == RunState::Interrupted),
        );
    });
    move || {
        let row = found.get().filter(|_| state.live.with(Option::is_none))?;
        let (id, name) = (row.info.id, row.info.name);
        Some(view! {
            <div class="notice" role="status" data-testid="cut-off">
                <p>{tr(&words::CUT_OFF_RUN)} " " <b>{name}</b></p>
                <div class="row">
                    <button class="button" type="button" data-testid="resume-cut-off" on:click=move |_| state.resume_run(id.clone())>{tr(&words::GO_ON)}</button>
                    <button class="button plain" type="button" on:click=move |_| found.set(None)>{tr(&words::DISMISS)}</button>
                </div>
            </div>
        })
    }
}
