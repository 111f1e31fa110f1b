//! `kindling models`: published models, listed, written to a folder, read from one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use kindling_labs::host::Snapshot;
use kindling_labs::nn::weights;
use kindling_protocol::api::ModelVersion;
use kindling_protocol::model::{Dtype, Manifest};

use crate::assets;
use crate::config::{Folders, make_private_folder};
use crate::registry::{Registry, verify};
use crate::store::Store;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Subcommand)]
enum Action {
    /// List models and their versions. Version 0 is the one inside the program
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a version's manifest, weights and parity inputs to a folder
    Export {
        name: String,
        /// The newest if left out
        #[arg(long)]
        version: Option<u32>,
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Make the model in a folder, as `export` writes it, the next version of its name
    Import {
        from: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let state = args.folders.state_dir()?;
    make_private_folder(&state)?;
    let store = Store::open(&state.join("kindling.db"))?;
    let registry = Registry::open(store, state.join("blobs"), assets::shipped_models()?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(act(&registry, args.action))
}

async fn act(registry: &Registry, action: Action) -> anyhow::Result<()> {
    match action {
        Action::List { json } => {
            let mut versions = Vec::new();
            for model in registry.models().await? {
                versions.extend(registry.versions(&model.name).await?);
            }
            match json {
                true => println!("{}", serde_json::to_string_pretty(&versions)?),
                false => versions.iter().for_each(|version| println!("{}", line(version))),
            }
        }
        Action::Export { name, version, to } => {
            let versions = registry.versions(&name).await?;
            let found = versions.into_iter().find(|found| version.is_none_or(|version| found.version == version));
            let found = found.with_context(|| format!("`{name}` has no such version"))?;
            fs::create_dir_all(&to)?;
            for file in &found.manifest.weights {
                match registry.read(&file.file).await {
                    Ok(bytes) => fs::write(to.join(weights_name(file.dtype)), bytes)?,
                    // Not every precision of the model inside the program is shipped.
                    Err(_) if found.version == 0 => {}
                    Err(error) => return Err(error.into()),
                }
            }
            fs::write(to.join(PARITY), registry.read(&found.manifest.parity).await?)?;
            fs::write(to.join(MANIFEST), serde_json::to_vec_pretty(&found.manifest)?)?;
            println!("{} version {} is in {}", found.name, found.version, to.display());
        }
        Action::Import { from, json } => {
            let manifest: Manifest = serde_json::from_slice(&read(&from, MANIFEST)?).context("in the manifest")?;
            if verify::full_precision(&manifest).is_err() {
                bail!("the manifest names no weights in f32, and other precisions are made from those");
            }
            let (weights, parity) = (full_precision(&from)?, read(&from, PARITY)?);
            let name = manifest.name.clone();
            let version = registry.publish(Snapshot { manifest, weights, parity }, name).await?;
            match json {
                true => println!("{}", serde_json::to_string_pretty(&version)?),
                false => println!("{}", line(&version)),
            }
        }
    }
    Ok(())
}

const MANIFEST: &str = "manifest.json";
const PARITY: &str = "parity.safetensors";

fn weights_name(dtype: Dtype) -> &'static str {
    match dtype {
        Dtype::F32 => "model.f32.safetensors",
        Dtype::F16 => "model.f16.safetensors",
    }
}

fn read(folder: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    let path = folder.join(name);
    fs::read(&path).with_context(|| format!("{} can't be read", path.display()))
}

/// The f32 weights. Of the model inside the program only the f16 file exists, and it holds the same numbers.
fn full_precision(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let half = weights_name(Dtype::F16);
    match folder.join(weights_name(Dtype::F32)).exists() || !folder.join(half).exists() {
        true => read(folder, weights_name(Dtype::F32)),
        false => Ok(weights::to_f32(&read(folder, half)?)?),
    }
}

fn line(version: &ModelVersion) -> String {
    let metrics = version.manifest.metrics.iter();
    let metrics: Vec<String> =
        metrics.map(|metric| format!("{} {:.4} on {}", metric.name, metric.value, metric.data)).collect();
    format!(
        "{:<24} {:>3}  {:>9} parameters  {}",
        version.name,
        version.version,
        version.manifest.parameters,
        metrics.join(", ")
    )
}
