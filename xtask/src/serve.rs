//! `cargo xtask serve`: everything built, and the server started.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{cargo, say, web};

#[derive(clap::Args)]
pub struct Options {
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Address and port, on this machine only
    #[arg(long, default_value = "127.0.0.1:8080")]
    addr: String,
    #[command(flatten)]
    web: web::Options,
    /// Passed on to `kindling serve`, after `--`
    #[arg(last = true)]
    extra: Vec<String>,
}

pub fn serve(options: &Options) -> Result<()> {
    web::web(&options.web)?;
    say::step("Server", build)?;
    let mut command = Command::new(cargo::server_binary());
    command.args(["serve", "--addr", &options.addr]).args(&options.extra);
    if options.open {
        command.arg("--open");
    }
    eprintln!("==> Starting on http://{}/ (Ctrl-C stops it)", options.addr);
    become_it(command)
}

/// The server takes this program's place, so that a signal meant for it reaches it.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<()> {
    Err(std::os::unix::process::CommandExt::exec(&mut command)).context("the server could not be started")
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<()> {
    let status = command.status().context("the server could not be started")?;
    if !status.success() {
        anyhow::bail!("the server ended with {status}");
    }
    Ok(())
}

/// The server and the labs are always one selection: cargo unifies features by selection, and another one
/// would compile burn again.
pub fn build() -> Result<()> {
    cargo::run(cargo::cargo(&["build", "--release", "-p", "kindling", "-p", "kindling-labs"]))
}
