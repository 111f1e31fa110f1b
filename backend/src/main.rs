//! The `kindling` program. Everything it does is in the library; here a command is only read and called.

use std::process::ExitCode;

fn main() -> ExitCode {
    kindling::cli::main()
}
