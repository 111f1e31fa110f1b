//! Light, dark, or as the system has it. Kept in this browser.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// What the person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

const KEY: &str = "kindling:theme";

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    fn id(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

thread_local! {
    static THEME: ArcRwSignal<Theme> = ArcRwSignal::new(saved());
    static DARK: ArcRwSignal<bool> = ArcRwSignal::new(false);
}

/// The choice. Tracked.
pub fn theme() -> Theme {
    THEME.with(|theme| theme.get())
}

/// Whether the page is dark now, whoever decided it. Tracked: a canvas that takes its colours from the
/// style sheet reads this so as to draw again when they change.
pub fn is_dark() -> bool {
    DARK.with(|dark| dark.get())
}

pub fn choose(theme: Theme) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(KEY, theme.id());
    }
    THEME.with(|signal| signal.set(theme));
    show();
}

/// Shows the saved choice and follows the system. Called once.
pub fn apply() {
    show();
    if let Some(system) = system_is_dark() {
        let on_change = Closure::<dyn Fn()>::new(show);
        let _ = system.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
        on_change.forget();
    }
}

/// The value of a CSS custom property, such as `--accent`, as the theme has it now.
pub fn token(name: &str) -> String {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_string()
}

fn show() {
    let dark = match THEME.with(|theme| theme.get_untracked()) {
        Theme::System => system_is_dark().is_some_and(|system| system.matches()),
        Theme::Light => false,
        Theme::Dark => true,
    };
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
    }
    DARK.with(|signal| signal.set(dark));
}

fn system_is_dark() -> Option<web_sys::MediaQueryList> {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten()
}

fn saved() -> Theme {
    let word = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(KEY).ok().flatten());
    Theme::ALL.into_iter().find(|theme| Some(theme.id()) == word.as_deref()).unwrap_or_default()
}
