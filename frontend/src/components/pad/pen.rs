//! From pointer events to strokes.
//!
//! One pointer draws at a time. Moves are heard on the window, in the capture phase: so a stroke goes on
//! outside the canvas, and goes on even where the pointer can't be captured (a synthetic event) or an
//! event does not bubble.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::{HtmlCanvasElement, PointerEvent};

use super::desk::Desk;
use super::sheet::SIDE;

/// A pointer that has been still for so long no longer keeps others out: its end was lost.
const LOST_MS: f64 = 1500.0;

/// Listens for as long as the returned listeners live.
pub fn listen(canvas: &HtmlCanvasElement, desk: Desk) -> Vec<EventListener> {
    let pen = Rc::new(Pen { canvas: canvas.clone(), desk, active: Cell::new(None) });
    let options = EventListenerOptions { phase: gloo::events::EventListenerPhase::Capture, passive: true };
    let on = |target: &web_sys::EventTarget, name: &'static str, act: fn(&Pen, &PointerEvent)| {
        let pen = pen.clone();
        EventListener::new_with_options(target, name, options, move |event| act(&pen, event.unchecked_ref()))
    };
    let window: web_sys::EventTarget = window().into();
    vec![
        on(canvas, "pointerdown", Pen::down),
        on(&window, "pointermove", Pen::moved),
        on(&window, "pointerup", Pen::up),
        on(&window, "pointercancel", Pen::up),
        on(canvas, "lostpointercapture", Pen::up),
        on(&window, "blur", |pen, _| pen.lift()),
    ]
}

struct Pen {
    canvas: HtmlCanvasElement,
    desk: Desk,
    /// The pointer that draws, and when it last moved.
    active: Cell<Option<(i32, f64)>>,
}

impl Pen {
    fn down(&self, event: &PointerEvent) {
        let other_draws = self
            .active
            .get()
            .is_some_and(|(id, at_ms)| id != event.pointer_id() && event.time_stamp() - at_ms < LOST_MS);
        if event.button() != 0 || other_draws {
            return;
        }
        // Fails for a pointer the browser does not know; then the window's listeners are enough.
        let _ = self.canvas.set_pointer_capture(event.pointer_id());
        self.active.set(Some((event.pointer_id(), event.time_stamp())));
        let point = self.point(event);
        self.desk.sheet.update(|sheet| sheet.begin(point));
    }

    fn moved(&self, event: &PointerEvent) {
        if !self.is_active(event) {
            return;
        }
        self.active.set(Some((event.pointer_id(), event.time_stamp())));
        // The browser hands over one event a frame and keeps the points between in it. A synthetic event
        // has none. The event's own point comes last either way; twice the same adds nothing.
        let points: Vec<[f32; 2]> = coalesced(event).iter().chain([event]).map(|event| self.point(event)).collect();
        self.desk.sheet.try_maybe_update(|sheet| {
            let mut grew = false;
            for point in points {
                grew |= sheet.extend(point);
            }
            (grew, ())
        });
    }

    fn up(&self, event: &PointerEvent) {
        if self.is_active(event) {
            self.lift();
        }
    }

    fn lift(&self) {
        if self.active.take().is_some() {
            self.desk.sheet.update(|sheet| sheet.end());
        }
    }

    fn is_active(&self, event: &PointerEvent) -> bool {
        self.active.get().is_some_and(|(id, _)| id == event.pointer_id())
    }

    /// In pad units. Outside the pad a stroke goes on, but not without end.
    fn point(&self, event: &PointerEvent) -> [f32; 2] {
        let frame = self.canvas.get_bounding_client_rect();
        let unit = |name: &str, start: f64, length: f64| {
            let client = js_sys::Reflect::get(event, &JsValue::from_str(name)).ok().and_then(|value| value.as_f64());
            let unit = (client.unwrap_or(start) - start) / length.max(1.0) * f64::from(SIDE);
            // Hundredths are finer than any screen and make short messages.
            ((unit * 100.0).round() / 100.0).clamp(f64::from(-SIDE), f64::from(2.0 * SIDE)) as f32
        };
        [unit("clientX", frame.left(), frame.width()), unit("clientY", frame.top(), frame.height())]
    }
}

fn coalesced(event: &PointerEvent) -> Vec<PointerEvent> {
    let function = js_sys::Reflect::get(event, &JsValue::from_str("getCoalescedEvents")).ok();
    let list = function.and_then(|function| function.dyn_into::<js_sys::Function>().ok()?.call0(event).ok());
    list.map(|list| js_sys::Array::from(&list).iter().map(|event| event.unchecked_into()).collect()).unwrap_or_default()
}
