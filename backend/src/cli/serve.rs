//! `kindling serve`: the page and the API, until it is told to end.

use std::io::{self, IsTerminal};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::UsageError;
use super::signals::EndRequests;
use crate::config::{Folders, StateDir};
use crate::data::{Library, sets::SETS};
use crate::http::{App, app, listen::listen};
use crate::registry::Registry;
use crate::runs::{Runs, Settings};
use crate::store::Store;
use crate::{assets, devices};

/// What requests under way get when the server is told to end.
const LAST_REQUESTS: Duration = Duration::from_secs(30);
/// What a graphics driver gets to say which devices there are.
const DRIVER_PATIENCE: Duration = Duration::from_secs(3);

#[derive(clap::Args)]
pub struct Args {
    /// Address and port. Only this machine's own, until there are accounts
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    addr: String,
    #[command(flatten)]
    folders: Folders,
    /// How often a run keeps a checkpoint, with the weights of that moment
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    checkpoint_every_ms: u64,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let addr = loopback(&args.addr)?;
    let filter = EnvFilter::try_from_env("KINDLING_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let state = StateDir::take(&args.folders.state_dir()?)?;
    // Before the database is touched: a port that is taken ends a second start at once.
    let listener = TcpListener::bind(addr).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("port {} is taken, maybe by another kindling: stop it, or say --addr", addr.port())
        }
        _ => anyhow::Error::new(error).context(format!("{addr} can't be listened on")),
    })?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(listener, state, &args));
    // What still runs (a fetch, a client that hangs) is not waited for: all that matters is on disk.
    runtime.shutdown_background();
    served
}

async fn serve(listener: TcpListener, state: StateDir, args: &Args) -> anyhow::Result<()> {
    // Before anybody can know that the server is there: a request to end it must find it listening.
    let mut requests = EndRequests::listen()?;
    let probe = tokio::task::spawn_blocking(|| devices::find(DRIVER_PATIENCE));
    let store = Store::open(&state.database()).with_context(|| format!("in {}", state.path().display()))?;
    let data_dir = args.folders.data_dir()?;
    let found = probe.await?.unwrap_or_else(|error| {
        tracing::warn!("runs use the CPU: {error:#}");
        devices::Found::default()
    });
    let settings = Settings {
        program: std::env::current_exe()?,
        folder: state.path().join("runs"),
        data_dir: data_dir.clone(),
        devices: found.names(),
        checkpoint_every: Duration::from_millis(args.checkpoint_every_ms),
    };
    let registry = Registry::open(store.clone(), state.path().join("blobs"), assets::shipped_models()?)?;
    registry.tidy().await?;
    let runs = Runs::open(store.clone(), settings).await?;
    let library = Arc::new(Library::new(data_dir));
    let closing = CancellationToken::new();
    let app_state = Arc::new(App {
        store: store.clone(),
        library: library.clone(),
        runs: runs.clone(),
        registry,
        devices: found.names(),
        closing: closing.clone(),
    });

    let listener = tokio::net::TcpListener::from_std(listener)?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("Kindling is at {url}   (Ctrl-C ends it)");
    if assets::ASSETS.is_empty() {
        println!("The page is not built into this program: run `cargo xtask serve`.");
    }
    let lacking: Vec<&str> =
        SETS.iter().filter(|set| !set.mirrors.is_empty() && library.lacks(set)).map(|set| set.name).collect();
    if !lacking.is_empty() {
        println!("Labs do without these data sets until `kindling data fetch` brings them: {}.", lacking.join(", "));
    }
    if args.open {
        open_browser(&url);
    }

    let stopped = CancellationToken::new();
    let server = tokio::spawn(listen(listener, app(app_state), stopped.clone().cancelled_owned(), LAST_REQUESTS));
    requests.next().await;
    tokio::spawn(async move {
        requests.next().await;
        eprintln!("Ended at once.");
        std::process::exit(130);
    });
    eprintln!("Ending: runs keep a checkpoint and go on at the next start.");
    // Not ready any more, yet still answering, so that whoever watches can see it.
    closing.cancel();
    runs.close().await;
    stopped.cancel();
    server.await?;
    store.checkpoint()?;
    drop(state);
    Ok(())
}

/// Accounts come later; until then nobody but this machine gets in.
fn loopback(addr: &str) -> Result<SocketAddr, UsageError> {
    let named = addr.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let parsed: SocketAddr = named
        .as_deref()
        .unwrap_or(addr)
        .parse()
        .map_err(|_| UsageError(format!("`{addr}` is no address with a port, such as 127.0.0.1:8080")))?;
    if parsed.ip().is_loopback() {
        return Ok(parsed);
    }
    Err(UsageError(format!(
        "{addr} can be reached from other machines, and there are no accounts yet: whoever reaches the server may do \
         everything. So it only binds to this machine's own addresses, 127.0.0.1 or [::1]; from elsewhere, use an SSH \
         tunnel (ssh -L 8080:127.0.0.1:8080)"
    )))
}

fn open_browser(url: &str) {
    let (program, first): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/c", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    if let Err(error) = std::process::Command::new(program).args(first).arg(url).spawn() {
        eprintln!("The browser could not be opened ({program}: {error}); the address is above.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_taken_and_the_refusal_says_why() {
        for addr in ["127.0.0.1:8080", "[::1]:0", "localhost:80", "127.9.9.9:1"] {
            assert!(loopback(addr).is_ok(), "{addr}");
        }
        for addr in ["0.0.0.0:8080", "192.168.1.2:8080", "[::]:8080"] {
            assert!(loopback(addr).unwrap_err().0.contains("no accounts yet"), "{addr}");
        }
        for addr in ["", "8080", "127.0.0.1", "example.org:80", "127.0.0.1:99999"] {
            assert!(loopback(addr).unwrap_err().0.contains("no address"), "{addr}");
        }
    }
}
