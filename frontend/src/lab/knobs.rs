//! The form of a lab: one control a knob, generated from its spec, and the seed.

use kindling_protocol::knob::{Choice, Knob, KnobKind, KnobValue};
use kindling_protocol::run::MAX_SEED;
use leptos::prelude::*;

use crate::charts::scale::short;
use crate::components::icons::Icon;
use crate::i18n::{self, lab as words, t, tr};
use crate::lab::own_file::OwnFile;
use crate::lab::run_predictions::RunPredictions;
use crate::lab::state::LabState;

/// A slider that moves by ratios has this many places.
const LOG_PLACES: f64 = 200.0;

#[component]
pub fn KnobsForm(state: LabState) -> impl IntoView {
    let knobs = state.spec.with_value(|spec| spec.knobs.clone());
    provide_context(state);
    view! {
        <div class="knobs">
            {knobs.into_iter().map(|knob| of_run(knob, state)).collect_view()}
            <SeedField state />
        </div>
    }
}

fn of_run(knob: Knob, state: LabState) -> impl IntoView {
    let id = knob.id.to_string();
    let value = {
        let id = id.clone();
        Memo::new(move |_| state.config.with(|config| config.knobs.0.get(&id).cloned()))
    };
    let set = Callback::new(move |value: KnobValue| state.set_knob(&id, value));
    // An idle one would only be in the way. Its value is kept, and stands there again with the choice that it is for.
    let counts = {
        let knob = knob.clone();
        Memo::new(move |_| state.config.with(|config| knob.counts(&config.knobs)))
    };
    move || counts.get().then(|| view! { <KnobField knob=knob.clone() value set /> })
}

/// One knob with its help.
#[component]
pub fn KnobField(knob: Knob, value: Memo<Option<KnobValue>>, set: Callback<KnobValue>) -> impl IntoView {
    let id = knob.id.to_string();
    let (field, help_id) = (format!("knob-{id}"), format!("knob-{id}-help"));
    let changed = {
        let default = knob.default_value();
        move || value.with(|value| value.as_ref().is_some_and(|value| *value != default))
    };
    let number = Signal::derive(move || match value.get() {
        Some(KnobValue::Number(number)) => number,
        _ => 0.0,
    });
    let described = help_id.clone();
    let control = match knob.kind.clone() {
        KnobKind::Slider { min, max, step, log, .. } => {
            slider(field.clone(), described, min, max, step, log, number, set).into_any()
        }
        KnobKind::Count { min, max, step, .. } => {
            count(field.clone(), described, min, max, step, number, set).into_any()
        }
        KnobKind::Choice { options, .. } => {
            let word = move || value.with(|value| value.as_ref().map(KnobValue::to_string).unwrap_or_default());
            let chosen = Signal::derive(word);
            choice(field.clone(), described, options, chosen, set).into_any()
        }
        KnobKind::File { accept, bytes } => {
            let word = move || value.with(|value| value.as_ref().map(KnobValue::to_string).unwrap_or_default());
            let chosen = Memo::new(move |_| word());
            view! { <OwnFile field=field.clone() described accept=accept.to_string() limit=bytes chosen set /> }
                .into_any()
        }
        KnobKind::Predictions => {
            let word = move || value.with(|value| value.as_ref().map(KnobValue::to_string).unwrap_or_default());
            let chosen = Memo::new(move |_| word());
            view! { <RunPredictions field=field.clone() described chosen set /> }.into_any()
        }
        KnobKind::Switch { .. } => {
            let on = move || value.with(|value| *value == Some(KnobValue::Flag(true)));
            view! {
                <span class="switch">
                    <input
                        type="checkbox"
                        role="switch"
                        id=field.clone()
                        data-testid=field.clone()
                        aria-describedby=described
                        prop:checked=on
                        on:change=move |event| set.run(KnobValue::Flag(event_target_checked(&event)))
                    />
                </span>
            }
            .into_any()
        }
    };
    let (label, help) = (knob.label.clone(), knob.help.clone());
    let live = knob.live;
    view! {
        <div class="knob" class:changed=changed>
            <div class="knob-head">
                <label for=field>{move || i18n::own(&label)}</label>
                {live.then(|| view! { <span class="badge knob-live" title=move || t(&words::LIVE_HELP)>{tr(&words::LIVE)}</span> })}
            </div>
            {control}
            <p class="knob-help" id=help_id>{move || i18n::own(&help)}</p>
        </div>
    }
}

/// A slider and a box for the exact number.
#[expect(clippy::too_many_arguments, reason = "the parts of one knob kind, named at its only call")]
fn slider(
    field: String,
    described: String,
    min: f64,
    max: f64,
    step: f64,
    log: bool,
    value: Signal<f64>,
    set: Callback<KnobValue>,
) -> impl IntoView {
    let scale = Scale { min, max, step, log };
    let from_slider = move |event| {
        let place: f64 = event_target_value(&event).parse().unwrap_or(0.0);
        set.run(KnobValue::Number(scale.value(place)));
    };
    let from_box = move |event: web_sys::Event| {
        if let Ok(number) = event_target_value(&event).parse::<f64>() {
            set.run(KnobValue::Number(number.clamp(min, max)));
        }
        write_back(&event, value.get_untracked());
    };
    view! {
        <div class="knob-slider">
            <input
                type="range"
                id=field.clone()
                data-testid=field.clone()
                aria-describedby=described
                aria-valuetext=move || short(value.get())
                min="0"
                max=scale.places().to_string()
                step="1"
                prop:value=move || scale.place(value.get()).to_string()
                on:input=from_slider
            />
            <input
                type="number"
                class="number"
                aria-labelledby=field.clone()
                data-testid=format!("{field}-number")
                min=min.to_string()
                max=max.to_string()
                step="any"
                prop:value=move || value.get().to_string()
                on:change=from_box
            />
        </div>
    }
}

/// Puts into a box what the run uses. The page writes a value only when it changes, and what was typed may have changed
/// nothing: more than the most, or no number.
fn write_back(event: &web_sys::Event, value: impl ToString) {
    event_target::<web_sys::HtmlInputElement>(event).set_value(&value.to_string());
}

fn count(
    field: String,
    described: String,
    min: i64,
    max: i64,
    step: i64,
    value: Signal<f64>,
    set: Callback<KnobValue>,
) -> impl IntoView {
    let put = move |number: f64| set.run(KnobValue::Number(number.round().clamp(min as f64, max as f64)));
    let from_box = move |event: web_sys::Event| {
        if let Ok(number) = event_target_value(&event).parse::<f64>() {
            put(number);
        }
        write_back(&event, value.get_untracked());
    };
    // In here and not in the markup, which would read `>` as the end of a tag.
    let at_min = move || value.get() <= min as f64;
    let at_max = move || value.get() >= max as f64;
    view! {
        <div class="knob-count">
            <button class="button icon" type="button" aria-label=move || t(&words::LESS) disabled=at_min on:click=move |_| put(value.get() - step as f64)>"−"</button>
            <input
                type="number"
                class="number"
                id=field.clone()
                data-testid=field.clone()
                aria-describedby=described
                min=min.to_string()
                max=max.to_string()
                step=step.to_string()
                prop:value=move || value.get().to_string()
                on:change=from_box
            />
            <button class="button icon" type="button" aria-label=move || t(&words::MORE) disabled=at_max on:click=move |_| put(value.get() + step as f64)>"+"</button>
        </div>
    }
}

fn choice(
    field: String,
    described: String,
    options: Vec<Choice>,
    chosen: Signal<String>,
    set: Callback<KnobValue>,
) -> impl IntoView {
    let items = options.into_iter().map(|option| {
        let (id, label) = (option.id.to_string(), option.label);
        let mine = id.clone();
        view! { <option value=id prop:selected=move || chosen.get() == mine>{move || i18n::own(&label)}</option> }
    });
    view! {
        <select
            id=field.clone()
            data-testid=field.clone()
            aria-describedby=described
            on:change=move |event| set.run(KnobValue::Word(event_target_value(&event)))
        >
            {items.collect_view()}
        </select>
    }
}

/// Where a value stands on a slider, in whole places from the left.
#[derive(Clone, Copy)]
struct Scale {
    min: f64,
    max: f64,
    step: f64,
    log: bool,
}

impl Scale {
    fn places(&self) -> f64 {
        if self.log { LOG_PLACES } else { ((self.max - self.min) / self.step).round().max(1.0) }
    }

    fn place(&self, value: f64) -> f64 {
        let share = if self.log {
            (value / self.min).ln() / (self.max / self.min).ln()
        } else {
            (value - self.min) / (self.max - self.min)
        };
        (share * self.places()).round()
    }

    /// Rounded to two digits on a log scale, to whole steps on a linear one: the numbers people write.
    fn value(&self, place: f64) -> f64 {
        let share = place / self.places();
        let value = if self.log {
            let exact = self.min * (self.max / self.min).powf(share);
            let unit = 10f64.powf(exact.log10().floor() - 1.0);
            exact_decimal((exact / unit).round() * unit)
        } else {
            exact_decimal(self.min + place * self.step)
        };
        value.clamp(self.min, self.max)
    }
}

/// Without the noise of binary fractions: 0.30000000000000004 is written 0.3.
fn exact_decimal(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

#[component]
fn SeedField(state: LabState) -> impl IntoView {
    let from_box = move |event: web_sys::Event| {
        if let Ok(seed) = event_target_value(&event).parse::<u64>() {
            state.set_seed(seed);
        }
        write_back(&event, state.config.with_untracked(|config| config.seed));
    };
    // Five digits: a seed one can read out to a colleague.
    let roll = move |_| state.set_seed((js_sys::Math::random() * 100_000.0) as u64);
    view! {
        <div class="knob">
            <div class="knob-head"><label for="seed">{tr(&words::SEED)}</label></div>
            <div class="knob-seed">
                <input
                    type="number"
                    class="number"
                    id="seed"
                    data-testid="seed"
                    aria-describedby="seed-help"
                    min="0"
                    max=MAX_SEED.to_string()
                    step="1"
                    prop:value=move || state.config.with(|config| config.seed.to_string())
                    on:change=from_box
                />
                <button class="button icon" type="button" data-testid="seed-dice" aria-label=tr(&words::DICE) title=tr(&words::DICE) on:click=roll>
                    {Icon::Dice.view()}
                </button>
            </div>
            <p class="knob-help" id="seed-help">{tr(&words::SEED_HELP)}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_slider_gives_numbers_people_write_and_keeps_its_place() {
        let scale = Scale { min: 1e-5, max: 1.0, step: 0.0, log: true };
        assert_eq!((scale.value(0.0), scale.value(LOG_PLACES)), (1e-5, 1.0));
        assert_eq!(scale.value(scale.place(0.001)), 0.001);
        for place in 0..=LOG_PLACES as u32 {
            let value = scale.value(place as f64);
            assert!((1e-5..=1.0).contains(&value));
            assert!(format!("{value:e}").len() <= 7, "{value:e}");
        }
    }

    #[test]
    fn a_linear_slider_moves_in_steps() {
        let scale = Scale { min: 0.0, max: 0.9, step: 0.1, log: false };
        assert_eq!(scale.places(), 9.0);
        assert_eq!((scale.value(3.0), scale.place(0.3)), (0.3, 3.0));
        assert_eq!(scale.value(9.0), 0.9);
    }
}
