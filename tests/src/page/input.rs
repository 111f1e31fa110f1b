//! What a person does in a tab, with mouse, finger, pen and keyboard.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Page, by_test_id};

/// Points in parts of the element's size, from its top left corner.
pub type Stroke = Vec<(f64, f64)>;

/// What strokes are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    Mouse,
    Pen,
    Touch,
    /// Pointer events made by a script: no pointer is captured, and nothing is coalesced.
    Script,
}

impl Page {
    /// Clicks the middle of an element with this `data-testid`, with the mouse.
    pub fn click(&mut self, id: &str) {
        self.click_on(&by_test_id(id));
    }

    /// Clicks the middle of the element that an expression finds.
    pub fn click_on(&mut self, element: &str) {
        self.wait_for(&format!("!!{element}"), Duration::from_secs(10));
        let (x, y) = self.still(element);
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            self.call("Input.dispatchMouseEvent", mouse_event("mouse", kind, x, y, buttons));
        }
    }

    /// The centre of an element once it stays where it is: what loads above it would move it from under the pointer.
    fn still(&mut self, element: &str) -> (f64, f64) {
        let mut before = None;
        for _ in 0..50 {
            let place = self.place(element);
            if before == Some(place) {
                break;
            }
            before = Some(place);
            self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
        }
        let (x, y, width, height) = before.expect("an element has been placed");
        (x + width / 2.0, y + height / 2.0)
    }

    /// Draws with the mouse on an element with this `data-testid`, each event as soon as the one before was taken.
    pub fn draw(&mut self, id: &str, strokes: &[Stroke]) {
        for event in self.mouse_events("mouse", id, strokes) {
            self.call("Input.dispatchMouseEvent", event);
        }
        self.pump(Duration::ZERO);
    }

    /// Draws without waiting in between: a hand that is quicker than the page. The browser keeps the order.
    pub fn draw_with(&mut self, pointer: Pointer, id: &str, strokes: &[Stroke]) {
        let (method, events) = match pointer {
            Pointer::Mouse => ("Input.dispatchMouseEvent", self.mouse_events("mouse", id, strokes)),
            Pointer::Pen => ("Input.dispatchMouseEvent", self.mouse_events("pen", id, strokes)),
            Pointer::Touch => ("Input.dispatchTouchEvent", self.touch_events(id, strokes)),
            Pointer::Script => return self.draw_by_script(id, strokes),
        };
        let Some((last, before)) = events.split_last() else { return };
        for event in before {
            self.cdp.send(None, method, event.clone()).unwrap_or_else(|error| panic!("{error}"));
        }
        self.call(method, last.clone());
        self.pump(Duration::ZERO);
    }

    fn mouse_events(&mut self, pointer: &str, id: &str, strokes: &[Stroke]) -> Vec<Value> {
        let mut events = Vec::new();
        for stroke in self.in_window(id, strokes) {
            let mut event = |kind, (x, y), buttons| events.push(mouse_event(pointer, kind, x, y, buttons));
            event("mouseMoved", stroke[0], 0);
            event("mousePressed", stroke[0], 1);
            stroke[1..].iter().for_each(|&point| event("mouseMoved", point, 1));
            event("mouseReleased", stroke[stroke.len() - 1], 0);
        }
        events
    }

    fn touch_events(&mut self, id: &str, strokes: &[Stroke]) -> Vec<Value> {
        let mut events = Vec::new();
        for stroke in self.in_window(id, strokes) {
            for (index, (x, y)) in stroke.into_iter().enumerate() {
                let kind = if index == 0 { "touchStart" } else { "touchMove" };
                events.push(json!({ "type": kind, "touchPoints": [{ "x": x, "y": y }] }));
            }
            events.push(json!({ "type": "touchEnd", "touchPoints": [] }));
        }
        events
    }

    fn draw_by_script(&mut self, id: &str, strokes: &[Stroke]) {
        let (element, strokes) = (by_test_id(id), json!(self.in_window(id, strokes)));
        self.eval(&format!(
            "for (const stroke of {strokes}) {{ \
               const send = (type, [clientX, clientY], buttons) => {element}.dispatchEvent(new PointerEvent(type, \
                 {{ bubbles: true, cancelable: true, isPrimary: true, pointerId: 7, pointerType: 'pen', \
                    clientX, clientY, button: type === 'pointermove' ? -1 : 0, buttons }})); \
               send('pointerdown', stroke[0], 1); \
               stroke.slice(1).forEach(point => send('pointermove', point, 1)); \
               send('pointerup', stroke.at(-1), 0); }}"
        ));
    }

    /// The strokes with points in the window's pixels. Empty ones are left out.
    fn in_window(&mut self, id: &str, strokes: &[Stroke]) -> Vec<Stroke> {
        let (left, top, width, height) = self.place(&by_test_id(id));
        let strokes = strokes.iter().filter(|stroke| !stroke.is_empty());
        strokes.map(|stroke| stroke.iter().map(|(x, y)| (left + x * width, top + y * height)).collect()).collect()
    }

    /// Puts a text into a field with this `data-testid` and leaves it, so that the page takes it.
    pub fn fill(&mut self, id: &str, text: &str) {
        self.wait_for_test_id(id, Duration::from_secs(10));
        self.eval(&format!("(() => {{ const field = {}; field.focus(); field.select(); }})()", by_test_id(id)));
        self.call("Input.insertText", json!({ "text": text }));
        self.key("Tab");
    }

    /// Presses and releases a key, named as in `KeyboardEvent.key`.
    pub fn key(&mut self, key: &str) {
        let text = (key.chars().count() == 1).then(|| key.to_owned());
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({ "type": kind, "key": key, "code": code(key), "windowsVirtualKeyCode": virtual_key(key) });
            if let Some(text) = text.as_ref().filter(|_| kind == "keyDown") {
                event["text"] = text.clone().into();
            }
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Left, top, width and height of an element in the window, scrolled into view first.
    fn place(&mut self, element: &str) -> (f64, f64, f64, f64) {
        let rect = self.eval(&format!(
            "(() => {{ const e = {element}; e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }})()"
        ));
        let number = |index: usize| rect[index].as_f64().unwrap_or_default();
        (number(0), number(1), number(2), number(3))
    }
}

fn mouse_event(pointer: &str, kind: &str, x: f64, y: f64, buttons: u32) -> Value {
    let button = if kind == "mouseMoved" && buttons == 0 { "none" } else { "left" };
    json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1, "pointerType": pointer })
}

fn code(key: &str) -> String {
    match key {
        " " => "Space".to_owned(),
        key if key.len() == 1 && key.as_bytes()[0].is_ascii_alphabetic() => format!("Key{}", key.to_uppercase()),
        key if key.len() == 1 && key.as_bytes()[0].is_ascii_digit() => format!("Digit{key}"),
        key => key.to_owned(),
    }
}

fn virtual_key(key: &str) -> u32 {
    match key {
        "Enter" => 13,
        "Escape" => 27,
        "Tab" => 9,
        "Backspace" => 8,
        "Delete" => 46,
        "End" => 35,
        "Home" => 36,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        key => key.to_uppercase().bytes().next().map_or(0, u32::from),
    }
}
