//! `cargo xtask bench`: our training cells against TensorFlow.js, in one page of one Chromium.
//!
//! This file gathers what the page needs into a folder: our engines built with their `bench` feature,
//! TensorFlow.js from npm, the page's scripts. `tests/src/bin/bench` opens the page and prints the figures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::web::bundle;
use crate::{cargo, chromium, say};

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Leaves out what runs on WebGPU
    #[arg(long)]
    cpu_only: bool,
    /// Timings of each side, in turns; the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only cells whose line contains this, such as `cnn`, `wasm` or `mlp kindling:gpu`
    #[arg(long, default_value = "")]
    only: String,
    /// One JSON object on standard output, with every timing
    #[arg(long)]
    json: bool,
}

const TENSORFLOW: &str = "4.22.0";

pub fn bench(options: &Options) -> Result<()> {
    say::step("WebAssembly target", cargo::ensure_wasm_target)?;
    say::step("Chromium", chromium::ensure)?;
    let folder = cargo::target_dir().join("xtask").join("bench");
    fs::create_dir_all(&folder)?;
    say::step("TensorFlow.js from npm", || tensorflow(&folder))?;
    for bundle in bundle::BENCH.iter().filter(|bundle| !(options.cpu_only && bundle.gpu)) {
        for source in say::step(bundle.title, || bundle.build())? {
            fs::write(folder.join(source.name), source.bytes)?;
        }
    }
    let page = fs::read_dir(cargo::root().join("xtask/bench"))?.map(|entry| entry.map(|entry| entry.path()));
    for file in page.chain([Ok(cargo::root().join("static/gpu-guard.js"))]) {
        let file = file?;
        let name = file.file_name().context("a file has a name")?;
        fs::copy(&file, folder.join(name)).with_context(|| file.display().to_string())?;
    }
    let rounds = options.rounds.to_string();
    let mut run = cargo::cargo(&["run", "--quiet", "--release", "-p", "kindling-tests", "--bin", "bench", "--"]);
    run.arg(&folder).args(["--rounds", &rounds, "--only", &options.only]);
    for (chosen, flag) in [(options.cpu_only, "--cpu-only"), (options.json, "--json")] {
        if chosen {
            run.arg(flag);
        }
    }
    cargo::run(run)
}

/// The browser builds of TensorFlow.js and of its backends, in `tf/`.
fn tensorflow(folder: &Path) -> Result<()> {
    let packages: [(&str, &[&str]); 3] = [
        ("tfjs", &["tf.es2017.min.js"]),
        (
            "tfjs-backend-wasm",
            &["tf-backend-wasm.es2017.min.js", "tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"],
        ),
        ("tfjs-backend-webgpu", &["tf-backend-webgpu.es2017.min.js"]),
    ];
    let target = folder.join("tf");
    let wanted: Vec<(PathBuf, PathBuf)> = packages
        .iter()
        .flat_map(|(package, files)| files.iter().map(move |file| (package, file)))
        .map(|(package, file)| {
            let source = folder.join("node_modules/@tensorflow").join(package).join("dist").join(file);
            (source, target.join(file))
        })
        .collect();
    if wanted.iter().all(|(_, file)| file.is_file()) {
        return Ok(());
    }
    if Command::new("npm").arg("--version").output().is_err() {
        bail!("npm is not there; TensorFlow.js, the peer of the bench, comes from it (Debian: `apt install npm`)");
    }
    fs::write(folder.join("package.json"), "{\"private\":true}")?;
    let mut install = Command::new("npm");
    install.current_dir(folder).args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]);
    install.args(packages.map(|(package, _)| format!("@tensorflow/{package}@{TENSORFLOW}")));
    cargo::run(install)?;
    fs::create_dir_all(&target)?;
    for (source, file) in wanted {
        fs::copy(&source, file).with_context(|| source.display().to_string())?;
    }
    // A hundred times what is needed.
    fs::remove_dir_all(folder.join("node_modules"))?;
    Ok(())
}
