//! Embeds `dist/`, which `cargo xtask web` makes: the table of its files becomes a static slice.
//!
//! Without `dist/` the table is empty, and the server says how to build the page.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

/// One line of `dist/assets.json`.
#[derive(Deserialize)]
struct Asset {
    name: String,
    path: String,
    #[serde(rename = "type")]
    content_type: String,
    immutable: bool,
    sha256: String,
    bytes: u64,
    br: Option<PathBuf>,
    gz: Option<PathBuf>,
    /// Of files that don't get smaller.
    raw: Option<PathBuf>,
}

fn main() {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../dist");
    let list = dist.join("assets.json");
    // A path that is missing makes cargo run this every time; the folder above is always there.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", if list.exists() { &list } else { &dist }.display());
    let assets: Vec<Asset> = match fs::read(&list) {
        Ok(json) => serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{}: {error}", list.display())),
        Err(_) => Vec::new(),
    };

    let mut table = String::from("&[\n");
    for asset in &assets {
        let file = |path: &Option<PathBuf>| match path {
            None => "None".to_string(),
            Some(path) => {
                let path = dist.join(path);
                println!("cargo::rerun-if-changed={}", path.display());
                let path = path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                format!("Some(include_bytes!({path:?}))")
            }
        };
        let Asset { name, path, content_type, immutable, sha256, bytes, .. } = asset;
        let (br, gz, raw) = (file(&asset.br), file(&asset.gz), file(&asset.raw));
        writeln!(
            table,
            "Asset {{ name: {name:?}, path: {path:?}, content_type: {content_type:?}, immutable: {immutable}, sha256: {sha256:?}, \
             bytes: {bytes}, br: {br}, gz: {gz}, raw: {raw} }},",
        )
        .expect("a string takes everything");
    }
    table.push(']');
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("assets.rs");
    fs::write(out, table).expect("OUT_DIR is writable");
}
