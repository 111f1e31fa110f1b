//! The workspace's own commands. `cargo xtask serve` and `cargo xtask test` are the two a newcomer needs.

mod bench;
mod cargo;
mod chromium;
mod new_lab;
mod say;
mod serve;
mod suite;
mod test;
mod web;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, serves and tests Kindling", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the page, the engines and the server, and starts it on 127.0.0.1:8080
    Serve(serve::Options),
    /// Builds the page and both engines into dist/, compressed and within their size budgets
    Web(web::Options),
    /// Everything that is tested, cheapest first, real Chromium included; or the named parts
    Test(test::Options),
    /// Our training speed in Chromium beside TensorFlow.js's, in one run (needs npm)
    Bench(bench::Options),
    /// The fast loop: formatting, native lints, unit tests
    Check,
    /// Makes the folder of a new lab and registers it
    NewLab(new_lab::Options),
}

fn main() {
    let outcome = match Arguments::parse().command {
        Command::Serve(options) => serve::serve(&options),
        Command::Web(options) => web::web(&options),
        Command::Test(options) => test::test(&options),
        Command::Bench(options) => bench::bench(&options),
        Command::Check => test::check(),
        Command::NewLab(options) => new_lab::new_lab(&options),
    };
    if let Err(error) = outcome {
        eprintln!("\nerror: {error:#}");
        std::process::exit(1);
    }
}
