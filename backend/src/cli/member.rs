//! `kindling member`: a part of a run's work, in a process of its own.

/// A run starts it and asks it on stdin.
#[derive(clap::Args)]
pub struct Args {
    /// The run's lab
    lab: String,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    crate::crew::member::work(&args.lab)
}
