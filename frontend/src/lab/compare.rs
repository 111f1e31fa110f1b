//! Earlier runs of the lab, to be laid over the curves.

use std::collections::BTreeSet;

use kindling_protocol::api::RunState;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::charts::chart::ChartRun;
use crate::charts::plot::HUES;
use crate::i18n::{self, lab as words, tr};
use crate::lab::changes::changes;
use crate::lab::live::LiveRun;
use crate::lab::state::LabState;
use crate::runner::{self, RunRow};

/// More curves than colours can't be told apart.
pub const MAX_RUNS: usize = HUES;

/// Runs as a chart shows them: the one at the run bar first.
pub fn chart_runs<'a>(runs: impl IntoIterator<Item = &'a LiveRun>) -> Vec<ChartRun> {
    let one = |(index, live): (usize, &LiveRun)| ChartRun {
        id: live.run.id().to_string(),
        name: live.run.name(),
        letter: (b'A' + index as u8) as char,
        hue: index,
        view: live.view.clone(),
    };
    runs.into_iter().take(MAX_RUNS).enumerate().map(one).collect()
}

#[component]
pub fn Compare(state: LabState) -> impl IntoView {
    let rows = RwSignal::new(Vec::<RunRow>::new());
    let slug = StoredValue::new(state.spec.with_value(|spec| spec.slug.to_string()));
    // Read again when a run begins or ends.
    Effect::new(move |_| {
        let _ = state.run_state();
        spawn_local(async move {
            let mut all = runner::runs().await;
            all.retain(|row| slug.try_with_value(|slug| row.info.config.lab == *slug) == Some(true));
            rows.try_set(all);
        });
    });
    let chosen = Memo::new(move |_| {
        let ids = |runs: &Vec<LiveRun>| runs.iter().map(|live| live.run.id().to_string()).collect::<BTreeSet<_>>();
        state.compared.with(ids)
    });
    let own = Memo::new(move |_| state.live.with(|live| live.as_ref().map(|live| live.run.id().to_string())));
    let others = move || {
        let mut others = rows.get();
        others.retain(|row| Some(&row.info.id) != own.get().as_ref() && row.info.state != RunState::Queued);
        others
    };
    let line = move |row: RunRow| {
        let id = row.info.id.clone();
        let (mine, opened) = (id.clone(), id.clone());
        let is_chosen = Memo::new(move |_| chosen.with(|chosen| chosen.contains(&mine)));
        let full = move || chosen.with(BTreeSet::len) + 1 >= MAX_RUNS && !is_chosen.get();
        let told = state.spec.with_value(|spec| changes(spec, &row.info.config));
        view! {
            <li>
                <label class="compare-run">
                    <input
                        type="checkbox"
                        prop:checked=move || is_chosen.get()
                        disabled=full
                        data-testid=format!("compare-{id}")
                        on:change=move |event| choose(state, &opened, event_target_checked(&event))
                    />
                    <span>{row.info.name.clone()}</span>
                    <span class="quiet">{move || told.iter().map(|change| change.text()).collect::<Vec<_>>().join(" · ")}</span>
                    <span class="quiet number">{i18n::dates::short(row.info.created_ms)}</span>
                </label>
            </li>
        }
    };
    view! {
        <details class="compare" data-testid="compare">
            <summary>{tr(&words::COMPARE)}</summary>
            {move || {
                let others = others();
                if others.is_empty() {
                    view! { <p class="quiet">{tr(&words::COMPARE_NONE)}</p> }.into_any()
                } else {
                    view! { <ul>{others.into_iter().map(line).collect_view()}</ul> }.into_any()
                }
            }}
        </details>
    }
}

fn choose(state: LabState, id: &str, chosen: bool) {
    if !chosen {
        state.compared.update(|compared| compared.retain(|live| live.run.id() != id));
        return;
    }
    let id = id.to_string();
    spawn_local(async move {
        match runner::open(&id).await {
            Ok(run) => {
                let live = LiveRun::new(run);
                state.compared.try_update(|compared| {
                    if !compared.contains(&live) && compared.len() + 1 < MAX_RUNS {
                        compared.push(live);
                    }
                });
            }
            Err(trouble) => state.tell(trouble),
        }
    });
}
