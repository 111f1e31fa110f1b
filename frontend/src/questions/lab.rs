//! The lab of a question: what to try there, and the lab itself, opened when it is asked for.

use kindling_protocol::question::{Card, QuestionPage};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::icons::Icon;
use crate::i18n::{questions as words, tr};
use crate::pages::lab::{DEFAULTS, LabWithin, Within};
use crate::questions::practice::Practice;
use crate::questions::quiz::PREDICTIONS;
use crate::router;
use crate::runner;

/// Opens by itself where the address already holds settings, or a run of this lab goes on.
#[component]
pub fn LabPart(practice: Practice, page: Signal<QuestionPage>, card: Card) -> impl IntoView {
    let has_settings = untrack(|| !router::query().is_empty());
    let goes_on = runner::active()
        .with_untracked(|run| run.as_ref().is_some_and(|run| run.is_live() && run.config().lab == card.lab));
    // How often it was opened: each time it is built anew, with the settings of the address.
    let opened = RwSignal::new(u32::from(has_settings || goes_on));
    let predictions = page.with_untracked(|page| page.predictions.len());
    let may_tell = Memo::new(move |_| {
        practice.revealed.get() || (0..predictions).all(|place| practice.chosen(&PREDICTIONS, place).is_some())
    });
    let settings = card.knobs.0.iter().map(|(id, value)| format!("{id}={value}")).collect::<Vec<_>>().join("&");
    let apart =
        if settings.is_empty() { format!("/labs/{}", card.lab) } else { format!("/labs/{}?{settings}", card.lab) };
    let within = StoredValue::new(Within { slug: card.lab, knobs: card.knobs, goals: card.goals });
    let place = NodeRef::<html::Div>::new();
    let follow = move |event: web_sys::MouseEvent| {
        let Some(query) = within.with_value(|within| settings_of(&event, &within.slug)) else { return };
        event.prevent_default();
        router::replace_query(&query);
        opened.update(|opened| *opened += 1);
        request_animation_frame(move || {
            if let Some(place) = place.get_untracked() {
                place.scroll_into_view();
                let _ = place.focus();
            }
        });
    };
    let text = move || {
        if may_tell.get() {
            let html = move || page.with(|page| page.lab.clone());
            view! { <div class="prose" on:click=follow inner_html=html data-testid="lab-text"></div> }.into_any()
        } else {
            view! { <p class="quiet">{tr(&words::LAB_HIDDEN)}</p> }.into_any()
        }
    };
    let lab = move || (opened.get() > 0).then(|| view! { <LabWithin within=within.get_value() /> });
    view! {
        <section class="stack question-lab" aria-labelledby="lab-title" data-part="lab">
            <h2 id="lab-title">{tr(&words::LAB)}</h2>
            <p class="quiet">{tr(&words::LAB_BODY)}</p>
            {text}
            <p class="row">
                <button
                    class="button primary"
                    type="button"
                    data-testid="open-lab"
                    hidden=move || opened.get() != 0
                    on:click=move |_| opened.set(1)
                >
                    {Icon::Play.view()} {tr(&words::LAB_HERE)}
                </button>
                <a class="button plain" href=apart data-testid="lab-apart">{tr(&words::LAB_APART)}</a>
            </p>
            <div class="lab-here" tabindex="-1" node_ref=place>{lab}</div>
        </section>
    }
}

/// The settings of a link into this very lab, followed with a plain click: those are tried here and not on another page.
fn settings_of(event: &web_sys::MouseEvent, slug: &str) -> Option<String> {
    if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
        return None;
    }
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let href = target.closest("a[href]").ok()??.get_attribute("href")?;
    settings_in(&href, slug).map(str::to_owned)
}

/// A link without settings asks for the lab's defaults, which an address without any would not: there the question's
/// own settings hold.
fn settings_in<'a>(href: &'a str, slug: &str) -> Option<&'a str> {
    match href.strip_prefix("/labs/")?.strip_prefix(slug)? {
        "" => Some(DEFAULTS),
        rest => rest.strip_prefix('?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_into_this_lab_are_followed_here() {
        assert_eq!(settings_in("/labs/digits?lr=10&model=cnn", "digits"), Some("lr=10&model=cnn"));
        assert_eq!(settings_in("/labs/digits", "digits"), Some(DEFAULTS));
        for other in ["/labs/digits-two?lr=1", "/labs/shap?a=1", "https://example.org/labs/digits", "/questions/q01"] {
            assert_eq!(settings_in(other, "digits"), None, "{other}");
        }
    }
}
