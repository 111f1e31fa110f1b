//! Data through the page: this worker asks, the page answers with bytes from its store or the server.

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures::channel::oneshot;
use kindling_labs::host::DataError;
use kindling_protocol::engine::{DataFault, FromEngine};

use crate::page;

type Answer = Result<Vec<u8>, DataError>;

thread_local!(static ASKED: RefCell<BTreeMap<String, Vec<oneshot::Sender<Answer>>>> = RefCell::default());

/// The decompressed bytes of `set/part`.
pub async fn data(part: &str) -> Answer {
    let (sender, receiver) = oneshot::channel();
    let first = ASKED.with_borrow_mut(|asked| {
        let waiting = asked.entry(part.to_owned()).or_default();
        waiting.push(sender);
        waiting.len() == 1
    });
    if first {
        page::send(&FromEngine::NeedData { part: part.to_owned() }, &[]);
    }
    receiver.await.unwrap_or_else(|_| Err(DataError::Missing(part.to_owned())))
}

/// The page's answer.
pub fn answered(part: String, fault: Option<DataFault>, bytes: Option<Vec<u8>>) {
    let answer = match (fault, bytes) {
        (None, Some(bytes)) => Ok(bytes),
        (Some(DataFault::Damaged { detail }), _) => Err(DataError::Damaged { part: part.clone(), detail }),
        (Some(DataFault::Missing), _) | (None, None) => Err(DataError::Missing(part.clone())),
    };
    for waiting in ASKED.with_borrow_mut(|asked| asked.remove(&part)).unwrap_or_default() {
        drop(waiting.send(answer.clone()));
    }
}
