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
        // By its role: a cross-hair shows small ones of its own.
        let svg = body.get_untracked()?.query_selector("svg[role=img]").ok()??;
        let (width, height) = (svg.get_bounding_client_rect().width(), height.get_untracked());
        svg.set_attribute("viewBox", &format!("0 0 {width} {height}")).ok()?;
        let text = export::svg_text(&svg);
        svg.remove_attribute("viewBox").ok()?;
        Some((text?, width))
    };
    let save_csv = move || export::save(&name("csv"), "text/csv;charset=utf-8", untrack(|| csv.run(())).as_bytes());
    let save_svg = move || {
        if let Some((text, _)) = drawing() {
            export::save(&name("svg"), "image/svg+xml", text.as_bytes());
        }
    };
    let save_png = move || {
        if let Some((text, width)) = drawing() {
            export::save_png(name("png"), &text, width, height.get_untracked());
        }
    };
    view! {
        <span class="chart-files">
            {save_button("CSV", "chart-csv", save_csv)}
            {save_button("PNG", "chart-png", save_png)}
            {save_button("SVG", "chart-svg", save_svg)}
        </span>
    }
}

/// A button that saves a file of that kind.
pub fn save_button(kind: &'static str, testid: &'static str, save: impl Fn() + 'static) -> AnyView {
    let label = move || format!("{} {kind}", t(&words::CHART_SAVE));
    // The same code for every button.
    let save: Box<dyn Fn()> = Box::new(save);
    view! {
        <button class="button plain chart-tool" type="button" data-testid=testid aria-label=label title=label on:click=move |_| save()>{kind}</button>
    }
    .into_any()
}
