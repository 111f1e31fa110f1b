//! `cargo xtask serve`: everything built, and the server started.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{cargo, say, web};

#[derive(clap::Args)]
pub struct Options {
    /// Opens the page in the default browser
    #[arg(long)]
    open: bool,
    /// Where to listen
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
        open_when_up(options.addr.clone());
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

fn open_when_up(address: String) {
    std::thread::spawn(move || {
        for _ in 0..100 {
            if std::net::TcpStream::connect(&address).is_ok() {
                let url = format!("http://{address}/");
                let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
                    "macos" => ("open", &[]),
                    "windows" => ("cmd", &["/C", "start"]),
                    _ => ("xdg-open", &[]),
                };
                if Command::new(program).args(arguments).arg(&url).status().is_err() {
                    eprintln!("    no `{program}` here; open {url} yourself");
                }
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
}
