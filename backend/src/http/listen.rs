//! Connections, and their end.

use std::future::Future;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

/// What a client may take to send the head of a request, so that one that drips can't hold a connection for ever.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of a request's head.
const HEAD_LIMIT: usize = 64 << 10;

/// Answers connections until `end`, then finishes what is under way, for `deadline` at most.
pub async fn listen(listener: TcpListener, app: Router, end: impl Future<Output = ()>, deadline: Duration) {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(HEAD_LIMIT);
    let connections = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: connections must end before another can begin.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Events are small and wanted at once.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(app.clone());
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(deadline, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests took longer than {} s and were cut off", deadline.as_secs());
    }
}
