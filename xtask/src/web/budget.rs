//! The size budgets, as a table and as a limit.

use anyhow::{Result, bail};

use super::Options;
use super::assets::Asset;
use super::compress::Packed;
use crate::say;

struct Budget {
    what: &'static str,
    limit: u64,
    /// Whether an asset counts here.
    holds: fn(&str) -> bool,
    /// Counted uncompressed: the model is also a file that people download.
    raw: bool,
}

const BUDGETS: &[Budget] = &[
    Budget { what: "page shell", limit: 400_000, holds: is_page, raw: false },
    // Fetched while the person draws, or when a page other than the first is opened. The design has no number for them.
    Budget { what: "later pages", limit: 450_000, holds: is_later, raw: false },
    // All of them together; a person fetches the catalogue and the pages they open.
    Budget { what: "questions", limit: 1_500_000, holds: |name| name.starts_with("questions/"), raw: false },
    Budget { what: "CPU engine", limit: 900_000, holds: |name| name.starts_with("engine-cpu"), raw: false },
    Budget { what: "GPU engine", limit: 3_500_000, holds: is_gpu_engine, raw: false },
    Budget { what: "digit model", limit: 600_000, holds: is_digit_model, raw: true },
];

fn is_page(name: &str) -> bool {
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
    matches!(kind, "html" | "css" | "js" | "svg") && !name.starts_with("engine-") && !is_gpu_engine(name)
        || name == "web.wasm"
}

fn is_later(name: &str) -> bool {
    name.starts_with("web-") && name.ends_with(".wasm")
}

fn is_gpu_engine(name: &str) -> bool {
    name.starts_with("engine-gpu") || name == "gpu-guard.js"
}

fn is_digit_model(name: &str) -> bool {
    name == "models/digits-cnn/manifest.json" || name == "models/digits-cnn/model.f16.safetensors"
}

/// Prints what everything weighs and fails if something weighs too much.
pub fn check(assets: &[Asset], packed: &[Packed], options: &Options) -> Result<()> {
    let weigh = |raw: bool, asset: &Asset, packed: &Packed| {
        if raw { asset.bytes.len() as u64 } else { packed.transfer(asset) }
    };
    let mut over = Vec::new();
    eprintln!("\n    {:<14}{:>12}{:>12}{:>12}", "", "raw", "transfer", "budget");
    for budget in BUDGETS {
        let parts: Vec<_> = assets.iter().zip(packed).filter(|(asset, _)| (budget.holds)(&asset.name)).collect();
        if parts.is_empty() {
            eprintln!("    {:<14}{:>12}", budget.what, "not built");
            continue;
        }
        let raw: u64 = parts.iter().map(|(asset, _)| asset.bytes.len() as u64).sum();
        let counted: u64 = parts.iter().map(|(asset, packed)| weigh(budget.raw, asset, packed)).sum();
        let mark = if counted > budget.limit { "  OVER" } else { "" };
        eprintln!(
            "    {:<14}{:>12}{:>12}{:>12}{mark}",
            budget.what,
            say::size(raw),
            say::size(counted),
            say::size(budget.limit)
        );
        if counted > budget.limit {
            over.push(budget.what);
        }
    }
    eprintln!();
    if !over.is_empty() && !options.fast {
        bail!("over its size budget: {}", over.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_once() {
        let names = [
            ("index.html", "page shell"),
            ("web.wasm", "page shell"),
            ("web-later.wasm", "later pages"),
            ("web-snippets/a/inline0.js", "page shell"),
            ("questions/index.json", "questions"),
            ("engine-cpu-worker.js", "CPU engine"),
            ("engine-cpu-snippets/a/inline0.js", "CPU engine"),
            ("gpu-guard.js", "GPU engine"),
            ("engine-gpu.wasm", "GPU engine"),
            ("models/digits-cnn/model.f16.safetensors", "digit model"),
        ];
        for (name, expected) in names {
            let holders: Vec<_> =
                BUDGETS.iter().filter(|budget| (budget.holds)(name)).map(|budget| budget.what).collect();
            assert_eq!(holders, [expected], "{name}");
        }
    }
}
