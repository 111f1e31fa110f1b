//! Moments as the language writes them.

use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// Day and minute of a moment in Unix milliseconds. Tracked.
pub fn short(unix_ms: u64) -> String {
    let options = Object::new();
    for (name, value) in [("month", "short"), ("day", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")] {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let locales = Array::of1(&JsValue::from_str(super::tag(super::language())));
    let format = Intl::DateTimeFormat::new(&locales, &options).format();
    let date = Date::new(&JsValue::from_f64(unix_ms as f64));
    format.call1(&JsValue::UNDEFINED, &date).ok().and_then(|text| text.as_string()).unwrap_or_default()
}
