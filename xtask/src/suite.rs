//! What is tested: the parts of the suite in their order.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{cargo, chromium, serve, web};

pub struct Part {
    /// As `cargo xtask test NAME` takes it.
    pub name: &'static str,
    pub title: &'static str,
    pub kind: Kind,
    /// Parts that have passed before this one means anything.
    pub needs: &'static [&'static str],
    pub run: fn(&mut Counts) -> Result<()>,
}

#[derive(PartialEq, Eq)]
pub enum Kind {
    /// Also part of `cargo xtask check`.
    Quick,
    Full,
}

/// Single tests, as their programs counted them.
#[derive(Default)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    /// What tests measured against the design's budgets: what, how much, how much is allowed.
    pub budgets: Vec<[String; 3]>,
}

pub const PARTS: &[Part] = &[
    Part { name: "format", title: "Formatting", kind: Kind::Quick, needs: &[], run: |_| format() },
    Part {
        name: "house",
        title: "House rules and documents",
        kind: Kind::Quick,
        needs: &[],
        run: |counts| outside(counts, &["house::", "docs::"], 2),
    },
    Part { name: "lints", title: "Lints, native", kind: Kind::Quick, needs: &[], run: |_| lints() },
    Part { name: "unit", title: "Unit tests", kind: Kind::Quick, needs: &[], run: unit },
    Part { name: "lints-web", title: "Lints, in the browser", kind: Kind::Full, needs: &[], run: |_| lints_web() },
    Part {
        name: "web",
        title: "The page and both engines",
        kind: Kind::Full,
        needs: &[],
        run: |_| web::web(&web::Options::default()),
    },
    Part {
        name: "server",
        title: "The server and its data",
        kind: Kind::Full,
        needs: &["web"],
        run: |_| {
            serve::build()?;
            data()
        },
    },
    Part {
        name: "http",
        title: "The server from outside: HTTP and command line",
        kind: Kind::Full,
        needs: &["web", "server"],
        run: |counts| outside(counts, &["http::", "cli::"], 2),
    },
    Part {
        name: "runs",
        title: "Runs that are killed, and models handed over",
        kind: Kind::Full,
        needs: &["web", "server"],
        run: |counts| outside(counts, &["runs::", "handoff::"], 2),
    },
    Part {
        name: "browser",
        title: "The page in a real Chromium",
        kind: Kind::Full,
        needs: &["web", "server"],
        run: |counts| {
            chromium::ensure()?;
            // One at a time: they measure.
            outside(counts, &["browser::"], 1)
        },
    },
];

fn format() -> Result<()> {
    cargo::run(cargo::cargo(&["fmt", "--all", "--check"]))
}

/// The selections of packages are those of the builds: cargo unifies features by selection, and another
/// selection would compile burn again.
const SELECTIONS: [&[&str]; 4] = [
    &["-p", "xtask"],
    &["-p", "kindling-tests"],
    &["-p", "kindling-labs", "-p", "kindling", "-p", "kindling-protocol", "-p", "kindling-statistics"],
    &["-p", "kindling-web"],
];

fn lints() -> Result<()> {
    for selection in &SELECTIONS[..3] {
        let mut command = cargo::cargo(&["clippy", "--release", "--all-targets"]);
        command.args(*selection).args(["--", "-D", "warnings"]);
        cargo::run(command)?;
    }
    Ok(())
}

fn lints_web() -> Result<()> {
    cargo::ensure_wasm_target()?;
    // The engine with the cells of the bench: nothing else compiles them but `cargo xtask bench`.
    for package in [&["-p", "kindling-web"][..], &["-p", "kindling-engine", "--features", "bench"]] {
        let mut command = cargo::cargo_wasm(&["clippy"], "web");
        command.args(package).args(["--", "-D", "warnings"]);
        cargo::run(command)?;
    }
    Ok(())
}

fn unit(counts: &mut Counts) -> Result<()> {
    for selection in SELECTIONS {
        // This program has no library; of the others all is in theirs.
        let target = if selection.contains(&"xtask") { "--bins" } else { "--lib" };
        let mut command = cargo::cargo(&["test", "--release", "--no-fail-fast", target]);
        command.args(selection);
        count(command, counts)?;
    }
    Ok(())
}

/// The tests of `tests/`, chosen by the beginning of their names.
fn outside(counts: &mut Counts, filters: &[&str], threads: u32) -> Result<()> {
    let mut command = cargo::cargo(&["test", "--release", "-p", "kindling-tests", "--test", "all", "--"]);
    // With what passing tests tell: they measure.
    command.arg("--show-output").arg(format!("--test-threads={threads}")).args(filters);
    count(command, counts)?;
    if counts.passed + counts.failed == 0 {
        bail!("no test is named {}…", filters.join("… or "));
    }
    Ok(())
}

/// The data sets that tests read.
const TESTED_SETS: [&str; 9] = [
    "20newsgroups",
    "adult",
    "breast-cancer",
    "cifar10",
    "credit-default",
    "fashion-mnist-10k",
    "mammography",
    "mnist",
    "wine-quality",
];

/// Real data for the tests that need it: KINDLING_DATA, or fetched once into the target folder.
fn data() -> Result<()> {
    if std::env::var_os("KINDLING_DATA").is_some() {
        return Ok(());
    }
    let mut command = Command::new(cargo::server_binary());
    command.args(["data", "fetch"]).args(TESTED_SETS).arg("--data-dir").arg(cargo::fetched_data());
    cargo::run(command).context("data sets are not here; fetch them or say with KINDLING_DATA where they are")
}

/// Runs tests, shows their output as it comes, and counts by their own summaries.
fn count(mut command: Command, counts: &mut Counts) -> Result<()> {
    let shown = cargo::show(&command);
    eprintln!("    $ {shown}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{shown}` could not be started"))?;
    let mut failed_here = 0;
    for line in BufReader::new(child.stdout.take().context("a piped output")?).lines() {
        let line = line?;
        println!("{line}");
        if let Some((passed, failed)) = summary(&line) {
            counts.passed += passed;
            counts.failed += failed;
            failed_here += failed;
        }
        counts.budgets.extend(budget(&line));
    }
    std::io::stdout().flush()?;
    let status = child.wait()?;
    if !status.success() && failed_here == 0 {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// `test result: ok. 12 passed; 0 failed; …`. A test that is ignored did not run: it counts as failed.
fn summary(line: &str) -> Option<(u64, u64)> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |word: &str| -> Option<u64> {
        let before = rest.split(word).next()?;
        before.trim_end().rsplit(' ').next()?.parse().ok()
    };
    Some((number(" passed")?, number(" failed")? + number(" ignored")?))
}

/// `budget: WHAT | MEASURED | ALLOWED`, from `kindling_tests::budget`.
fn budget(line: &str) -> Option<[String; 3]> {
    let cells: Vec<_> = line.strip_prefix("budget: ")?.split(" | ").map(str::to_owned).collect();
    cells.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_read() {
        let cells = budget("budget: pen move to bars, p95 | 10 ms | 30 ms").expect("a budget");
        assert_eq!(cells, ["pen move to bars, p95", "10 ms", "30 ms"]);
        assert_eq!(budget("budget: nothing"), None);
    }

    #[test]
    fn a_summary_is_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 5 filtered out; finished in 0.1s";
        assert_eq!(summary(line), Some((12, 4)));
        assert_eq!(summary("test web::a ... ok"), None);
    }
}
