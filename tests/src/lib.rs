//! What the tests stand on: the real server on a port of its own, and a real Chromium spoken to directly.
//!
//! - [`server`]: the binary, started in an empty state folder, stopped at the end of the test.
//! - [`browser`] and [`page`]: Chromium and one of its tabs. Every tab notes console errors, violations of
//!   the content security policy and requests to other hosts.
//! - [`cdp`]: the DevTools protocol over a WebSocket.
//! - [`budget`]: time and memory as measured, beside what the design allows.
//! - [`spread`]: median and quartiles of what was measured.

pub mod browser;
pub mod budget;
pub mod cdp;
pub mod page;
pub mod server;
pub mod spread;

pub use browser::{Browser, Gpu};
pub use page::Page;
pub use server::Server;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The workspace's root folder. Asked when it runs, as xtask does: the checkout that compiled this may be another one.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let tests = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&tests).parent().expect("tests is a folder of the workspace").to_owned()
    });
    &ROOT
}

/// The server's binary: KINDLING_BIN, or where `cargo build --release` put it.
pub fn binary() -> PathBuf {
    if let Some(binary) = std::env::var_os("KINDLING_BIN") {
        return binary.into();
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let binary = target.join("release").join(format!("kindling{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.is_file(),
        "{} is not there; build it with `cargo xtask web` and `cargo build --release -p kindling -p kindling-labs`",
        binary.display()
    );
    binary
}

/// The folder of data sets if this machine has one: KINDLING_DATA. Tests that need real data fail without it.
pub fn data_dir() -> PathBuf {
    let data = std::env::var_os("KINDLING_DATA").map(PathBuf::from).unwrap_or_else(|| {
        panic!("this test needs real data; say where it is with KINDLING_DATA (`kindling data fetch mnist` gets it)")
    });
    assert!(data.is_dir(), "KINDLING_DATA names {}, which is not a folder", data.display());
    data
}
