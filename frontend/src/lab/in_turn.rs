//! Panels that are filled at the same moment are drawn one after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use crate::lab::run_view::PanelContent;

/// Of a panel; none before it is filled.
pub type Content = Option<Arc<PanelContent>>;

type Waiting = StoredValue<VecDeque<(Memo<Content>, RwSignal<Content>)>>;

/// The panels of a page that wait to be drawn. A run fills most of its panels when it ends; drawn in one task they hold
/// the page's thread for longer than a person overlooks.
#[derive(Clone, Copy, Default)]
pub struct Turns(Waiting);

impl Turns {
    /// What a panel shows: its newest content, from the frame on in which its turn has come.
    pub fn follow(self, newest: Memo<Content>) -> RwSignal<Content> {
        let Turns(waiting) = self;
        let shown = RwSignal::new(None);
        Effect::new(move |_| {
            if newest.with(Option::is_none) && shown.with_untracked(Option::is_none) {
                return;
            }
            // One that waits already gets what is newest when its turn comes.
            if waiting.with_value(|waiting| waiting.iter().any(|(_, other)| *other == shown)) {
                return;
            }
            waiting.update_value(|waiting| waiting.push_back((newest, shown)));
            if waiting.with_value(VecDeque::len) == 1 {
                draw_next(waiting);
            }
        });
        shown
    }
}

/// One after each frame until none waits. Not in it: its own work comes then in one task with what the browser does to
/// show the one before. Once the page is left there is none.
fn draw_next(waiting: Waiting) {
    let draw = move || {
        let Some(Some((newest, shown))) = waiting.try_with_value(|waiting| waiting.front().copied()) else { return };
        if let Some(content) = newest.try_get_untracked() {
            shown.try_set(content);
        }
        // Leaves the list after it was drawn: the list is empty exactly when no frame is asked for.
        let more = waiting.try_update_value(|waiting| {
            waiting.pop_front();
            !waiting.is_empty()
        });
        if more == Some(true) {
            draw_next(waiting);
        }
    };
    request_animation_frame(move || set_timeout(draw, Duration::ZERO));
}
