//! How fast earlier runs were here, to say how long the next one takes.

use kindling_protocol::knob::KnobValue;
use kindling_protocol::lab::Place;
use kindling_protocol::run::RunConfig;
use leptos::prelude::*;

/// Samples per second of the newest run like this one: same lab, same place, same choices (a choice is
/// what decides how much work a sample is: the model, the augmentation).
pub fn known(config: &RunConfig, place: Place) -> Option<f64> {
    let storage = window().local_storage().ok()??;
    storage.get_item(&key(config, place)).ok()??.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0)
}

/// Keeps the speed a run came to, if it came to one.
pub fn keep(config: &RunConfig, place: Place, samples_per_s: f64) {
    if let Ok(Some(storage)) = window().local_storage()
        && samples_per_s.is_finite()
        && samples_per_s >= 1.0
    {
        let _ = storage.set_item(&key(config, place), &format!("{samples_per_s:.0}"));
    }
}

fn key(config: &RunConfig, place: Place) -> String {
    let words = config.knobs.0.iter().filter_map(|(id, value)| match value {
        KnobValue::Word(word) => Some(format!("{id}={word}")),
        KnobValue::Flag(_) | KnobValue::Number(_) => None,
    });
    let place = match place {
        Place::Cpu => "cpu",
        Place::Gpu => "gpu",
        Place::Server => "server",
    };
    format!("kindling:speed:{}:{place}:{}", config.lab, words.collect::<Vec<_>>().join("&"))
}
