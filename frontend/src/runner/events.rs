//! All that a kept run has told, in one piece.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use kindling_protocol::event::Event;

use super::start::{RunRow, open};
use crate::trouble::Trouble;

/// The events of a run. Those of a server's run come bit by bit.
pub async fn events(row: &RunRow) -> Result<Vec<Event>, Trouble> {
    let run = open(&row.info.id).await?;
    let events = Rc::new(RefCell::new(Vec::new()));
    let kept = events.clone();
    let _listener = run.listen(move |event| kept.borrow_mut().push(event.clone()));
    for _ in 0..100 {
        if events.borrow().last().is_some_and(|newest: &Event| newest.seq >= row.info.last_seq) {
            break;
        }
        gloo::timers::future::sleep(Duration::from_millis(50)).await;
    }
    let told = events.borrow().clone();
    Ok(told)
}
