//! One question being worked on, and what is kept of it in this browser and nowhere else.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::questions::quiz::Part;
use crate::questions::schedule::Memory;

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
    /// The chosen option of each quiz.
    pub checks: Vec<Option<usize>>,
    /// The answer was looked at.
    pub seen: bool,
    /// Seconds of thinking.
    pub seconds: f64,
    /// What is remembered of it, once it was graded.
    pub memory: Option<Memory>,
}

impl Kept {
    /// Of the question `id`; nothing where nothing is kept or what is kept can't be read.
    pub fn read(id: &str) -> Kept {
        let word =
            window().local_storage().ok().flatten().and_then(|storage| storage.get_item(&key(id)).ok().flatten());
        word.and_then(|word| serde_json::from_str(&word).ok()).unwrap_or_default()
    }

    /// Keeps what changed since `before`. Whether it is kept now: a browser may have no room or no permission.
    fn write(&self, before: &Kept, id: &str) -> bool {
        let Ok(Some(storage)) = window().local_storage() else { return false };
        let kept = Kept::read(id).with_change(before, self);
        if kept == Kept::default() {
            return storage.remove_item(&key(id)).is_ok();
        }
        serde_json::to_string(&kept).is_ok_and(|word| storage.set_item(&key(id), &word).is_ok())
    }

    /// This, with what changed from `before` to `now`. The rest stays: the same question may be open in another tab,
    /// which kept something of its own meanwhile.
    fn with_change(self, before: &Kept, now: &Kept) -> Kept {
        fn one<T: Clone + PartialEq>(kept: T, before: &T, now: &T) -> T {
            if now == before { kept } else { now.clone() }
        }
        fn each(kept: &[Option<usize>], before: &[Option<usize>], now: &[Option<usize>]) -> Vec<Option<usize>> {
            let at = |all: &[Option<usize>], place: usize| all.get(place).copied().flatten();
            let places = 0..kept.len().max(now.len());
            places.map(|place| one(at(kept, place), &at(before, place), &at(now, place))).collect()
        }
        Kept {
            answer: one(self.answer, &before.answer, &now.answer),
            predictions: each(&self.predictions, &before.predictions, &now.predictions),
            faults: each(&self.faults, &before.faults, &now.faults),
            checks: each(&self.checks, &before.checks, &now.checks),
            seen: one(self.seen, &before.seen, &now.seen),
            seconds: one(self.seconds, &before.seconds, &now.seconds),
            memory: one(self.memory, &before.memory, &now.memory),
        }
    }

    /// Days until it should come again, if it was graded; none are left when it is due.
    pub fn due_in(&self, today: u32) -> Option<u32> {
        self.memory.map(|memory| memory.due().saturating_sub(today))
    }

    pub fn is_answered(&self) -> bool {
        let chosen = self.predictions.iter().chain(&self.faults).chain(&self.checks);
        !self.answer.trim().is_empty() || chosen.flatten().next().is_some()
    }
}

/// Days since 1970 where the person is.
pub fn today() -> u32 {
    let now = js_sys::Date::new_0();
    ((now.get_time() / 60_000.0 - now.get_timezone_offset()) / (24.0 * 60.0)) as u32
}

fn key(id: &str) -> String {
    format!("kindling:question:{id}")
}

/// Copy: every copy is the same question's.
#[derive(Clone, Copy)]
pub struct Practice {
    id: StoredValue<String>,
    pub kept: RwSignal<Kept>,
    /// As it was when it was last safe.
    safe: StoredValue<Kept>,
    /// The last change is safe.
    pub is_safe: RwSignal<bool>,
    pub revealed: RwSignal<bool>,
}

impl Practice {
    /// With what is kept; every change is kept at once.
    pub fn of(id: &str) -> Practice {
        let kept = Kept::read(id);
        let practice = Practice {
            id: StoredValue::new(id.to_owned()),
            kept: RwSignal::new(kept.clone()),
            safe: StoredValue::new(kept),
            is_safe: RwSignal::new(true),
            revealed: RwSignal::new(false),
        };
        Effect::new(move |_| {
            practice.kept.track();
            practice.keep();
        });
        practice
    }

    /// Keeps what changed. An effect does it after every change, except the one that is made while the page is left:
    /// no effect comes after that.
    pub fn keep(&self) {
        let (now, before) = (self.kept.get_untracked(), self.safe.get_value());
        let is_safe = now == before || self.id.with_value(|id| now.write(&before, id));
        if is_safe {
            self.safe.set_value(now);
        }
        self.is_safe.set(is_safe);
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

    #[test]
    fn a_change_leaves_what_another_tab_kept() {
        let before = Kept { seconds: 9.0, predictions: vec![Some(0)], ..Kept::default() };
        let kept = Kept { answer: "ours".into(), faults: vec![Some(4)], seen: true, ..before.clone() };
        let now = Kept { seconds: 14.0, predictions: vec![None, Some(2)], ..before.clone() };
        let both = Kept { seconds: 14.0, predictions: vec![None, Some(2)], ..kept.clone() };
        assert_eq!(kept.clone().with_change(&before, &now), both);
        assert_eq!(kept.clone().with_change(&before, &before), kept);
        // What both changed is as it was changed last.
        let now = Kept { answer: "theirs".into(), faults: vec![None, Some(1)], ..before.clone() };
        let merged = kept.with_change(&before, &now);
        assert_eq!((merged.answer.as_str(), merged.faults), ("theirs", vec![Some(4), Some(1)]));
    }
}
