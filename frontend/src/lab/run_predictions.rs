//! The predictions of a run for a lab that judges or compares: chosen among the runs, or from a file.

use js_sys::Uint8Array;
use kindling_protocol::api::RunState;
use kindling_protocol::event::EventBody;
use kindling_protocol::knob::KnobValue;
use kindling_protocol::lab::{LabSpec, Place, Unit};
use kindling_protocol::model::FileRef;
use kindling_protocol::predictions::{MAX_BYTES, PANEL, Predictions, PredictionsError};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::digest::sha256_hex;
use crate::i18n::{self, lab as lab_words, own_file, run_predictions as words, tr};
use crate::lab::figures;
use crate::runner::pad::Pad;
use crate::runner::{self, RunRow};
use crate::store::files::{self, Own};
use crate::trouble::{Trouble, TroubleText};

/// What is known of the predictions that are chosen.
#[derive(Clone)]
enum Known {
    Nothing,
    Reading,
    Read { own: Own, samples: usize, classes: usize, right: usize },
    Trouble(Trouble),
}

#[component]
pub fn RunPredictions(
    field: String,
    described: String,
    /// The hash of what is kept, or nothing.
    chosen: Memo<String>,
    set: Callback<KnobValue>,
) -> impl IntoView {
    let known = RwSignal::new(Known::Nothing);
    // Those of a link or of a run from before are looked up here.
    Effect::new(move |_| {
        let hash = chosen.get();
        if hash.is_empty() {
            return known.set(Known::Nothing);
        }
        if known.with_untracked(|known| matches!(known, Known::Read { own, .. } if own.file.sha256 == hash)) {
            return;
        }
        known.set(Known::Reading);
        spawn_local(async move {
            let found = match files::own(&hash).await {
                Some((own, bytes)) => look_into(own, &bytes.to_vec()),
                None => Err(words::GONE.clone().into()),
            };
            if chosen.try_get_untracked() == Some(hash) {
                known.try_set(found.unwrap_or_else(Known::Trouble));
            }
        });
    });
    let take = move |taken: Result<Known, Trouble>| {
        let hash = match &taken {
            Ok(Known::Read { own, .. }) => Some(own.file.sha256.clone()),
            _ => None,
        };
        known.try_set(taken.unwrap_or_else(Known::Trouble));
        if let Some(hash) = hash {
            set.run(KnobValue::Word(hash));
        }
    };
    let of_run = Callback::new(move |row: RunRow| {
        known.set(Known::Reading);
        spawn_local(async move { take(of_run(&row).await) });
    });
    let of_file = move |event: web_sys::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let Some(file) = file else { return };
        known.set(Known::Reading);
        spawn_local(async move { take(of_file(&file).await) });
    };
    let shown = {
        let testid = format!("{field}-known");
        move || {
            let testid = testid.clone();
            match known.get() {
                Known::Nothing => None,
                Known::Reading => Some(view! { <p class="knob-help">{tr(&words::READING)}</p> }.into_any()),
                Known::Read { own, samples, classes, right } => {
                    let accuracy = right as f64 / samples as f64;
                    let told = move || {
                        let language = i18n::language();
                        words::summary(language, samples as u64, classes, &i18n::percent(language, accuracy, 2))
                    };
                    Some(view! {
                        <div class="own-file" data-testid=testid>
                            <p class="own-file-name"><b>{own.name}</b></p>
                            <p class="knob-help">{told}</p>
                            <button class="button" type="button" on:click=move |_| set.run(KnobValue::Word(String::new()))>{tr(&own_file::REMOVE)}</button>
                        </div>
                    }.into_any())
                }
                Known::Trouble(trouble) => Some(
                    view! {
                        <div class="notice bad" role="alert" data-testid=testid><TroubleText trouble /></div>
                    }
                    .into_any(),
                ),
            }
        }
    };
    view! {
        <RunChoice field=field.clone() described=described.clone() of_run />
        <div class="file-drop">
            <span aria-hidden="true">{tr(&words::OR_FILE)}</span>
            <input
                type="file"
                data-testid=format!("{field}-file")
                aria-label=tr(&words::OR_FILE)
                aria-describedby=described
                accept=".json,application/json"
                on:change=of_file
            />
        </div>
        <div aria-live="polite">{shown}</div>
    }
}

/// The finished runs of labs that tell predictions, newest first.
#[component]
fn RunChoice(field: String, described: String, of_run: Callback<RunRow>) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let rows = RwSignal::new(None::<Vec<RunRow>>);
    spawn_local(async move {
        let found = runner::runs().await;
        rows.try_set(Some(found));
    });
    let tells = |spec: &LabSpec| spec.panels.iter().any(|panel| panel.id == PANEL);
    let with_predictions = Memo::new(move |_| {
        let of_lab = |row: &RunRow| pad.lab(&row.info.config.lab).is_some_and(|spec| tells(&spec));
        let is_done = |row: &RunRow| row.info.state == RunState::Finished;
        Some(rows.get()?.into_iter().filter(|row| is_done(row) && of_lab(row)).collect::<Vec<_>>())
    });
    let on_change = move |event: web_sys::Event| {
        let input: web_sys::HtmlSelectElement = event_target(&event);
        let row =
            with_predictions.get_untracked().unwrap_or_default().into_iter().find(|row| row.info.id == input.value());
        // What was chosen is told below: the same run may be chosen again.
        input.set_selected_index(0);
        if let Some(row) = row {
            of_run.run(row);
        }
    };
    move || match with_predictions.get() {
        None => view! { <p class="knob-help">{tr(&words::SEARCHING)}</p> }.into_any(),
        Some(rows) if rows.is_empty() => {
            let links = pad.labs().into_iter().filter(tells).map(|spec| {
                let title = spec.title;
                view! { <li><a href=format!("/labs/{}", spec.slug)>{move || i18n::own(&title)}</a></li> }
            });
            view! {
                <div class="knob-help" data-testid=format!("{field}-empty")>
                    <p>{tr(&words::NO_RUNS)}</p>
                    <ul>{links.collect_view()}</ul>
                </div>
            }
            .into_any()
        }
        Some(rows) => {
            let options = rows.into_iter().map(|row| {
                let id = row.info.id.clone();
                view! { <option value=id>{move || told(pad, &row)}</option> }
            });
            view! {
                <select id=field.clone() data-testid=field.clone() aria-describedby=described.clone() on:change=on_change>
                    <option value="">{tr(&words::CHOOSE)}</option>
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
    }
}

/// A run in a line. Tracked.
fn told(pad: Pad, row: &RunRow) -> String {
    let info = &row.info;
    let spec = pad.lab(&info.config.lab);
    let lab = spec.as_ref().map_or(info.config.lab.clone(), |spec| i18n::own(&spec.title));
    let accuracy = spec.as_ref().and_then(|spec| {
        let is_accuracy = |id: &str| id.contains("accuracy") && info.figures.contains_key(id);
        let figure = spec.figures.iter().find(|figure| figure.unit == Unit::Fraction && is_accuracy(&figure.id))?;
        Some(figures::written(spec, &figure.id, info.figures[figure.id.as_ref()]))
    });
    let place = match row.place {
        Place::Cpu => &lab_words::PLACE_CPU,
        Place::Gpu => &lab_words::PLACE_GPU,
        Place::Server => &lab_words::PLACE_SERVER,
    };
    words::option(&info.name, &lab, accuracy.as_deref(), i18n::t(place), &i18n::dates::short(info.created_ms))
}

/// The newest predictions of a run, kept here by their hash.
async fn of_run(row: &RunRow) -> Result<Known, Trouble> {
    let events = runner::events(row).await?;
    let newest = events.iter().rev().find_map(|event| match &event.body {
        EventBody::Predictions(predictions) => Some(predictions),
        _ => None,
    });
    let newest = newest.ok_or_else(|| Trouble::from(words::WITHOUT.clone()))?;
    keep(row.info.name.clone(), &serde_json::to_vec(newest).expect("plain data")).await
}

async fn of_file(file: &web_sys::File) -> Result<Known, Trouble> {
    if file.size() > MAX_BYTES as f64 {
        return Err(PredictionsError::TooLarge.text().into());
    }
    let unreadable = |error| Trouble::new(own_file::UNREADABLE.clone(), format!("{error:?}"));
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(unreadable)?;
    keep(file.name().chars().take(100).collect(), &Uint8Array::new(&buffer).to_vec()).await
}

async fn keep(name: String, bytes: &[u8]) -> Result<Known, Trouble> {
    let array = Uint8Array::from(bytes);
    let own = Own { name, file: FileRef { sha256: sha256_hex(&array), bytes: bytes.len() as u64 } };
    let known = look_into(own.clone(), bytes)?;
    files::put_own(&own, &array).await.map_err(|error| error.trouble())?;
    Ok(known)
}

fn look_into(own: Own, bytes: &[u8]) -> Result<Known, Trouble> {
    let told = Predictions::read(bytes).map_err(|error| Trouble::from(error.text()))?;
    let right = told.right().into_iter().filter(|right| *right).count();
    Ok(Known::Read { own, samples: told.truth.len(), classes: told.classes.len(), right })
}
