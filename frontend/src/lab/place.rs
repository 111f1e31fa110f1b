//! Where the run takes place. A place that is not to be had is shown with the reason.

use kindling_protocol::knob::{self, KnobError, KnobKind};
use kindling_protocol::lab::Place;
use kindling_protocol::text::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::i18n::{self, lab as words, tr};
use crate::lab::segmented::Segmented;
use crate::lab::state::LabState;
use crate::runner::gpu::{self, Found};

#[component]
pub fn PlaceChoice(state: LabState) -> impl IntoView {
    let gpu = RwSignal::new(Some(words::GPU_SEARCHING.clone()));
    let server = RwSignal::new(Some(words::SERVER_SEARCHING.clone()));
    spawn_local(async move {
        gpu.try_set(why_no_gpu().await);
    });
    spawn_local(async move {
        server.try_set(api::info().await.err().map(|error| error.trouble().text));
    });
    let reason = move |place: Place| -> Option<Text> {
        if !state.spec.with_value(|spec| spec.places.contains(&place)) {
            return Some(words::PLACE_NOT_FOR_LAB.clone());
        }
        match place {
            Place::Cpu => None,
            Place::Gpu => gpu.get(),
            Place::Server => what_stays(state).cloned().or_else(|| server.get()),
        }
    };
    // Chosen before the file was: the run takes place here then.
    Effect::new(move |_| {
        if what_stays(state).is_some() && state.place.get() == Place::Server {
            state.place.set(Place::Cpu);
        }
    });
    let blocked = Callback::new(move |place| reason(place).map(|reason| i18n::own(&reason)));
    let reasons = move || {
        let lines = PLACES.into_iter().filter_map(|(place, label)| {
            let why = reason(place)?;
            Some(view! { <li><b>{tr(label)}</b> " " {i18n::own(&why)}</li> })
        });
        lines.collect_view()
    };
    view! {
        <div class="knob">
            <div class="knob-head"><span class="label">{tr(&words::PLACE)}</span></div>
            <Segmented
                legend=&words::PLACE
                options=PLACES.to_vec()
                value=state.place
                on_choose=move |place| state.place.set(place)
                blocked
                testid="place"
            />
            // Said in words as well: a title attribute reaches neither touch nor keyboard.
            <ul class="knob-help place-reasons">{reasons}</ul>
        </div>
    }
}

/// Says that a file was chosen which no server is sent. Tracked.
fn what_stays(state: LabState) -> Option<&'static Text> {
    let config = state.config.read();
    state.spec.with_value(|spec| {
        let Err(KnobError::StaysInBrowser { name }) = knob::for_elsewhere(&spec.knobs, &config.knobs) else {
            return None;
        };
        Some(match knob::find(&spec.knobs, &name).ok()?.kind {
            KnobKind::Predictions => &i18n::run_predictions::STAY,
            _ => &i18n::own_file::STAYS,
        })
    })
}

const PLACES: [(Place, &Text); 3] =
    [(Place::Cpu, &words::PLACE_CPU), (Place::Gpu, &words::PLACE_GPU), (Place::Server, &words::PLACE_SERVER)];

async fn why_no_gpu() -> Option<Text> {
    match gpu::find().await {
        Found::NotBuilt => Some(words::GPU_NOT_BUILT.clone()),
        Found::NoWebGpu => Some(words::GPU_NO_WEBGPU.clone()),
        Found::NoAdapter => Some(words::GPU_NO_ADAPTER.clone()),
        // An adapter that was not tested yet is tested when a run starts there.
        Found::Adapter(adapter) => match gpu::remembered(&adapter) {
            Some(test) if test.found_fault() => Some(words::GPU_FAILED.clone()),
            Some(test) if !test.passed => Some(i18n::engine::MEANS_BROKEN.clone()),
            _ => None,
        },
    }
}
