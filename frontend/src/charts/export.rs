//! A chart as a file: every point as CSV, the drawing as SVG or PNG.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, Element, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement,
    Url,
};

use crate::charts::curve::Point;
use crate::theme;

/// All points as they came, one a line: nothing smoothed, nothing left out.
pub fn csv<'a>(curves: impl IntoIterator<Item = (&'a str, &'a str, &'a [Point])>) -> String {
    let mut text = String::from("run,series,step,epoch,time_s,value\n");
    for (run, series, points) in curves {
        for point in points {
            let Point { step, epoch, at_ms, value } = point;
            let time_s = *at_ms as f64 / 1000.0;
            text += &format!("{},{},{step},{epoch},{time_s},{value}\n", quoted(run), quoted(series));
        }
    }
    text
}

/// A name as a CSV field. A leading `=`, `+`, `-` or `@` would be a formula to a spreadsheet, if it is no number.
pub fn quoted(name: &str) -> String {
    let formula = name.starts_with(['=', '+', '-', '@']) && name.parse::<f64>().is_err();
    let name = if formula { format!("'{name}") } else { name.to_string() };
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name }
}

/// Hands a file to the person.
pub fn save(name: &str, kind: &str, bytes: &[u8]) {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    if let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

fn save_blob(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    let Ok(link) = document().create_element("a") else { return };
    let link: HtmlAnchorElement = link.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has read the URL once the click's task is over.
    set_timeout(move || drop(Url::revoke_object_url(&url)), std::time::Duration::from_secs(10));
}

/// What a drawing takes from the style sheet. Written into the file, which has none.
const PROPERTIES: [&str; 10] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "opacity",
    "font-size",
    "font-family",
    "font-weight",
    "text-anchor",
];

/// The drawing as a file that looks the same without the page's style sheet.
pub fn svg_text(svg: &Element) -> Option<String> {
    let copy: Element = svg.clone_node_with_deep(true).ok()?.unchecked_into();
    let (from, to) = (svg.query_selector_all("*").ok()?, copy.query_selector_all("*").ok()?);
    for index in 0..from.length() {
        let (from, to): (Element, Element) = (from.get(index)?.unchecked_into(), to.get(index)?.unchecked_into());
        let style = window().get_computed_style(&from).ok()??;
        for property in PROPERTIES {
            if let Ok(value) = style.get_property_value(property) {
                let _ = to.set_attribute(property, &value);
            }
        }
        let _ = to.remove_attribute("class");
    }
    copy.set_attribute("xmlns", "http://www.w3.org/2000/svg").ok()?;
    let ground = document().create_element_ns(Some("http://www.w3.org/2000/svg"), "rect").ok()?;
    for (name, value) in [("width", "100%"), ("height", "100%"), ("fill", &theme::token("--surface"))] {
        ground.set_attribute(name, value).ok()?;
    }
    copy.insert_before(&ground, copy.first_child().as_ref()).ok()?;
    Some(copy.outer_html())
}

/// Saves the drawing as pixels, two for each one on the page.
pub fn save_png(name: String, svg: &str, width: f64, height: f64) {
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml");
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&Array::of1(&JsValue::from_str(svg)), &options) else {
        return;
    };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    let Ok(image) = HtmlImageElement::new() else { return };
    let drawn = image.clone();
    let source = url.clone();
    let on_load = Closure::once_into_js(move || {
        let Some((canvas, context)) = canvas(width, height) else { return };
        let _ = context.draw_image_with_html_image_element_and_dw_and_dh(&drawn, 0.0, 0.0, width, height);
        let _ = Url::revoke_object_url(&url);
        save_canvas(name, &canvas);
    });
    image.set_onload(Some(on_load.unchecked_ref()));
    image.set_src(&source);
}

/// Two pixels for each one on the page.
fn canvas(width: f64, height: f64) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.unchecked_into();
    canvas.set_width((width * 2.0) as u32);
    canvas.set_height((height * 2.0) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    context.scale(2.0, 2.0).ok()?;
    Some((canvas, context))
}

fn save_canvas(name: String, canvas: &HtmlCanvasElement) {
    let on_blob = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            save_blob(&name, &blob);
        }
    });
    let _ = canvas.to_blob(on_blob.unchecked_ref());
}

/// Saves the canvases of a list where they stand, each item's words in one line.
pub fn save_list(name: String, list: &Element) -> Option<()> {
    let (width, height) = (f64::from(list.scroll_width()), f64::from(list.scroll_height()));
    let (canvas, context) = canvas(width, height)?;
    context.set_fill_style_str(&theme::token("--surface"));
    context.fill_rect(0.0, 0.0, width, height);
    context.set_image_smoothing_enabled(false);
    context.set_font("12px sans-serif");
    context.set_text_align("center");
    context.set_text_baseline("top");
    let origin = list.get_bounding_client_rect();
    // What is scrolled out of sight is in the file too.
    let from = origin.left() - f64::from(list.scroll_left());
    let parts = list.query_selector_all("canvas, .tile-head, .tile-caption").ok()?;
    for index in 0..parts.length() {
        let part: Element = parts.get(index)?.unchecked_into();
        let place = part.get_bounding_client_rect();
        let (x, y) = (place.left() - from, place.top() - origin.top());
        if let Some(picture) = part.dyn_ref::<HtmlCanvasElement>() {
            let (wide, high) = (place.width(), place.height());
            context.set_fill_style_str(&theme::token("--paper"));
            context.fill_rect(x, y, wide, high);
            context.draw_image_with_html_canvas_element_and_dw_and_dh(picture, x, y, wide, high).ok()?;
        } else {
            let room = part.closest("li").ok()??.get_bounding_client_rect().width();
            context.set_fill_style_str(&theme::token("--text"));
            let words = part.text_content().unwrap_or_default();
            context.fill_text_with_max_width(&words, x + place.width() / 2.0, y, room).ok()?;
        }
    }
    save_canvas(name, &canvas);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_has_every_point_and_survives_any_name() {
        let points = [Point { step: 10, epoch: 0.5, at_ms: 1500, value: 0.25 }; 2];
        let text = csv([("=evil, \"x\"", "loss", &points[..])]);
        let line = "\"'=evil, \"\"x\"\"\",loss,10,0.5,1.5,0.25";
        assert_eq!(text.lines().collect::<Vec<_>>(), ["run,series,step,epoch,time_s,value", line, line]);
        assert_eq!(["-0.5", "-x"].map(quoted), ["-0.5", "'-x"]);
    }
}
