//! What this machine has, and what is off: one look at everything a run or a page needs.

use std::fmt;
use std::path::{Path, PathBuf};

use kindling_protocol::PROTOCOL_VERSION;
use kindling_protocol::api::{DataSet, DataState};
use serde::Serialize;

use crate::config::Folders;
use crate::data::{Library, sets::SETS};
use crate::devices::{self, Found};
use crate::{assets, config};

/// Room that a few runs and models take.
const ENOUGH_BYTES: u64 = 2 << 30;

/// Everything that was looked at.
#[derive(Debug, Serialize)]
pub struct Report {
    pub program: &'static str,
    pub protocol: u32,
    pub cpu_cores: usize,
    /// Names that a run can ask for.
    pub devices: Vec<String>,
    pub found: Found,
    pub page: Page,
    pub state: State,
    pub data_dir: PathBuf,
    pub data: Vec<DataSet>,
    /// What is off, and what helps. Empty: all is well.
    pub problems: Vec<String>,
}

/// The page inside the binary.
#[derive(Debug, Serialize)]
pub struct Page {
    pub files: usize,
    pub bytes: u64,
    pub gpu_engine: bool,
    pub models: Vec<String>,
}

/// The state folder.
#[derive(Debug, Serialize)]
pub struct State {
    pub path: PathBuf,
    pub exists: bool,
    pub writable: bool,
    /// Where the system says it.
    pub free_bytes: Option<u64>,
}

/// Looks at everything. Changes nothing: the state folder is not made.
pub fn examine(folders: &Folders) -> anyhow::Result<Report> {
    let mut problems = Vec::new();
    let found = devices::find(devices::PATIENCE).unwrap_or_else(|error| {
        problems.push(format!("No GPU can be used: {error:#}."));
        Found::default()
    });
    if cfg!(feature = "wgpu") && found.adapters.iter().all(|adapter| adapter.software) && problems.is_empty() {
        problems.push("No GPU: there is no adapter with Vulkan, Metal or DirectX 12. Runs use the CPU.".into());
    }
    let page = page(&mut problems);
    let state = state(&folders.state_dir()?, &mut problems);
    let library = Library::new(folders.data_dir()?);
    let data: Vec<DataSet> = SETS.iter().map(|set| library.describe(set)).collect();
    for (set, described) in SETS.iter().zip(&data) {
        match described.state {
            DataState::Present => {}
            // Nobody can fetch it.
            DataState::Missing if set.mirrors.is_empty() => {}
            DataState::Missing => {
                problems.push(format!("The data set `{0}` is not here: `kindling data fetch {0}`.", set.name))
            }
            DataState::Damaged => problems
                .extend(set.files().filter_map(|part| library.file(set, part).err().map(|error| format!("{error}.")))),
        }
    }
    Ok(Report {
        program: env!("CARGO_PKG_VERSION"),
        protocol: PROTOCOL_VERSION,
        cpu_cores: std::thread::available_parallelism().map_or(1, usize::from),
        devices: found.names(),
        found,
        page,
        state,
        data_dir: library.folder().to_path_buf(),
        data,
        problems,
    })
}

fn page(problems: &mut Vec<String>) -> Page {
    let models = match assets::shipped_models() {
        Ok(models) => models.into_iter().map(|model| model.manifest.name).collect(),
        Err(error) => {
            problems.push(format!("A model in the program can't be read: {error:#}."));
            Vec::new()
        }
    };
    if assets::ASSETS.is_empty() {
        problems.push("The page is not built into this program: run `cargo xtask serve`.".into());
    }
    Page {
        files: assets::ASSETS.len(),
        bytes: assets::ASSETS.iter().map(|asset| asset.bytes).sum(),
        gpu_engine: assets::ASSETS.iter().any(|asset| asset.name == "engine-gpu.wasm"),
        models,
    }
}

fn state(path: &Path, problems: &mut Vec<String>) -> State {
    // A folder that is still to be made lands in the nearest one that is there.
    let there = path.ancestors().find(|folder| folder.exists());
    let writable = there.is_some_and(config::is_writable);
    if !writable {
        problems.push(format!("The state folder {} is not writable: say --state-dir.", path.display()));
    }
    let free_bytes = there.and_then(|folder| fs4::available_space(folder).ok());
    if let Some(free) = free_bytes.filter(|free| *free < ENOUGH_BYTES) {
        problems.push(format!("Only {} MB are free where the state is kept.", free >> 20));
    }
    State { path: path.to_path_buf(), exists: path.exists(), writable, free_bytes }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "kindling   {} (protocol {})", self.program, self.protocol)?;
        writeln!(out, "devices    {} ({} CPU cores)", self.devices.join(", "), self.cpu_cores)?;
        for adapter in &self.found.adapters {
            let note = if adapter.software { ", in software: not offered" } else { "" };
            writeln!(out, "           {} ({} {}{note})", adapter.name, adapter.interface, adapter.driver)?;
        }
        let Page { files, bytes, gpu_engine, models } = &self.page;
        let engine = if *gpu_engine { "with" } else { "without" };
        writeln!(out, "page       {files} files, {} KB, {engine} the GPU engine", bytes >> 10)?;
        writeln!(out, "models     {}", if models.is_empty() { "none".into() } else { models.join(", ") })?;
        let free = self.state.free_bytes.map_or("unknown".into(), |free| format!("{:.1} GB", free as f64 / 1e9));
        writeln!(out, "state      {} ({free} free)", self.state.path.display())?;
        writeln!(out, "data       {}", self.data_dir.display())?;
        for set in &self.data {
            writeln!(out, "           {}: {:?}, {:.1} MB", set.name, set.state, set.bytes as f64 / 1e6)?;
        }
        match self.problems.as_slice() {
            [] => writeln!(out, "All is well."),
            problems => problems.iter().try_for_each(|problem| writeln!(out, "! {problem}")),
        }
    }
}
