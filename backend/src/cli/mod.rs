//! The commands, one file each: what it takes and what it does. A command's help is the doc of its arguments.

mod data;
mod doctor;
mod eval;
mod labs;
mod member;
mod models;
mod serve;
mod signals;
mod train;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A place to practise machine learning by running it
#[derive(Parser)]
#[command(name = "kindling", version, propagate_version = true)]
struct Kindling {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the page and the API
    Serve(serve::Args),
    /// Run one training run for a server
    #[command(hide = true)]
    Worker(worker::Args),
    /// Compute parts of a run for it
    #[command(hide = true)]
    Member(member::Args),
    /// Train a model here
    Train(train::Args),
    /// Say how good a trained model is
    Eval(eval::Args),
    /// List the labs, their knobs and goals
    Labs(labs::Args),
    /// List, fetch and verify data sets
    Data(data::Args),
    /// List, export and import published models
    Models(models::Args),
    /// Say what this machine has, and what is off
    Doctor(doctor::Args),
}

/// Arguments that parse and still make no sense: exit code 2, as for those that don't parse.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let command = Kindling::parse().command;
    let done = match command {
        Command::Serve(args) => serve::run(args),
        Command::Worker(args) => worker::run(args),
        Command::Member(args) => member::run(args),
        Command::Train(args) => train::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Labs(args) => labs::run(args),
        Command::Data(args) => data::run(args),
        Command::Models(args) => models::run(args),
        Command::Doctor(args) => doctor::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kindling: {error:#}");
            if error.is::<UsageError>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// Whoever read our output (`kindling data list | head -1`) has enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        Kindling::command().debug_assert();
    }
}
