//! The frame around every page: the name, the way to each page, language and colours.

use leptos::html;
use leptos::prelude::*;

use crate::components::icons::{Icon, Mark};
use crate::components::toast::Toasts;
use crate::i18n::{self, Language, common, t, tr};
use crate::router::{Route, route};
use crate::theme::{self, Theme};

#[component]
pub fn Shell(children: Children) -> impl IntoView {
    let main = NodeRef::<html::Main>::new();
    let here = Memo::new(|_| route());
    Effect::new(move |before: Option<Route>| {
        let now = here.get();
        let entry = ENTRIES.iter().find(|(_, _, is_here)| is_here(&now));
        document().set_title(&entry.map_or("Kindling".into(), |(_, label, _)| format!("{} · Kindling", t(label))));
        // A screen reader goes on reading at the new page, not at the link that was followed.
        if before.is_some_and(|before| before != now)
            && let Some(main) = main.get_untracked()
        {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = main.focus_with_options(&options);
        }
        now
    });
    view! {
        <a class="skip" href="#main">{tr(&common::SKIP)}</a>
        <header class="site-header">
            <a class="brand" href="/" data-testid="brand"><Mark />"Kindling"</a>
            <nav class="site-nav" aria-label=tr(&common::NAV)>
                {ENTRIES.into_iter().map(entry).collect_view()}
            </nav>
            <div class="site-tools">
                <LanguageSwitch />
                <ThemeSwitch />
            </div>
        </header>
        <main id="main" tabindex="-1" node_ref=main>{children()}</main>
        <Toasts />
    }
}

type Entry = (&'static str, &'static i18n::Text, fn(&Route) -> bool);

const ENTRIES: [Entry; 6] = [
    ("/", &common::NAV_PAD, |route| matches!(route, Route::Pad)),
    ("/questions", &common::NAV_QUESTIONS, |route| matches!(route, Route::Questions | Route::Question(_))),
    ("/labs", &common::NAV_LABS, |route| matches!(route, Route::Labs | Route::Lab(_))),
    ("/runs", &common::NAV_RUNS, |route| matches!(route, Route::Runs)),
    ("/models", &common::NAV_MODELS, |route| matches!(route, Route::Models)),
    ("/engine", &common::NAV_ENGINE, |route| matches!(route, Route::Engine)),
];

fn entry((href, label, is_here): Entry) -> impl IntoView {
    let current = move || is_here(&route()).then_some("page");
    view! { <a href=href aria-current=current>{tr(label)}</a> }
}

/// One button that names the other language, in that language.
#[component]
fn LanguageSwitch() -> impl IntoView {
    let other = || match i18n::language() {
        Language::En => Language::Zh,
        Language::Zh => Language::En,
    };
    let name = move || match other() {
        Language::En => "English",
        Language::Zh => "中文",
    };
    view! {
        <button
            class="button plain"
            data-testid="language"
            lang=move || i18n::tag(other())
            on:click=move |_| i18n::choose(untrack(other))
        >
            {name}
        </button>
    }
}

/// One button that goes round: as the system, light, dark.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let shown = || match theme::theme() {
        Theme::System => (Icon::System, &common::THEME_SYSTEM),
        Theme::Light => (Icon::Sun, &common::THEME_LIGHT),
        Theme::Dark => (Icon::Moon, &common::THEME_DARK),
    };
    let label = move || format!("{}: {}", t(&common::THEME), t(shown().1));
    let turn = move |_| {
        let place = Theme::ALL.iter().position(|theme| *theme == untrack(theme::theme)).unwrap_or(0);
        theme::choose(Theme::ALL[(place + 1) % Theme::ALL.len()]);
    };
    view! {
        <button class="button plain icon" data-testid="theme" aria-label=label title=label on:click=turn>
            {move || shown().0.view()}
        </button>
    }
}
