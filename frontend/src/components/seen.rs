//! What the model sees: the 28x28 pixels it was given, and the switches that show why preparation matters.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kindling_protocol::input::Picture;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::pad::desk::Desk;
use crate::i18n::{Text, home, t, tr};

#[component]
pub fn Seen() -> impl IntoView {
    let desk = Desk::here();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            let seen = desk.answer().map(|answer| answer.answer.seen);
            // No white noise and no last digit on an empty pad: black is MNIST's nothing.
            show(&canvas, &seen.unwrap_or_default());
        }
    });
    let lesson = move || {
        let preparation = desk.preparation.get();
        t(match (preparation.scale, preparation.centre) {
            (true, true) => &home::LESSON_BOTH,
            (false, true) => &home::LESSON_NO_SCALE,
            (true, false) => &home::LESSON_NO_CENTRE,
            (false, false) => &home::LESSON_NEITHER,
        })
    };
    let scale = (move || desk.preparation.get().scale, move |on| desk.preparation.update(|steps| steps.scale = on));
    let centre = (move || desk.preparation.get().centre, move |on| desk.preparation.update(|steps| steps.centre = on));
    view! {
        <section class="seen">
            <figure>
                <canvas node_ref=canvas width="28" height="28" data-testid="model-input" role="img" aria-label=tr(&home::SEEN_LABEL)></canvas>
            </figure>
            <div class="seen-words">
                <h2>{tr(&home::SEEN)}</h2>
                <p class="quiet">{lesson}</p>
                <div class="row">
                    {switch(&home::SCALE, "scale", scale.0, scale.1)}
                    {switch(&home::CENTRE, "centre", centre.0, centre.1)}
                </div>
            </div>
        </section>
    }
}

fn switch(
    label: &'static Text,
    id: &'static str,
    on: impl Fn() -> bool + Send + Sync + 'static,
    set: impl Fn(bool) + 'static,
) -> impl IntoView {
    view! {
        <label class="switch">
            <input
                type="checkbox"
                role="switch"
                data-testid=id
                prop:checked=on
                on:change:target=move |event| set(event.target().checked())
            />
            <span>{tr(label)}</span>
        </label>
    }
}

/// Puts a grey picture on the canvas pixel for pixel, white ink on black as MNIST has it.
fn show(canvas: &HtmlCanvasElement, picture: &Picture) {
    let context = canvas.get_context("2d").ok().flatten();
    let Some(context) = context.and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok()) else { return };
    context.set_fill_style_str("#000");
    context.fill_rect(0.0, 0.0, canvas.width().into(), canvas.height().into());
    let Ok(grey) = BASE64_STANDARD.decode(&picture.pixels) else { return };
    if picture.width == 0 || picture.height == 0 || grey.len() != (picture.width * picture.height) as usize {
        return;
    }
    if (canvas.width(), canvas.height()) != (picture.width, picture.height) {
        canvas.set_width(picture.width);
        canvas.set_height(picture.height);
    }
    let rgba: Vec<u8> = grey.iter().flat_map(|grey| [*grey, *grey, *grey, 255]).collect();
    if let Ok(image) = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), picture.width, picture.height) {
        let _ = context.put_image_data(&image, 0.0, 0.0);
    }
}
