//! Tasks that must end before the program does, and tasks that end with whoever waits for them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::task::{JoinError, JoinHandle, JoinSet};

/// Tasks that are waited for at the end.
#[derive(Default)]
pub struct TaskTracker(Mutex<JoinSet<()>>);

impl TaskTracker {
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are done would pile up otherwise.
        while set.try_join_next().is_some() {}
        set.spawn(task);
    }

    /// Waits until no task is left, those included that tasks spawn meanwhile.
    pub async fn wait(&self) {
        loop {
            let mut set = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
            if set.is_empty() {
                return;
            }
            while set.join_next().await.is_some() {}
        }
    }
}

/// A task of its own that is aborted when nobody waits for it any more.
pub struct Attached<T>(JoinHandle<T>);

pub fn attached<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Attached<T> {
    Attached(tokio::spawn(task))
}

impl<T> Future for Attached<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for Attached<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_task_that_a_task_spawns_is_waited_for() {
        let (tracker, done) = (Arc::new(TaskTracker::default()), Arc::new(AtomicU32::new(0)));
        let (inner_tracker, inner_done) = (tracker.clone(), done.clone());
        tracker.spawn(async move {
            tokio::task::yield_now().await;
            inner_tracker.spawn(async move {
                tokio::task::yield_now().await;
                inner_done.fetch_add(1, Ordering::SeqCst);
            });
        });
        tracker.wait().await;
        assert_eq!(done.load(Ordering::SeqCst), 1);
    }
}
