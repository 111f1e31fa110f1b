//! Where things are, and how cargo is called.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};

pub const WASM: &str = "wasm32-unknown-unknown";

/// The workspace's root folder. Asked when it runs, of the cargo that runs it: where two checkouts share a target
/// folder, cargo may take the program that was compiled in the other one, and that may be gone by now.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&xtask).parent().expect("xtask is a folder of the workspace").to_owned()
    });
    &ROOT
}

/// Where cargo builds: CARGO_TARGET_DIR, or `target` in the workspace.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => std::env::current_dir().unwrap_or_else(|_| root().to_owned()).join(folder),
        None => root().join("target"),
    }
}

/// The server's binary, once `cargo build --release -p kindling -p kindling-labs` has run.
pub fn server_binary() -> PathBuf {
    target_dir().join("release").join(format!("kindling{}", std::env::consts::EXE_SUFFIX))
}

/// Where the tests keep data that they had to fetch.
pub fn fetched_data() -> PathBuf {
    target_dir().join("xtask").join("data")
}

/// The cargo that runs this very program, in the workspace's root. Tests run in their package's folder, so
/// paths in the environment are made absolute.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).env("CARGO_TARGET_DIR", target_dir());
    let here = std::env::current_dir().unwrap_or_else(|_| root().to_owned());
    let data = std::env::var_os("KINDLING_DATA").map_or_else(fetched_data, |folder| here.join(folder));
    command.env("KINDLING_DATA", data);
    command
}

/// As [`cargo`], for the browser. The flags of `.cargo/config.toml` must hold: RUSTFLAGS would silently
/// replace them, and the engine would lose its SIMD.
pub fn cargo_wasm(arguments: &[&str], profile: &str) -> Command {
    let mut command = cargo(arguments);
    command.args(["--profile", profile, "--target", WASM]);
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Runs a command to its end; its output goes straight to the person.
pub fn run(mut command: Command) -> Result<()> {
    let shown = show(&command);
    eprintln!("    $ {shown}");
    let status = command.status().with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// The command as one would type it.
pub fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = program.file_stem().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

/// Adds the standard library for WebAssembly if this Rust lacks it.
pub fn ensure_wasm_target() -> Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).current_dir(root()).args(["--print", "sysroot"]).output().context("rustc")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if sysroot.join("lib/rustlib").join(WASM).join("lib").is_dir() {
        return Ok(());
    }
    eprintln!("    this Rust has no {WASM} target yet; rustup adds it");
    let mut rustup = Command::new("rustup");
    rustup.current_dir(root()).args(["target", "add", WASM]);
    if Command::new("rustup").arg("--version").output().is_err() {
        bail!(
            "Rust's {WASM} target is missing and there is no rustup to add it. Install Rust from \
             https://rustup.rs, or add your distribution's package of the target's standard library \
             (for Debian: libstd-rust-dev-wasm32)"
        );
    }
    run(rustup).context("the target could not be added; is the network there?")
}

/// The version of a package in Cargo.lock, which cargo itself keeps in step.
pub fn locked_version(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("Cargo.lock")?;
    let entry = lock.split("[[package]]").find(|entry| field(entry, "name") == Some(package));
    entry
        .and_then(|entry| field(entry, "version"))
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock has no package `{package}`"))
}

fn field<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_entry_is_read_by_its_whole_name() {
        let entry = "\nname = \"wasm-bindgen\"\nversion = \"0.2.126\"\n";
        assert_eq!(field(entry, "name"), Some("wasm-bindgen"));
        assert_eq!(field(entry, "version"), Some("0.2.126"));
        assert!(locked_version("wasm-bindgen").is_ok());
        assert!(locked_version("no-such-package").is_err());
    }

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["build", "--release"]);
        assert_eq!(show(&command), "cargo build --release");
    }
}
