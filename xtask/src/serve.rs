//! `cargo xtask serve`: everything built, and the server started.

use std::process::Command;

use anyhow::{Result, bail};

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
    let status = command.status()?;
    if !status.success() {
        bail!("the server ended with {status}");
    }
    Ok(())
}

/// The server and the labs are always one selection: cargo unifies features by selection, and another one
/// would compile burn again.
pub fn build() -> Result<()> {
    cargo::run(cargo::cargo(&["build", "--release", "-p", "kindling", "-p", "kindling-labs"]))
}
