//! One question being worked on, and what is kept of it in this browser and nowhere else.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::questions::quiz::Part;

/// Letters of an answer. More is no answer that anybody gives in an interview.
pub const LONGEST_ANSWER: usize = 20_000;

/// What the browser keeps of a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    pub answer: String,
    /// The chosen option of each prediction.
    pub predictions: Vec<Option<usize>>,
    /// The line that was chosen in each piece of faulty code.
    pub faults: Vec<Option<usize>>,
    /// The answer was looked at.
    pub seen: bool,
    /// Seconds of thinking.
    pub seconds: f64,
}

impl Kept {
    /// Of the question `id`; nothing where nothing is kept or what is kept can't be read.
    pub fn read(id: &str) -> Kept {
        let word =
            window().local_storage().ok().flatten().and_then(|storage| storage.get_item(&key(id)).ok().flatten());
        word.and_then(|word| serde_json::from_str(&word).ok()).unwrap_or_default()
    }

    /// Whether it is kept now: a browser may have no room or no permission.
    fn write(&self, id: &str) -> bool {
        let Ok(Some(storage)) = window().local_storage() else { return false };
        if *self == Kept::default() {
            return storage.remove_item(&key(id)).is_ok();
        }
        serde_json::to_string(self).is_ok_and(|word| storage.set_item(&key(id), &word).is_ok())
    }

    pub fn is_answered(&self) -> bool {
        let chosen = self.predictions.iter().chain(&self.faults);
        !self.answer.trim().is_empty() || chosen.flatten().next().is_some()
    }
}

fn key(id: &str) -> String {
    format!("kindling:question:{id}")
}

/// Copy: every copy is the same question's.
#[derive(Clone, Copy)]
pub struct Practice {
    pub kept: RwSignal<Kept>,
    /// The last change is safe.
    pub is_safe: RwSignal<bool>,
    pub revealed: RwSignal<bool>,
}

impl Practice {
    /// With what is kept; every change is kept at once.
    pub fn of(id: &str) -> Practice {
        let kept = RwSignal::new(Kept::read(id));
        let practice = Practice { kept, is_safe: RwSignal::new(true), revealed: RwSignal::new(false) };
        let id = id.to_owned();
        Effect::new(move |before: Option<Kept>| {
            let now = kept.get();
            if before.is_some_and(|before| before != now) {
                practice.is_safe.set(now.write(&id));
            }
            now
        });
        practice
    }

    /// The chosen option at `place` of a part. Tracked.
    pub fn chosen(&self, part: &Part, place: usize) -> Option<usize> {
        self.kept.with(|kept| (part.chosen)(kept).get(place).copied().flatten())
    }

    pub fn choose(&self, part: &Part, place: usize, option: Option<usize>) {
        self.kept.update(|kept| {
            let chosen = (part.chosen_mut)(kept);
            if chosen.len() <= place {
                chosen.resize(place + 1, None);
            }
            chosen[place] = option;
        });
    }

    /// Shows or hides the answer.
    pub fn turn(&self) {
        self.revealed.update(|revealed| *revealed = !*revealed);
        if self.revealed.get_untracked() {
            self.kept.update(|kept| kept.seen = true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_page_kept_is_read() {
        let kept: Kept = serde_json::from_str(r#"{"answer":" ","predictions":[null,1],"grade":3}"#).unwrap();
        assert!(kept.is_answered() && !kept.seen && kept.seconds == 0.0);
        assert!(!Kept { answer: " \n".into(), predictions: vec![None], ..Kept::default() }.is_answered());
    }
}
