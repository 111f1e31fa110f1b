//! Trained models, the shipped one and those of the server's registry.

use kindling_protocol::api::ModelVersion;
use kindling_protocol::model::{Architecture, Dtype, Manifest, Metric};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError, Transfer};
use crate::i18n::{self, Text, common, language, models as words, percent, t, tr};
use crate::runner::pad::{Pad, Source};
use crate::trouble::{Trouble, TroubleText};

#[component]
pub fn ModelsPage() -> impl IntoView {
    let list = RwSignal::new(None::<Result<Vec<ModelVersion>, ApiError>>);
    let fetch = move || {
        list.set(None);
        spawn_local(async move {
            let found = api::models().await.map(|mut versions| {
                versions.sort_by_key(|version| std::cmp::Reverse(version.created_ms));
                versions
            });
            let _ = list.try_set(Some(found));
        });
    };
    fetch();
    let from_server = move || {
        match list.get() {
        None => view! { <p class="quiet" role="status">{tr(&common::LOADING)}</p> }.into_any(),
        Some(Err(ApiError::Offline)) => {
            view! { <Nothing title=&words::OFFLINE body=&words::OFFLINE_BODY>{retry(fetch)}</Nothing> }.into_any()
        }
        Some(Err(error)) => {
            view! { <div class="notice bad stack"><div><TroubleText trouble=error.trouble() /></div> {retry(fetch)}</div> }.into_any()
        }
        Some(Ok(versions)) if versions.is_empty() => view! {
            <Nothing title=&words::EMPTY body=&words::EMPTY_BODY>
                <a class="button" href="/labs">{tr(&words::EMPTY_LINK)}</a>
            </Nothing>
        }
        .into_any(),
        Some(Ok(versions)) => {
            versions.into_iter().map(|version| view! { <VersionCard version /> }).collect_view().into_any()
        }
    }
    };
    view! {
        <div class="page" data-testid="models-page">
            <header class="stack">
                <h1>{tr(&words::TITLE)}</h1>
                <p class="lead">{tr(&words::LEAD)}</p>
            </header>
            <section class="stack">
                <h2>{tr(&words::SHIPPED)}</h2>
                <ShippedCard />
            </section>
            <section class="stack" data-testid="registry">
                <h2>{tr(&words::FROM_SERVER)}</h2>
                {from_server}
            </section>
        </div>
    }
}

fn retry(fetch: impl Fn() + Copy + 'static) -> impl IntoView {
    view! { <button class="button" data-testid="retry" on:click=move |_| fetch()>{tr(&common::TRY_AGAIN)}</button> }
}

/// A place where something would be, and how it gets there.
#[component]
fn Nothing(title: &'static Text, body: &'static Text, children: Children) -> impl IntoView {
    view! {
        <div class="card nothing stack">
            <h3>{tr(title)}</h3>
            <p class="quiet">{tr(body)}</p>
            <div class="row">{children()}</div>
        </div>
    }
}

#[component]
fn ShippedCard() -> impl IntoView {
    let pad = expect_context::<Pad>();
    // The shipped manifest is only known while it answers; after that it is remembered here.
    let manifest = RwSignal::new(None::<Manifest>);
    Effect::new(move |_| {
        if let Some(used) = pad.model.get().filter(|used| used.source == Source::Shipped) {
            manifest.set(Some(used.manifest));
        }
    });
    let state = RwSignal::new(Opening::Idle);
    let open = move |_| {
        state.set(Opening::Verifying);
        spawn_local(async move {
            let _ = state.try_set(Opening::from_result(pad.use_shipped().await));
        });
    };
    view! {
        <article class="card model stack" data-testid="shipped-model">
            <h3>{move || manifest.get().map(|manifest| manifest.name)}</h3>
            {move || match (manifest.get(), pad.problem.get()) {
                (Some(manifest), _) => facts(&manifest).into_any(),
                (None, Some(problem)) => view! { <div class="notice bad"><TroubleText trouble=problem /></div> }.into_any(),
                (None, None) => view! { <p class="quiet" role="status">{tr(&common::LOADING)}</p> }.into_any(),
            }}
            <Actions source=Source::Shipped label=&words::USE state open />
        </article>
    }
}

#[component]
fn VersionCard(version: ModelVersion) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let source = Source::Registry { name: version.name.clone(), version: version.version };
    let title = format!("{} v{}", version.name, version.version);
    let heading = title.clone();
    let at = version.created_ms as f64;
    let made = move || {
        let date = js_sys::Date::new(&at.into());
        String::from(date.to_locale_string(i18n::tag(language()), &js_sys::Object::new()))
    };
    let state = RwSignal::new(Opening::Idle);
    let manifest = facts(&version.manifest);
    let download = version.manifest.weights.iter().find(|file| file.dtype == Dtype::F32).map(|file| {
        let (url, name) =
            (format!("/api/blobs/{}", file.file.sha256), format!("{}-v{}.safetensors", version.name, version.version));
        view! { <a class="button plain" href=url download=name>{tr(&words::DOWNLOAD)}</a> }
    });
    let open = move |_| {
        state.set(Opening::Fetching(None));
        let version = version.clone();
        spawn_local(async move {
            let on_progress = move |transfer: Transfer| {
                let done = transfer.total.is_some_and(|total| transfer.done >= total);
                drop(state.try_set(if done { Opening::Verifying } else { Opening::Fetching(Some(transfer)) }));
            };
            let result = pad.open_version(&version, on_progress).await;
            let _ = state.try_set(Opening::from_result(result));
        });
    };
    view! {
        <article class="card model stack" data-testid="model-version" data-name=title>
            <div class="row spread">
                <h3>{heading}</h3>
                <span class="quiet">{made}</span>
            </div>
            {manifest}
            <Actions source label=&words::OPEN state open>{download}</Actions>
        </article>
    }
}

/// How far "Open here" is.
#[derive(Clone, Debug, PartialEq)]
enum Opening {
    Idle,
    Fetching(Option<Transfer>),
    Verifying,
    Opened,
    Refused(Trouble),
}

impl Opening {
    fn from_result(result: Result<f32, Trouble>) -> Opening {
        result.map_or_else(Opening::Refused, |_| Opening::Opened)
    }

    fn is_busy(&self) -> bool {
        matches!(self, Opening::Fetching(_) | Opening::Verifying)
    }
}

/// The button that makes a model the one that answers, and what came of it.
#[component]
fn Actions(
    source: Source,
    label: &'static Text,
    state: RwSignal<Opening>,
    open: impl Fn(leptos::ev::MouseEvent) + 'static,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let used = Memo::new(move |_| pad.model.get().filter(|used| used.source == source));
    let outcome = move || match state.get() {
        Opening::Idle | Opening::Opened => None,
        Opening::Fetching(transfer) => Some(progress(transfer).into_any()),
        Opening::Verifying => Some(view! { <p class="quiet" role="status">{tr(&words::VERIFYING)}</p> }.into_any()),
        Opening::Refused(problem) => Some(
            view! {
                <div class="notice bad" role="alert" data-testid="refused">
                    <strong>{tr(&words::REFUSED)}</strong>
                    " "
                    <TroubleText trouble=problem />
                </div>
            }
            .into_any(),
        ),
    };
    let parity = move || {
        used.get().map(|used| {
            view! {
                <p class="quiet" title=tr(&words::PARITY_NOTE)>
                    {tr(&words::PARITY)} ": "
                    <span class="number" data-testid="parity">{format!("{:.1e}", used.parity)}</span> " (≤ "
                    {format!("{:.0e}", used.dtype.parity_tolerance())} ")"
                </p>
            }
        })
    };
    view! {
        <div class="row">
            <Show when=move || used.with(Option::is_some)>
                <span class="badge good" data-testid="in-use">{tr(&words::IN_USE)}</span>
                <a class="button" href="/">{tr(&words::TRY)}</a>
            </Show>
            <button
                class="button primary"
                data-testid="open-here"
                hidden=move || used.with(Option::is_some)
                disabled=move || state.with(Opening::is_busy)
                on:click=open
            >
                {tr(label)}
            </button>
            {children.map(|children| children())}
        </div>
        {outcome}
        {parity}
    }
}

fn progress(transfer: Option<Transfer>) -> impl IntoView {
    let (done, total) = transfer.map_or((0, None), |transfer| (transfer.done, transfer.total));
    let words = match total {
        Some(total) => format!("{} / {}", i18n::bytes(done), i18n::bytes(total)),
        None => t(&common::LOADING).into(),
    };
    let share = total.map(|total| (done as f64 / total.max(1) as f64).to_string());
    view! {
        <div class="stack" role="status">
            <progress value=share max="1" aria-label=tr(&common::LOADING)></progress>
            <span class="quiet number">{words}</span>
        </div>
    }
}

/// What a manifest says of a model.
fn facts(manifest: &Manifest) -> impl IntoView + use<> {
    let metrics = manifest.metrics.clone();
    let run = manifest.run.clone();
    let program = manifest.program.clone();
    let sizes: Vec<String> = manifest
        .weights
        .iter()
        .map(|file| {
            let name = match file.dtype {
                Dtype::F32 => "f32",
                Dtype::F16 => "f16",
            };
            format!("{} {name}", i18n::bytes(file.file.bytes))
        })
        .collect();
    let hash = manifest.weights.first().map(|file| file.file.sha256.clone()).unwrap_or_default();
    let metric = move || {
        let line = |metric: &Metric| {
            let language = language();
            let value = match metric.name.as_str() {
                "accuracy" => percent(language, metric.value, 2),
                _ => i18n::number(metric.value),
            };
            let measured = words::measured(language, &metric.data, metric.count);
            view! { <li>{words::metric(language, &metric.name)} " " <strong>{value}</strong> " " <span class="quiet">{measured}</span></li> }
        };
        metrics.iter().map(line).collect_view()
    };
    let architecture = describe(&manifest.architecture);
    let parameters = i18n::number(manifest.parameters as f64);
    view! {
        <ul class="metrics">{metric}</ul>
        <dl class="facts">
            <dt>{tr(&words::ARCHITECTURE)}</dt>
            <dd>{architecture}</dd>
            <dt>{tr(&words::PARAMETERS)}</dt>
            <dd class="number">{parameters}</dd>
            <dt>{tr(&words::SIZE)}</dt>
            <dd>{sizes.join(" · ")}</dd>
            <dt>{tr(&words::MADE_BY)}</dt>
            <dd>{move || words::made_by(language(), &run.lab, run.seed, &program)}</dd>
            <dt>{tr(&words::HASH)}</dt>
            <dd class="mono">{hash}</dd>
        </dl>
    }
}

/// `CNN 16·32, dense 128` in short; the same in every language.
fn describe(architecture: &Architecture) -> String {
    let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join("·");
    match architecture {
        Architecture::Mlp { inputs, hidden, classes, .. } => format!("MLP {inputs}→{}→{classes}", list(hidden)),
        Architecture::Cnn { channels, kernel, dense, classes, .. } => {
            format!("CNN {}, {kernel}×{kernel}, {dense}→{classes}", list(channels))
        }
    }
}
