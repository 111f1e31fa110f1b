//! Opens the bench page in Chromium, runs every cell, and prints both sides' figures and their ratio.
//!
//! `cargo xtask bench` builds the folder and calls this. A cell counts only if both sides computed the same
//! losses before. Ratios are of medians in one page; milliseconds hold for this machine and this hour only.

mod cells;
mod report;
mod site;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use kindling_tests::{Browser, Gpu, Page};
use serde_json::{Value, json};

use cells::{CELLS, Cell};
use report::{Report, TOLERANCE};

/// Longer than any single step or tuning takes on a busy machine.
const SILENCE: Duration = Duration::from_secs(600);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let folder = PathBuf::from(arguments.first().expect("the folder of the bench page"));
    let rounds: u32 = value("--rounds").and_then(|word| word.parse().ok()).unwrap_or(5);
    let only = value("--only").unwrap_or_default();

    let chosen: Vec<&Cell> =
        CELLS.iter().filter(|cell| cell.line().contains(&only) && !(flag("--cpu-only") && cell.gpu)).collect();
    if chosen.is_empty() {
        eprintln!("no cell's line contains `{only}`; the cells are");
        CELLS.iter().for_each(|cell| eprintln!("  {}", cell.line()));
        return ExitCode::FAILURE;
    }
    if let Err(error) = site::write_batches(&folder) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    let url = site::open(&folder);
    let load = load();
    let mut browser = Browser::launch(Gpu::On);
    let (chromium, cores) = (browser.version(), std::thread::available_parallelism().map_or(0, usize::from));
    if !flag("--json") {
        let load = load.map_or_else(String::new, |load| format!(", load {load:.1} before the start"));
        println!(
            "{chromium}, {cores} cores{load}. Each side computes on one thread of its own; WebGPU is SwiftShader."
        );
    }
    let mut results = Vec::new();
    let mut right = true;
    for cell in chosen {
        // A page of its own: what one cell leaves in memory is not the next one's burden.
        let mut page = browser.page();
        page.goto(&url);
        page.wait_for("typeof window.start === 'function'", Duration::from_secs(60));
        let report = Report::read(cell, &run(&mut page, cell, rounds));
        page.goto("about:blank");
        right &= matches!(report, Report::Timed(_));
        if flag("--json") {
            results.push(report.json(cell));
        } else {
            report.print(cell);
        }
    }
    if flag("--json") {
        println!("{}", json!({ "browser": chromium, "cores": cores, "loadBefore": load, "cells": results }));
    }
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one cell, tells its progress, and returns the page's answer.
fn run(page: &mut Page, cell: &Cell, rounds: u32) -> Value {
    let start = Instant::now();
    let order = json!({
        "cell": cell.name, "names": cell.sides, "agree": cell.agree, "tolerance": TOLERANCE, "rounds": rounds,
        "steps": cell.steps, "product": { "side": cell.product.0, "counts": cell.product.1 }, "gpu": cell.gpu,
    });
    page.eval(&format!("window.start({order})"));
    let mut heard = Instant::now();
    loop {
        // The contenders compute in workers: the page itself always answers.
        let state = page.eval("({ said: window.state.said.splice(0), outcome: window.state.outcome })");
        for line in state["said"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            eprintln!("    {:>5.0} s  {}: {line}", start.elapsed().as_secs_f64(), cell.name);
            heard = Instant::now();
        }
        // What a worker writes to its console is the cause of what follows.
        for fault in page.take_faults() {
            eprintln!("    {fault}");
        }
        if !state["outcome"].is_null() {
            return state["outcome"].clone();
        }
        if heard.elapsed() > SILENCE {
            return json!({ "error": format!("nothing was heard for {SILENCE:?}") });
        }
        page.pump(Duration::from_millis(200));
    }
}

/// How many threads wanted a core in the last minute, where the system says so.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}
