//! One of a few, as a row of buttons: radio buttons to the keyboard and to screen readers.

use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::i18n::tr;

/// `value` is what is chosen; a choice is told to `on_choose`, which decides what becomes of it.
#[component]
pub fn Segmented<T>(
    legend: &'static Text,
    options: Vec<(T, &'static Text)>,
    #[prop(into)] value: Signal<T>,
    on_choose: impl Fn(T) + Copy + 'static,
    testid: &'static str,
    /// Why an option can't be chosen now, if it can't.
    #[prop(optional, into)]
    blocked: Option<Callback<T, Option<String>>>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    // Radio buttons of one row share a name, and no two rows do.
    let name = format!("{testid}-choice");
    let buttons = options.into_iter().enumerate().map(move |(index, (option, label))| {
        let reason = Memo::new(move |_| blocked.and_then(|blocked| blocked.run(option)));
        view! {
            <label
                class="segment"
                class:chosen=move || value.get() == option
                class:blocked=move || reason.get().is_some()
                title=move || reason.get()
                data-testid=format!("{testid}-{index}")
            >
                <input
                    type="radio"
                    name=name.clone()
                    prop:checked=move || value.get() == option
                    prop:disabled=move || reason.get().is_some()
                    on:change=move |_| on_choose(option)
                />
                <span>{tr(label)}</span>
            </label>
        }
    });
    let buttons = buttons.collect_view();
    view! {
        <fieldset class="segments choices" data-testid=testid>
            <legend class="hidden-text">{tr(legend)}</legend>
            {buttons}
        </fieldset>
    }
}
