//! Buttons that save a drawing: its numbers as CSV, itself as PNG or SVG.

use leptos::html::Div;
use leptos::prelude::*;

use crate::charts::export;
use crate::i18n::{charts as words, t};

#[component]
pub fn SaveButtons(
    /// Of the files, without an ending.
    #[prop(into)]
    name: String,
    csv: Callback<(), String>,
    /// Holds the drawing, an SVG.
    body: NodeRef<Div>,
    /// Of the drawing.
    #[prop(into)]
    height: Signal<f64>,
) -> impl IntoView {
    let stem = StoredValue::new(name);
    let name = move |ending: &str| format!("kindling-{}.{ending}", stem.get_value());
    let drawing = move || {
        let svg = body.get_untracked()?.query_selector("svg").ok()??;
        let (width, height) = (svg.get_bounding_client_rect().width(), height.get_untracked());
        svg.set_attribute("viewBox", &format!("0 0 {width} {height}")).ok()?;
        let text = export::svg_text(&svg);
        svg.remove_attribute("viewBox").ok()?;
        Some((text?, width))
    };
    let save_csv = move |_| export::save(&name("csv"), "text/csv;charset=utf-8", untrack(|| csv.run(())).as_bytes());
    let save_svg = move |_| {
        if let Some((text, _)) = drawing() {
            export::save(&name("svg"), "image/svg+xml", text.as_bytes());
        }
    };
    let save_png = move |_| {
        if let Some((text, width)) = drawing() {
            export::save_png(name("png"), &text, width, height.get_untracked());
        }
    };
    let label = move |kind: &'static str| move || format!("{} {kind}", t(&words::CHART_SAVE));
    view! {
        <span class="chart-files">
            <button class="button plain chart-tool" type="button" data-testid="chart-csv" aria-label=label("CSV") title=label("CSV") on:click=save_csv>"CSV"</button>
            <button class="button plain chart-tool" type="button" data-testid="chart-png" aria-label=label("PNG") title=label("PNG") on:click=save_png>"PNG"</button>
            <button class="button plain chart-tool" type="button" data-testid="chart-svg" aria-label=label("SVG") title=label("SVG") on:click=save_svg>"SVG"</button>
        </span>
    }
}
