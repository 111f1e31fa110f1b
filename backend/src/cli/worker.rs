//! `kindling worker`: one run of a server, in a process of its own.

/// A server starts it and speaks to it on stdin.
#[derive(clap::Args)]
pub struct Args {}

pub fn run(Args {}: Args) -> anyhow::Result<()> {
    crate::runs::worker::work()
}
