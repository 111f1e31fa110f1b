//! Your engine: what computes in this browser, and whether it computes right.

use kindling_protocol::engine::Check;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::table_scroll::TableScroll;
use crate::i18n::{Text, engine as words, language, t, tr};
use crate::runner::gpu::{self, Found, SelfTest};
use crate::runner::pad::Pad;
use crate::trouble::Details;

#[component]
pub fn EnginePage() -> impl IntoView {
    view! {
        <div class="page" data-testid="engine-page">
            <header class="stack">
                <h1>{tr(&words::TITLE)}</h1>
                <p class="lead">{tr(&words::LEAD)}</p>
            </header>
            <div class="pair">
                <CpuCard />
                <GpuCard />
            </div>
        </div>
    }
}

#[component]
fn CpuCard() -> impl IntoView {
    let pad = expect_context::<Pad>();
    let device = move || {
        pad.ready.with(|ready| ready.as_ref().map_or_else(|| t(&words::STARTING).into(), |ready| ready.device.clone()))
    };
    let cores = window().navigator().hardware_concurrency();
    view! {
        <section class="card stack" data-testid="cpu-engine">
            <div class="row spread">
                <h2>{tr(&words::CPU)}</h2>
                <Show when=move || pad.ready.with(Option::is_some)>
                    <span class="badge good">{tr(&words::READY)}</span>
                </Show>
            </div>
            <dl class="facts">
                <dt>{tr(&words::DEVICE)}</dt>
                <dd>{device}</dd>
                <dt>{tr(&words::CORES)}</dt>
                <dd>{cores}</dd>
            </dl>
            <p class="quiet">{tr(&words::CPU_ROLE)}</p>
        </section>
    }
}

#[component]
fn GpuCard() -> impl IntoView {
    let found = RwSignal::new(None::<Found>);
    let outcome = RwSignal::new(None::<SelfTest>);
    let compared = gpu::compared();
    let testing = {
        let compared = compared.clone();
        Memo::new(move |_| compared.with(Option::is_some))
    };
    let checks = Memo::new(move |_| {
        compared
            .get()
            .unwrap_or_else(|| outcome.with(|past| past.as_ref().map_or(Vec::new(), |past| past.checks.clone())))
    });
    spawn_local(async move {
        let here = gpu::find().await;
        if let Found::Adapter(name) = &here {
            let _ = outcome.try_set(gpu::remembered(name));
        }
        let _ = found.try_set(Some(here));
    });
    // Cancelled, what was known before stands again.
    let test = move || {
        spawn_local(async move {
            if let Some(result) = gpu::self_test().await {
                let _ = outcome.try_set(Some(result));
            }
        });
    };
    // One that was begun here before, or by a run, goes on.
    if testing.get_untracked() {
        test();
    }
    let adapter = move || match found.get() {
        Some(Found::Adapter(name)) => Some(name),
        _ => None,
    };
    let button = move || {
        adapter().map(|_| {
            view! {
                <button class="button primary" data-testid="self-test" disabled=move || testing.get() on:click=move |_| test()>
                    {move || t(if outcome.with(Option::is_some) { &words::RUN_AGAIN } else { &words::RUN })}
                </button>
                <Show when=move || testing.get()>
                    <button class="button" data-testid="self-test-cancel" on:click=|_| gpu::cancel()>{tr(&words::CANCEL)}</button>
                </Show>
            }
        })
    };
    let facts = move || {
        adapter().map(|name| {
            view! {
                <dl class="facts">
                    <dt>{tr(&words::ADAPTER)}</dt>
                    <dd data-testid="adapter">{name}</dd>
                </dl>
            }
        })
    };
    view! {
        <section class="card stack" data-testid="gpu-engine">
            <div class="row spread">
                <h2>{tr(&words::GPU)}</h2>
                {move || adapter().map(|_| verdict(outcome.get(), testing.get()))}
            </div>
            {facts}
            {move || absence(found.get())}
            {move || adapter().map(|_| meaning(outcome.get().filter(|_| !testing.get())))}
            <div class="row">
                {button}
                <span class="quiet" role="status">{move || testing.get().then(|| status(checks.with(Vec::len)))}</span>
            </div>
            <Show when=move || testing.get()>
                <progress aria-label=tr(&words::RUN)></progress>
            </Show>
            <p class="quiet">{tr(&words::GPU_ROLE)}</p>
        </section>
        <Show when=move || checks.with(|checks| !checks.is_empty())>
            <Checks checks />
        </Show>
    }
}

fn status(done: usize) -> String {
    if done == 0 { t(&words::RUNNING).into() } else { words::progress(language(), done) }
}

fn verdict(outcome: Option<SelfTest>, testing: bool) -> impl IntoView {
    let (class, label) = match outcome {
        _ if testing => ("badge", &words::RUNNING),
        None => ("badge", &words::VERDICT_UNTESTED),
        Some(outcome) if outcome.passed => ("badge good", &words::VERDICT_GPU),
        Some(_) => ("badge bad", &words::VERDICT_CPU),
    };
    (!testing).then(|| view! { <span class=class data-testid="verdict">{tr(label)}</span> })
}

/// What the outcome means for the person.
fn meaning(outcome: Option<SelfTest>) -> impl IntoView {
    let means = match &outcome {
        None => &words::MEANS_UNTESTED,
        Some(outcome) if outcome.is_faster() => &words::MEANS_FASTER,
        Some(outcome) if outcome.passed => &words::MEANS_SLOWER,
        Some(outcome) if outcome.checks.iter().all(|check| check.passed) => &words::MEANS_BROKEN,
        Some(_) => &words::MEANS_WRONG,
    };
    let problem = outcome.and_then(|outcome| outcome.problem);
    view! {
        <p>{tr(means)}</p>
        {problem.map(|detail| view! { <div data-testid="engine-problem"><Details detail /></div> })}
    }
}

/// Why there is no GPU here, and what helps.
fn absence(found: Option<Found>) -> Option<impl IntoView> {
    let reason: &'static Text = match &found {
        None => &words::LOOKING,
        Some(Found::NotBuilt) => &words::NOT_BUILT,
        Some(Found::NoWebGpu) => &words::NO_WEBGPU,
        Some(Found::NoAdapter) => &words::NO_ADAPTER,
        Some(Found::Adapter(_)) => return None,
    };
    let helps = matches!(found, Some(Found::NoWebGpu | Found::NoAdapter));
    Some(view! {
        <p data-testid="no-gpu">{tr(reason)}</p>
        {helps.then(|| view! { <p class="notice">{tr(advice())}</p> })}
    })
}

/// What to do about missing WebGPU, by browser.
fn advice() -> &'static Text {
    if !window().is_secure_context() {
        return &words::ADVICE_INSECURE;
    }
    let agent = window().navigator().user_agent().unwrap_or_default();
    // In this order: every browser's name also names the ones it wants to pass for.
    match agent {
        agent if agent.contains("Firefox/") => &words::ADVICE_FIREFOX,
        agent if agent.contains("Chrome/") || agent.contains("Chromium/") => &words::ADVICE_CHROME,
        agent if agent.contains("Safari/") => &words::ADVICE_SAFARI,
        _ => &words::ADVICE_OTHER,
    }
}

#[component]
fn Checks(checks: Memo<Vec<Check>>) -> impl IntoView {
    let count = move || {
        checks
            .with(|checks| words::passed(language(), checks.iter().filter(|check| check.passed).count(), checks.len()))
    };
    view! {
        <section class="stack checks" data-testid="checks">
            <div class="row spread">
                <h2>{tr(&words::CHECKS)}</h2>
                <span class="quiet">{count}</span>
            </div>
            <TableScroll name=&words::CHECKS>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{tr(&words::KERNEL)}</th>
                            <th scope="col">{tr(&words::SHAPE)}</th>
                            <th scope="col" class="number">{tr(&words::DIFFERENCE)}</th>
                            <th scope="col" class="number">{tr(&words::ALLOWED)}</th>
                            <th scope="col" class="number">{tr(&words::GPU_MS)}</th>
                            <th scope="col" class="number">{tr(&words::CPU_MS)}</th>
                            <th scope="col">{tr(&words::RESULT)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || checks.get() key=|check| check.name.clone() let:check>
                            {row(check)}
                        </For>
                    </tbody>
                </table>
            </TableScroll>
            <p class="quiet">{tr(&words::NOTE)}</p>
        </section>
    }
}

fn row(check: Check) -> impl IntoView {
    let (class, result) = match &check.problem {
        _ if check.passed => ("badge good", &words::RIGHT),
        None => ("badge bad", &words::WRONG),
        // There is one: the time was up.
        Some(_) => ("badge bad", &words::TOO_SLOW),
    };
    view! {
        <tr data-testid="check" data-passed=check.passed.to_string()>
            <th scope="row">{check.name}</th>
            <td class="mono">{check.shape}</td>
            <td class="number">{format!("{:.1e}", check.difference)}</td>
            <td class="number">{format!("{:.0e}", check.tolerance)}</td>
            <td class="number">{format!("{:.2}", check.device_ms)}</td>
            <td class="number">{format!("{:.2}", check.cpu_ms)}</td>
            <td>
                <span class=class>{tr(result)}</span>
            </td>
        </tr>
    }
}
