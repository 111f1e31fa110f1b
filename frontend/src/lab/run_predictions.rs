//! The predictions of a run for a lab that judges or compares: chosen among the runs, or from a file.

use js_sys::Uint8Array;
use kindling_protocol::api::{ModelVersion, RunState};
use kindling_protocol::event::EventBody;
use kindling_protocol::knob::KnobValue;
use kindling_protocol::lab::{LabSpec, Place, Unit};
use kindling_protocol::model::FileRef;
use kindling_protocol::predictions::{MAX_BYTES, PANEL, Predictions, PredictionsError};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::api;
use crate::digest::sha256_hex;
use crate::i18n::{self, home, lab as lab_words, own_file, run_predictions as words, tr};
use crate::lab::figures;
use crate::lab::kept_file::{self, Known};
use crate::lab::state::LabState;
use crate::runner::pad::Pad;
use crate::runner::{self, RunRow};
use crate::store;
use crate::store::files::{self, Own};
use crate::trouble::{Trouble, TroubleText};

/// What predictions hold.
#[derive(Clone)]
struct Found {
    samples: usize,
    classes: usize,
    right: usize,
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
    kept_file::look_up(chosen, known, &words::GONE, |own, bytes| async move {
        look_into(own, &bytes.to_vec()).unwrap_or_else(Known::Trouble)
    });
    // The fields of a form are many, and none may lose what it holds because another is filled.
    let form = use_context::<LabState>();
    // Others were asked for: they are being read, or were refused. Those of before stay.
    let (reading, refused) = (RwSignal::new(false), RwSignal::new(None::<Trouble>));
    let begin = move || {
        reading.set(true);
        refused.set(None);
    };
    let take = move |taken: Result<Known<Found>, Trouble>| {
        reading.try_set(false);
        let taken = match taken {
            Ok(taken) => taken,
            Err(trouble) => {
                refused.try_set(Some(trouble));
                return;
            }
        };
        let hash = match &taken {
            Known::Read { own, .. } => Some(own.file.sha256.clone()),
            _ => None,
        };
        known.try_set(taken);
        if let Some(hash) = hash {
            // The page may be left meanwhile.
            set.try_run(KnobValue::Word(hash));
            let chosen = form.and_then(|form| form.config.try_with_untracked(|config| config.knobs.clone()));
            spawn_local(store::spare::clear(chosen.unwrap_or_default()));
        }
    };
    let pad = expect_context::<Pad>();
    let take_of = Callback::new(move |source: Source| {
        begin();
        spawn_local(async move { take(of_source(pad, source).await) });
    });
    let of_file = move |event: web_sys::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let Some(file) = file else { return };
        begin();
        spawn_local(async move { take(of_file(&file).await) });
    };
    let shown = {
        let testid = format!("{field}-known");
        move || {
            let testid = testid.clone();
            match known.get() {
                Known::Nothing => None,
                Known::Reading => Some(view! { <p class="knob-help">{tr(&words::READING)}</p> }.into_any()),
                Known::Read { own, found: Found { samples, classes, right } } => {
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
    let asked = {
        let testid = format!("{field}-refused");
        move || {
            let read = reading.get().then(|| view! { <p class="knob-help">{tr(&words::READING)}</p> });
            let refused = refused.get().map(|trouble| {
                let still =
                    (!chosen.with(String::is_empty)).then(|| view! { <p class="knob-help">{tr(&own_file::STILL)}</p> });
                view! {
                    <div class="notice bad" role="alert" data-testid=testid.clone()><TroubleText trouble /></div>
                    {still}
                }
            });
            (read, refused)
        }
    };
    view! {
        <SourceChoice field=field.clone() described=described.clone() take_of />
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
        <div aria-live="polite">{asked} {shown}</div>
    }
}

/// Who may have predictions.
#[derive(Clone)]
enum Source {
    Run(RunRow),
    /// Of the registry.
    Version(ModelVersion),
    Shipped,
}

/// The finished runs of labs that tell predictions, those that have a model in this browser, newest first, and the
/// models.
#[component]
fn SourceChoice(field: String, described: String, take_of: Callback<Source>) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let rows = RwSignal::new(None::<Vec<RunRow>>);
    let trained = RwSignal::new(Vec::<String>::new());
    let versions = RwSignal::new(Vec::<ModelVersion>::new());
    spawn_local(async move {
        let (found, models, kept) = futures::join!(runner::runs(), api::models(), store::runs::with_model());
        versions.try_set(models.unwrap_or_default());
        trained.try_set(kept.unwrap_or_default());
        rows.try_set(Some(found));
    });
    let tells = |spec: &LabSpec| spec.panels.iter().any(|panel| panel.id == PANEL);
    let with_predictions = Memo::new(move |_| {
        let of_lab = |row: &RunRow| pad.lab(&row.info.config.lab).is_some_and(|spec| tells(&spec));
        let trained = trained.get();
        // One that was stopped has told none, but its model can be asked.
        let has = |row: &RunRow| row.info.state == RunState::Finished || trained.contains(&row.info.id);
        Some(rows.get()?.into_iter().filter(|row| has(row) && of_lab(row)).collect::<Vec<_>>())
    });
    let on_change = move |event: web_sys::Event| {
        let input: web_sys::HtmlSelectElement = event_target(&event);
        let chosen = input.value();
        let row = with_predictions.get_untracked().unwrap_or_default().into_iter().find(|row| row.info.id == chosen);
        let version = versions.get_untracked().into_iter().find(|version| model_key(version) == chosen);
        let shipped = (chosen == SHIPPED).then_some(Source::Shipped);
        // What was chosen is told below: the same one may be chosen again.
        input.set_selected_index(0);
        if let Some(source) = row.map(Source::Run).or(version.map(Source::Version)).or(shipped) {
            take_of.run(source);
        }
    };
    let no_runs = {
        let testid = format!("{field}-empty");
        move || {
            let links = pad.labs().into_iter().filter(tells).map(|spec| {
                let title = spec.title;
                view! { <li><a href=format!("/labs/{}", spec.slug)>{move || i18n::own(&title)}</a></li> }
            });
            view! {
                <div class="knob-help" data-testid=testid.clone()>
                    <p>{tr(&words::NO_RUNS)}</p>
                    <ul>{links.collect_view()}</ul>
                </div>
            }
        }
    };
    let runs = move || {
        let rows = with_predictions.get().unwrap_or_default().into_iter();
        rows.map(|row| {
            let id = row.info.id.clone();
            view! { <option value=id>{move || told(pad, &row)}</option> }
        })
        .collect_view()
    };
    let models = move || {
        let versions = versions.get().into_iter();
        versions
            .map(|version| {
                view! { <option value=model_key(&version)>{format!("{} v{}", version.name, version.version)}</option> }
            })
            .collect_view()
    };
    view! {
        <select id=field.clone() data-testid=field aria-describedby=described on:change=on_change>
            <option value="">{tr(&words::CHOOSE)}</option>
            <optgroup label=tr(&words::RUNS)>{runs}</optgroup>
            <optgroup label=tr(&words::MODELS)>
                <option value=SHIPPED>{tr(&home::MODEL_SHIPPED)}</option>
                {models}
            </optgroup>
        </select>
        {move || with_predictions.with(|rows| rows.as_ref().is_some_and(Vec::is_empty)).then(&no_runs)}
    }
}

/// The value of the choice of the model that came with the page: no run's id, and no version's key.
const SHIPPED: &str = "shipped";

fn model_key(version: &ModelVersion) -> String {
    format!("{}/{}", version.name, version.version)
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
    let name = words::of_seed(i18n::language(), &info.name, info.config.seed);
    words::option(&name, &lab, accuracy.as_deref(), i18n::t(place), &i18n::dates::short(info.created_ms))
}

async fn of_source(pad: Pad, source: Source) -> Result<Known<Found>, Trouble> {
    let (name, told) = match source {
        Source::Run(row) => {
            let name = untrack(|| words::of_seed(i18n::language(), &row.info.name, row.info.config.seed));
            (name, of_run(pad, &row).await?)
        }
        Source::Version(version) => {
            (format!("{} v{}", version.name, version.version), runner::examine(pad, Some(&version)).await?)
        }
        Source::Shipped => (home::MODEL_SHIPPED.en.to_string(), runner::examine(pad, None).await?),
    };
    keep(name, &serde_json::to_vec(&told).expect("plain data")).await
}

/// The newest predictions of a run; of one that has told none, what its model says now.
async fn of_run(pad: Pad, row: &RunRow) -> Result<Predictions, Trouble> {
    let newest = runner::events(row).await?.into_iter().rev().find_map(|event| match event.body {
        EventBody::Predictions(predictions) => Some(predictions),
        _ => None,
    });
    match newest {
        Some(told) => Ok(told),
        None => runner::examine_run(pad, row).await?.ok_or_else(|| words::WITHOUT.clone().into()),
    }
}

async fn of_file(file: &web_sys::File) -> Result<Known<Found>, Trouble> {
    if file.size() > MAX_BYTES as f64 {
        return Err(PredictionsError::TooLarge.text().into());
    }
    let unreadable = |error| Trouble::new(own_file::UNREADABLE.clone(), format!("{error:?}"));
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(unreadable)?;
    keep(file.name().chars().take(100).collect(), &Uint8Array::new(&buffer).to_vec()).await
}

async fn keep(name: String, bytes: &[u8]) -> Result<Known<Found>, Trouble> {
    let array = Uint8Array::from(bytes);
    let file = FileRef { sha256: sha256_hex(&array), bytes: bytes.len() as u64 };
    let own = Own { name, file, spare_since_ms: Some(js_sys::Date::now() as u64) };
    let known = look_into(own.clone(), bytes)?;
    files::put_own(&own, &array).await.map_err(|error| error.trouble())?;
    Ok(known)
}

fn look_into(own: Own, bytes: &[u8]) -> Result<Known<Found>, Trouble> {
    let told = Predictions::read(bytes).map_err(|error| Trouble::from(error.text()))?;
    let right = told.right().into_iter().filter(|right| *right).count();
    Ok(Known::Read { own, found: Found { samples: told.truth.len(), classes: told.classes.len(), right } })
}
