//! What a run will take, before it starts.

use std::time::Duration;

use kindling_protocol::lab::Cost;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::i18n::{self, lab as words, tr};
use crate::lab::speed;
use crate::lab::state::LabState;
use crate::runner::pad::Pad;
use crate::trouble::{Trouble, TroubleText};

/// A slider that is dragged asks once, when it rests.
const ASK_AFTER: Duration = Duration::from_millis(150);

#[component]
pub fn CostLine(state: LabState) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let cost = RwSignal::new(None::<Result<Cost, Trouble>>);
    let asked = StoredValue::new(0u64);
    Effect::new(move |_| {
        let config = state.config.get();
        asked.update_value(|asked| *asked += 1);
        let mine = asked.get_value();
        let ask = move || {
            if asked.try_get_value() != Some(mine) {
                return;
            }
            spawn_local(async move {
                let answer = pad.estimate(config).await;
                if asked.try_get_value() == Some(mine) {
                    cost.try_set(Some(answer));
                }
            });
        };
        set_timeout(ask, ASK_AFTER);
    });
    // A run measures the speed anew, so its end is waited for too.
    let per_second = move || {
        let _ = state.run_state();
        speed::known(&state.config.read(), state.place.get())
    };
    let shown = move || match cost.get() {
        None => None,
        Some(Err(trouble)) => Some(view! { <div class="knob-help"><TroubleText trouble /></div> }.into_any()),
        Some(Ok(cost)) => Some(facts(cost, per_second()).into_any()),
    };
    view! {
        <section class="cost" aria-labelledby="cost-title" data-testid="cost">
            <h2 id="cost-title">{tr(&words::COST)}</h2>
            {shown}
        </section>
    }
}

fn facts(cost: Cost, samples_per_s: Option<f64>) -> impl IntoView {
    let language = i18n::language();
    let time = match samples_per_s {
        Some(speed) => {
            let about = words::about(language, cost.samples as f64 / speed);
            format!("{about} ({})", words::speed(language, speed))
        }
        None => words::COST_TIME_UNKNOWN.get(language).to_string(),
    };
    view! {
        <dl class="facts">
            <dt>{tr(&words::COST_TIME)}</dt><dd data-testid="cost-time">{time}</dd>
            <dt>{tr(&words::COST_STEPS)}</dt><dd class="number" data-testid="cost-steps">{words::grouped(cost.steps)}</dd>
            <dt>{tr(&words::COST_SAMPLES)}</dt><dd class="number">{words::grouped(cost.samples)}</dd>
            <dt>{tr(&words::COST_PARAMETERS)}</dt><dd class="number" data-testid="cost-parameters">{words::grouped(cost.parameters)}</dd>
            <dt>{tr(&words::COST_DATA)}</dt><dd class="number">{i18n::bytes(cost.data_bytes)}</dd>
            <dt>{tr(&words::COST_MEMORY)}</dt><dd class="number">{i18n::bytes(cost.memory_bytes)}</dd>
        </dl>
    }
}
