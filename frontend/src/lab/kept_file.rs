//! A file that a field holds by its hash: what is known of it, and how it is found again.

use std::future::Future;

use js_sys::Uint8Array;
use kindling_protocol::text::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::store::files::{self, Own};
use crate::trouble::Trouble;

/// What is known of the file that is chosen.
#[derive(Clone)]
pub enum Known<T> {
    Nothing,
    Reading,
    Read { own: Own, found: T },
    Trouble(Trouble),
}

/// Looks the chosen file up whenever its hash comes from elsewhere: from a link, or from a run of before. `gone` is said
/// where this browser has none of that hash.
pub fn look_up<T, F>(
    chosen: Memo<String>,
    known: RwSignal<Known<T>>,
    gone: &'static Text,
    look_into: impl Fn(Own, Uint8Array) -> F + Copy + 'static,
) where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Known<T>> + 'static,
{
    Effect::new(move |_| {
        let hash = chosen.get();
        if hash.is_empty() {
            return known.set(Known::Nothing);
        }
        if known.with_untracked(|known| matches!(known, Known::Read { own, .. } if own.file.sha256 == hash)) {
            return;
        }
        known.set(Known::Reading);
        spawn_local(async move {
            let found = match files::own(&hash).await {
                Some((own, bytes)) => look_into(own, bytes).await,
                None => Known::Trouble(gone.clone().into()),
            };
            // Another may have been chosen meanwhile.
            if chosen.try_get_untracked() == Some(hash) {
                known.try_set(found);
            }
        });
    });
}
