//! `cargo xtask web`: from source to `dist/`, the folder that the server embeds.
//!
//! Three bundles are compiled and bound ([`bundle`]), the page's in two parts ([`split`]), the question pages
//! rendered ([`questions`]), all named by their content and linked to one another with everything in `static/`
//! ([`assets`]), compressed ahead of time ([`compress`]) and weighed ([`budget`]). Each stage skips what has not changed, so a second run takes seconds.

mod assets;
mod budget;
pub mod bundle;
mod compress;
mod questions;
mod split;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{cargo, say};

#[derive(clap::Args, Clone, Debug, Default)]
pub struct Options {
    /// Leaves the GPU engine out: much faster to build, and the page then computes on the CPU only
    #[arg(long)]
    pub cpu_only: bool,
    /// For development: light compression, and budgets are shown but not enforced
    #[arg(long)]
    pub fast: bool,
}

/// One line of `dist/assets.json`: an address of the page and the files behind it.
#[derive(Serialize)]
struct Entry {
    /// The address on the server.
    path: String,
    /// The name before hashing, by which the sources speak of it.
    name: String,
    r#type: &'static str,
    /// The address has the content's hash in it.
    immutable: bool,
    sha256: String,
    /// Uncompressed.
    bytes: u64,
    #[serde(flatten)]
    files: Files,
}

/// Relative to `dist/`. What doesn't compress is kept as it is.
#[derive(Serialize)]
#[serde(untagged)]
enum Files {
    Compressed { br: String, gz: String },
    Raw { raw: String },
}

pub fn web(options: &Options) -> Result<()> {
    say::step("WebAssembly target", cargo::ensure_wasm_target)?;
    bundle::check_versions()?;
    let mut sources = Vec::new();
    for bundle in bundle::BUNDLES.iter().filter(|bundle| !(options.cpu_only && bundle.gpu)) {
        sources.extend(say::step(bundle.title, || bundle.build())?);
    }
    sources.extend(say::step("Question pages", || questions::sources(cargo::root(), options.fast))?);
    let linked = say::step("Linking static/ and bundles by content hash", || {
        sources.extend(assets::read_static(&cargo::root().join("static"), options.cpu_only)?);
        assets::link(sources, options)
    })?;
    let packed = say::step("Compressing", || compress::compress(&linked, options.fast))?;
    write(&linked, &packed)?;
    budget::check(&linked, &packed, options)
}

/// Writes only what changed: the server's build script watches the folder, and an unchanged page must not
/// compile the server again.
fn write(linked: &[assets::Asset], packed: &[compress::Packed]) -> Result<()> {
    let dist = cargo::root().join("dist");
    fs::create_dir_all(dist.join("files"))?;
    let mut kept = BTreeSet::new();
    let mut keep = |file: &Path, extension: &str, bytes: &[u8], sha256: &str| -> Result<String> {
        let stem = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!("{}-{stem}{extension}", &sha256[..16]);
        write_if_changed(&dist.join("files").join(&name), bytes)?;
        kept.insert(name.clone());
        Ok(format!("files/{name}"))
    };
    let mut entries = Vec::new();
    for (asset, packed) in linked.iter().zip(packed) {
        let file = Path::new(&asset.name);
        let files = match packed {
            compress::Packed::Compressed { br, gz } => Files::Compressed {
                br: keep(file, ".br", br, &asset.sha256)?,
                gz: keep(file, ".gz", gz, &asset.sha256)?,
            },
            compress::Packed::Raw => Files::Raw { raw: keep(file, "", &asset.bytes, &asset.sha256)? },
        };
        entries.push(Entry {
            path: asset.path.clone(),
            name: asset.name.clone(),
            r#type: asset.media_type,
            immutable: asset.immutable,
            sha256: asset.sha256.clone(),
            bytes: asset.bytes.len() as u64,
            files,
        });
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    write_if_changed(&dist.join("assets.json"), &serde_json::to_vec_pretty(&entries)?)?;
    for file in fs::read_dir(dist.join("files"))? {
        let file = file?;
        if !kept.contains(file.file_name().to_string_lossy().as_ref()) {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

fn write_if_changed(file: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// For stages that hand over a file: refuses a folder where a file is expected, and names it.
fn read(file: &Path) -> Result<Vec<u8>> {
    if !file.is_file() {
        bail!("{} is not there", file.display());
    }
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
