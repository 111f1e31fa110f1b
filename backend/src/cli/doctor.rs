//! `kindling doctor`: what this machine has, and what is off.

use std::io::{Write, stdout};

use crate::config::Folders;
use crate::{devices, doctor};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    folders: Folders,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Only look for devices, in this very process
    #[arg(long, hide = true)]
    probe: bool,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if args.probe {
        return Ok(serde_json::to_writer(out, &devices::probe())?);
    }
    let report = doctor::examine(&args.folders)?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(())
}
