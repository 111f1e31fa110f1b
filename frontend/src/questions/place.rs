//! Where the person reads. A text is longer in one language than in the other: what keeps its place is not the number
//! of pixels but the part of the page, and how far into it the upper edge of the window is.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Parts of a page carry this attribute.
const PARTS: &str = "[data-part]";

#[derive(Clone, Debug)]
pub struct Place {
    part: String,
    /// Of the part's height, above the upper edge.
    share: f64,
}

/// The innermost part at the upper edge of the window; `None` at the top of the page.
pub fn here() -> Option<Place> {
    let parts = document().query_selector_all(PARTS).ok()?;
    let mut found = None;
    for index in 0..parts.length() {
        let Some(element) = parts.item(index).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) else {
            continue;
        };
        let bounds = element.get_bounding_client_rect();
        if bounds.top() < 0.0 && bounds.bottom() > 0.0 {
            let part = element.get_attribute("data-part").unwrap_or_default();
            found = Some(Place { part, share: -bounds.top() / bounds.height() });
        }
    }
    found
}

/// Scrolls there as soon as the page has been laid out again.
pub fn back_to(place: Option<Place>) {
    let Some(Place { part, share }) = place else { return };
    request_animation_frame(move || {
        let element = document().query_selector(&format!("[data-part='{part}']")).ok().flatten();
        if let Some(bounds) = element.map(|element| element.get_bounding_client_rect()) {
            window().scroll_by_with_x_and_y(0.0, bounds.top() + share * bounds.height());
        }
    });
}
