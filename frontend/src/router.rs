//! The address bar: a handful of routes, read from the path and written with the History API.
//!
//! Small on purpose. A page is chosen by the path alone, so changing the query (a lab keeps its whole
//! configuration there) never rebuilds the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};

/// Every page of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Pad,
    Labs,
    Lab(String),
    Questions,
    Question(String),
    Runs,
    Engine,
    Models,
    /// No page has this address.
    Unknown,
}

impl Route {
    fn read(path: &str) -> Route {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => Route::Pad,
            ["labs"] => Route::Labs,
            ["labs", slug] => Route::Lab(slug.to_string()),
            ["questions"] => Route::Questions,
            ["questions", id] => Route::Question(id.to_string()),
            ["runs"] => Route::Runs,
            ["engine"] => Route::Engine,
            ["models"] => Route::Models,
            _ => Route::Unknown,
        }
    }

    pub fn path(&self) -> String {
        match self {
            Route::Pad | Route::Unknown => "/".into(),
            Route::Labs => "/labs".into(),
            Route::Lab(slug) => format!("/labs/{slug}"),
            Route::Questions => "/questions".into(),
            Route::Question(id) => format!("/questions/{id}"),
            Route::Runs => "/runs".into(),
            Route::Engine => "/engine".into(),
            Route::Models => "/models".into(),
        }
    }
}

thread_local! {
    static PATH: ArcRwSignal<String> = ArcRwSignal::new(location_part(web_sys::Location::pathname));
    static QUERY: ArcRwSignal<String> = ArcRwSignal::new(location_part(web_sys::Location::search));
}

/// The route shown now. Tracked.
pub fn route() -> Route {
    Route::read(&PATH.with(|path| path.get()))
}

/// The query of the address without `?`, as it stands there. Tracked.
pub fn query() -> String {
    QUERY.with(|query| query.get()).trim_start_matches('?').to_string()
}

/// The query as pairs, percent-decoded. Tracked.
pub fn query_pairs() -> Vec<(String, String)> {
    let Ok(params) = web_sys::UrlSearchParams::new_with_str(&query()) else { return Vec::new() };
    let entries = js_sys::Array::from(params.as_ref());
    entries
        .iter()
        .map(|entry| js_sys::Array::from(&entry))
        .filter_map(|pair| Some((pair.get(0).as_string()?, pair.get(1).as_string()?)))
        .collect()
}

/// Goes to another page of the program. `target` may hold a query.
pub fn navigate(target: &str) {
    if window().history().and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(target))).is_ok() {
        read_location();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Replaces the query and leaves the page and the history as they are.
pub fn replace_query(query: &str) {
    let path = PATH.with(|path| path.get_untracked());
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    if window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&target))).is_ok()
    {
        read_location();
    }
}

/// Follows the back button, and takes clicks on links within the program. Called once.
pub fn listen() {
    let on_pop = Closure::<dyn Fn()>::new(read_location);
    let _ = window().add_event_listener_with_callback("popstate", on_pop.as_ref().unchecked_ref());
    on_pop.forget();
    let on_click = Closure::<dyn Fn(web_sys::MouseEvent)>::new(take_click);
    let _ = document().add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
    on_click.forget();
}

/// A plain click on a link of ours changes the page without loading it again.
fn take_click(event: web_sys::MouseEvent) {
    let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    if event.default_prevented() || event.button() != 0 || modified {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(link) = target.and_then(|element| element.closest("a[href]").ok().flatten()) else { return };
    let ours = link.get_attribute("href").filter(|href| href.starts_with('/') && !href.starts_with("/api"));
    if let Some(href) = ours.filter(|_| !link.has_attribute("download") && !link.has_attribute("target")) {
        event.prevent_default();
        navigate(&href);
    }
}

fn read_location() {
    let (new_path, new_query) = (location_part(web_sys::Location::pathname), location_part(web_sys::Location::search));
    PATH.with(|path| {
        if path.get_untracked() != new_path {
            path.set(new_path)
        }
    });
    QUERY.with(|query| {
        if query.get_untracked() != new_query {
            query.set(new_query)
        }
    });
}

fn location_part(part: impl Fn(&web_sys::Location) -> Result<String, JsValue>) -> String {
    part(&window().location()).unwrap_or_default()
}
