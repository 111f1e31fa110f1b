//! Every run kept in this browser and on the server.

mod state;

use std::collections::BTreeSet;
use std::time::Duration;

use kindling_protocol::api::RunState;
use kindling_protocol::lab::Place;
use kindling_protocol::text::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use state::Runs;

use crate::components::icons::Icon;
use crate::i18n::{self, lab as lab_words, runs as words, t, tr};
use crate::lab::changes::changes;
use crate::lab::compare::{MAX_RUNS, chart_runs};
use crate::lab::curves::Curves;
use crate::lab::figures;
use crate::lab::run_bar::{state_class, state_text};
use crate::runner::RunRow;
use crate::runner::pad::Pad;
use crate::store::quota::{self, Kept};
use crate::trouble::TroubleText;

/// Rows are read again this often: the server's runs move on by themselves.
const READ_EVERY: Duration = Duration::from_secs(3);

#[component]
pub fn RunsPage() -> impl IntoView {
    let page = Runs {
        rows: RwSignal::new(None),
        chosen: RwSignal::new(Vec::new()),
        renaming: RwSignal::new(None),
        leaving: RwSignal::new(Vec::new()),
        deletions: StoredValue::new(0),
        trouble: RwSignal::new(None),
    };
    page.read();
    let timer = set_interval_with_handle(move || page.read(), READ_EVERY);
    on_cleanup(move || timer.iter().for_each(|timer| timer.clear()));
    document().set_title(&format!("{} · Kindling", untrack(|| t(&words::TITLE))));
    on_cleanup(|| document().set_title("Kindling"));

    let leaving = Memo::new(move |_| {
        page.leaving.with(|rows| rows.iter().map(|(_, row)| row.info.id.clone()).collect::<BTreeSet<_>>())
    });
    let shown = Memo::new(move |_| {
        let mut rows = page.rows.get()?;
        leaving.with(|leaving| rows.retain(|row| !leaving.contains(&row.info.id)));
        Some(rows)
    });
    let stage = Memo::new(move |_| shown.with(|rows| rows.as_ref().map(|rows| rows.is_empty())));
    let on_file = move |event: web_sys::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            page.import(file);
        }
        input.set_value("");
    };
    let body = move || match stage.get() {
        None => view! { <p class="quiet" role="status">{tr(&words::LOADING)}</p> }.into_any(),
        Some(true) => view! {
            <div class="empty" data-testid="runs-empty">
                <h2>{tr(&words::EMPTY)}</h2>
                <p>{tr(&words::EMPTY_HELP)}</p>
                <a class="button primary" href="/labs">{tr(&lab_words::ALL_LABS)}</a>
            </div>
        }
        .into_any(),
        Some(false) => view! { <Table page rows=shown /> }.into_any(),
    };
    view! {
        <section class="page" data-testid="runs-page">
            <header class="row spread">
                <div class="stack">
                    <h1>{tr(&words::TITLE)}</h1>
                    <p class="lead">{tr(&words::LEAD)}</p>
                </div>
                <label class="button file-button">
                    {Icon::Download.view()}
                    <span>{tr(&words::IMPORT)}</span>
                    <input class="hidden-text" type="file" accept="application/json,.json" data-testid="import" on:change=on_file />
                </label>
            </header>
            <div role="status" class="stack">
                {move || page.trouble.get().map(|trouble| view! { <div class="notice bad" data-testid="trouble"><TroubleText trouble /></div> })}
                {move || page.leaving.get().into_iter().map(|(_, row)| view! { <Leaving page row /> }).collect_view()}
            </div>
            <Compared page />
            {body}
            <KeptHere />
        </section>
    }
}

/// How much this browser holds.
#[component]
fn KeptHere() -> impl IntoView {
    let kept = RwSignal::new(None);
    spawn_local(async move {
        let found = quota::look().await;
        let _ = kept.try_set(found.filter(|found| found.bytes > 0));
    });
    move || {
        let Kept { bytes, for_good } = kept.get()?;
        let told = words::kept(i18n::language(), &i18n::bytes(bytes), for_good);
        Some(view! { <p class="quiet" data-testid="kept">{told}</p> })
    }
}

/// A run that is about to be deleted, and the way back.
#[component]
fn Leaving(page: Runs, row: RunRow) -> impl IntoView {
    let (id, name) = (row.info.id, row.info.name);
    view! {
        <p class="notice warn row spread">
            <span>{move || words::deleted(i18n::language(), &name)}</span>
            <button class="button" type="button" data-testid="undo-delete" on:click=move |_| page.leaving.update(|rows| rows.retain(|(_, row)| row.info.id != id))>
                {Icon::Undo.view()} {tr(&words::UNDO)}
            </button>
        </p>
    }
}

/// Curves of the chosen runs over each other.
#[component]
fn Compared(page: Runs) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let lab = Memo::new(move |_| page.chosen.with(|chosen| chosen.first().map(|live| live.run.config().lab.clone())));
    let spec = Memo::new(move |_| pad.lab(&lab.get()?));
    let runs = Memo::new(move |_| page.chosen.with(|chosen| chart_runs(chosen)));
    move || {
        let spec = spec.get()?;
        Some(view! {
            <section class="stack" aria-labelledby="compared-title" data-testid="compared">
                <h2 id="compared-title">{tr(&words::COMPARED)}</h2>
                <Curves spec runs />
            </section>
        })
    }
}

#[component]
fn Table(page: Runs, rows: Memo<Option<Vec<RunRow>>>) -> impl IntoView {
    // Keyed by what a row shows, so that one that did not change keeps its focus.
    let key = |row: &RunRow| {
        let RunRow { info, .. } = row;
        format!("{}|{}|{:?}|{}", info.id, info.name, info.state, info.figures.len())
    };
    view! {
        <div class="table-scroll runs-scroll">
            <table class="runs-table" data-testid="runs-table">
                <thead>
                    <tr>
                        <th scope="col">{tr(&words::COMPARE)}</th>
                        <th scope="col">{tr(&words::NAME)}</th>
                        <th scope="col">{tr(&words::STATE)}</th>
                        <th scope="col">{tr(&words::CHANGES)}</th>
                        <th class="number" scope="col">{tr(&words::SEED)}</th>
                        <th scope="col">{tr(&words::PLACE)}</th>
                        <th scope="col">{tr(&words::FIGURES)}</th>
                        <th class="number" scope="col">{tr(&words::TIME)}</th>
                        <th scope="col"><span class="hidden-text">{tr(&words::ACTIONS)}</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get().unwrap_or_default() key=key let:row><Row page row /></For>
                </tbody>
            </table>
        </div>
    }
}

fn place_text(place: Place) -> &'static Text {
    match place {
        Place::Cpu => &lab_words::PLACE_CPU,
        Place::Gpu => &lab_words::PLACE_GPU,
        Place::Server => &lab_words::PLACE_SERVER,
    }
}

#[component]
fn Row(page: Runs, row: RunRow) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let info = row.info.clone();
    let told = {
        let config = info.config.clone();
        move || {
            let Some(spec) = pad.lab(&config.lab) else { return String::new() };
            let told = changes(&spec, &config).iter().map(|change| change.text()).collect::<Vec<_>>().join(" · ");
            if told.is_empty() { t(&words::DEFAULTS).to_string() } else { told }
        }
    };
    let title = {
        let lab = info.config.lab.clone();
        move || pad.lab(&lab).map_or(lab.clone(), |spec| i18n::own(&spec.title))
    };
    let figures = {
        let (lab, figures) = (info.config.lab.clone(), info.figures.clone());
        move || {
            let told = figures::in_words(pad.lab(&lab).as_ref(), &figures).into_iter();
            let line = |(name, value)| view! { <div><span class="quiet">{name}</span> " " <b class="number">{value}</b></div> };
            told.map(line).collect_view()
        }
    };
    let created_ms = info.created_ms;
    // By itself: a row that goes on would be built anew every few seconds if its key held it.
    let ran_ms = {
        let (id, known) = (info.id.clone(), info.ran_ms);
        Memo::new(move |_| {
            let now = page.rows.with(|rows| {
                let row = rows.iter().flatten().find(|row| row.info.id == id);
                row.map(|row| row.info.ran_ms)
            });
            now.unwrap_or(known)
        })
    };
    view! {
        <tr data-testid=format!("run-row-{}", info.id)>
            <td class="runs-check"><CompareBox page row=row.clone() /></td>
            <td class="runs-name-cell"><Name page row=row.clone() title=Signal::derive(title) /></td>
            <td><span class=state_class(info.state)>{tr(state_text(info.state))}</span></td>
            <td class="runs-changes">{told}</td>
            <td class="number" data-label=tr(&words::SEED)>{info.config.seed.to_string()}</td>
            <td>{tr(place_text(row.place))}</td>
            <td class="runs-figures">{figures}</td>
            <td class="number">
                <div>{move || lab_words::duration(i18n::language(), ran_ms.get() as f64 / 1000.0)}</div>
                <div class="quiet">{move || i18n::dates::short(created_ms)}</div>
            </td>
            <td><RowActions page row /></td>
        </tr>
    }
}

#[component]
fn CompareBox(page: Runs, row: RunRow) -> impl IntoView {
    let (id, lab, name) = (row.info.id.clone(), row.info.config.lab, row.info.name);
    let mine = id.clone();
    let is_chosen = Memo::new(move |_| page.chosen.with(|chosen| chosen.iter().any(|live| live.run.id() == mine)));
    let other_lab =
        Memo::new(move |_| page.chosen.with(|chosen| chosen.first().is_some_and(|live| live.run.config().lab != lab)));
    let full = move || page.chosen.with(Vec::len) >= MAX_RUNS && !is_chosen.get();
    view! {
        <label title=move || other_lab.get().then(|| t(&words::OTHER_LAB))>
            <input
                type="checkbox"
                data-testid=format!("choose-{id}")
                aria-label=move || words::of_run(i18n::language(), t(&words::COMPARE), &name)
                prop:checked=move || is_chosen.get()
                prop:disabled=move || other_lab.get() || full()
                on:change=move |event| page.choose(id.clone(), event_target_checked(&event))
            />
        </label>
    }
}

/// The run's name, which opens it; or the field to change it.
#[component]
fn Name(page: Runs, row: RunRow, title: Signal<String>) -> impl IntoView {
    let row = StoredValue::new(row);
    let renaming = Memo::new(move |_| page.renaming.with(|id| row.with_value(|row| id.as_ref() == Some(&row.info.id))));
    let field = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            field.select();
        }
    });
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            page.rename(row.get_value(), field.value());
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            page.renaming.set(None);
        }
    };
    move || {
        let (name, href) = row.with_value(|row| {
            let RunRow { info, .. } = row;
            (info.name.clone(), format!("/labs/{}?run={}", info.config.lab, info.id))
        });
        if renaming.get() {
            return view! {
                <form class="runs-rename" on:submit=save on:keydown=on_key>
                    <input type="text" maxlength="100" required node_ref=field value=name aria-label=tr(&words::NAME) data-testid="rename-field" />
                    <button class="button icon" type="submit" aria-label=tr(&words::SAVE) title=tr(&words::SAVE)>{Icon::Check.view()}</button>
                </form>
            }
            .into_any();
        }
        view! { <div class="runs-name"><a href=href>{name}</a><span class="quiet">{title}</span></div> }.into_any()
    }
}

#[component]
fn RowActions(page: Runs, row: RunRow) -> impl IntoView {
    let row = StoredValue::new(row);
    let (state, place) = row.with_value(|row| (row.info.state, row.place));
    let resumable = matches!(state, RunState::Interrupted | RunState::Stopped | RunState::Failed);
    // A run that a tab of this browser computes has to be stopped before it can go.
    let busy = place != Place::Server && matches!(state, RunState::Queued | RunState::Running | RunState::Paused);
    let button =
        move |icon: Icon, label: &'static Text, testid: &'static str, disabled: bool, act: fn(Runs, RunRow)| {
            let spoken =
                move || words::of_run(i18n::language(), t(label), &row.with_value(|row| row.info.name.clone()));
            view! {
                <button
                    class="button plain icon"
                    type="button"
                    data-testid=testid
                    aria-label=spoken
                    title=tr(label)
                    disabled=disabled
                    on:click=move |_| act(page, row.get_value())
                >
                    {icon.view()}
                </button>
            }
        };
    view! {
        <div class="runs-actions">
            {resumable.then(|| button(Icon::Play, &words::RESUME, "run-resume", false, Runs::resume))}
            {button(Icon::Pen, &words::RENAME, "run-rename", false, |page, row| page.renaming.set(Some(row.info.id)))}
            {button(Icon::Download, &words::EXPORT, "run-export", false, Runs::export)}
            {button(Icon::Clear, &words::DELETE, "run-delete", busy, Runs::delete)}
        </div>
    }
}
