//! All that a kept run has told, in one piece.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use kindling_protocol::event::Event;
use kindling_protocol::lab::Place;
use kindling_protocol::text::text;

use super::start::{RunRow, open};
use crate::trouble::Trouble;

/// A server that says nothing for so many looks, five seconds, is gone.
const PATIENCE: u32 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The events of a run. Those of a server's run come bit by bit.
pub async fn events(row: &RunRow) -> Result<Vec<Event>, Trouble> {
    let run = open(&row.info.id).await?;
    let events = Rc::new(RefCell::new(Vec::new()));
    let kept = events.clone();
    let _listener = run.listen(move |event| kept.borrow_mut().push(event.clone()));
    let newest = || events.borrow().last().map_or(0, |newest: &Event| newest.seq);
    let (mut before, mut looks) = (newest(), 0);
    while row.place == Place::Server && newest() < row.info.last_seq {
        if looks == PATIENCE {
            let sentence =
                text("The server did not send the whole run. Try again.", "服务器没有发来完整的运行，请重试。");
            return Err(sentence.into());
        }
        gloo::timers::future::sleep(LOOK_EVERY).await;
        looks = if newest() > before { 0 } else { looks + 1 };
        before = newest();
    }
    let told = events.borrow().clone();
    Ok(told)
}
