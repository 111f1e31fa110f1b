//! From strokes to pixels, as sharp as the screen, in the colours of the theme.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kindling_protocol::input::Picture;
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::cursor::{CELLS, Cursor};
use super::sheet::{Content, SIDE, Sheet};
use crate::theme;

/// Paints everything anew. `brush` is the pen's width in pad units.
pub fn paint(canvas: &HtmlCanvasElement, sheet: &Sheet, brush: f32, cursor: Cursor) {
    let Some(context) = context(canvas) else { return };
    let side = f64::from(SIDE);
    let scale = fit(canvas) / side;
    let _ = context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
    context.set_fill_style_str(&theme::token("--paper"));
    context.fill_rect(0.0, 0.0, side, side);
    if cursor.shown {
        grid(&context);
    }
    context.set_line_cap("round");
    context.set_line_join("round");
    context.set_line_width(f64::from(brush));
    context.set_stroke_style_str(&theme::token("--ink"));
    match sheet.content() {
        Content::Example { picture, .. } => pixels(&context, picture, scale),
        Content::Strokes(strokes) => strokes.iter().for_each(|points| stroke(&context, points)),
    }
    if let Some(points) = sheet.pen() {
        stroke(&context, points);
    }
    if cursor.shown {
        pen(&context, cursor, f64::from(brush));
    }
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Gives the canvas as many pixels as the screen has there; returns its side.
fn fit(canvas: &HtmlCanvasElement) -> f64 {
    let side = (f64::from(canvas.client_width()) * window().device_pixel_ratio()).round().max(1.0);
    if f64::from(canvas.width()) != side || f64::from(canvas.height()) != side {
        canvas.set_width(side as u32);
        canvas.set_height(side as u32);
    }
    side
}

fn stroke(context: &CanvasRenderingContext2d, points: &[[f32; 2]]) {
    let Some(first) = points.first() else { return };
    context.begin_path();
    context.move_to(f64::from(first[0]), f64::from(first[1]));
    // A single point is a line of no length: with round caps a dot.
    for point in points.get(1..).filter(|rest| !rest.is_empty()).unwrap_or(points) {
        context.line_to(f64::from(point[0]), f64::from(point[1]));
    }
    context.stroke();
}

fn pixels(context: &CanvasRenderingContext2d, picture: &Picture, scale: f64) {
    let Ok(bytes) = BASE64_STANDARD.decode(&picture.pixels) else { return };
    let (columns, side) = (picture.width.max(1) as usize, f64::from(SIDE));
    let (width, height) = (side / columns as f64, side / f64::from(picture.height.max(1)));
    // Edges on whole pixels of the screen: cells neither overlap nor leave seams.
    let edge = |at: f64| (at * scale).round() / scale;
    context.set_fill_style_str(&theme::token("--ink"));
    for (place, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte > 0) {
        context.set_global_alpha(f64::from(*byte) / 255.0);
        let (column, row) = ((place % columns) as f64, (place / columns) as f64);
        let (x, y) = (edge(column * width), edge(row * height));
        context.fill_rect(x, y, edge((column + 1.0) * width) - x, edge((row + 1.0) * height) - y);
    }
    context.set_global_alpha(1.0);
}

fn grid(context: &CanvasRenderingContext2d) {
    let side = f64::from(SIDE);
    context.set_line_width(1.0);
    context.set_stroke_style_str(&theme::token("--grid"));
    context.begin_path();
    for line in 1..CELLS {
        let at = f64::from(line) * side / f64::from(CELLS);
        context.move_to(at, 0.0);
        context.line_to(at, side);
        context.move_to(0.0, at);
        context.line_to(side, at);
    }
    context.stroke();
}

fn pen(context: &CanvasRenderingContext2d, cursor: Cursor, brush: f64) {
    let [x, y] = cursor.point().map(f64::from);
    context.set_line_width(2.5);
    context.set_stroke_style_str(&theme::token("--accent"));
    context.begin_path();
    let _ = context.arc(x, y, brush / 2.0 + 3.0, 0.0, std::f64::consts::TAU);
    context.stroke();
    if cursor.down {
        context.set_fill_style_str(&theme::token("--accent"));
        context.begin_path();
        let _ = context.arc(x, y, 4.0, 0.0, std::f64::consts::TAU);
        context.fill();
    }
}
