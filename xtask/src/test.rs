//! `cargo xtask test`: every part, cheapest first, and a table that says what ran.
//!
//! What did not run is never called passed. The last line is the sum of all tests.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::say;
use crate::suite::{Counts, Kind, PARTS, Part};

#[derive(clap::Args)]
pub struct Options {
    /// Only these parts, and what they need; all without one
    names: Vec<String>,
}

/// Runs the whole suite or the named parts of it.
pub fn test(options: &Options) -> Result<()> {
    let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
    for name in &options.names {
        if !known.contains(&&name[..]) {
            bail!("there is no part `{name}`; there are {}", known.join(", "));
        }
    }
    let asked = |part: &Part| options.names.is_empty() || options.names.iter().any(|name| name == part.name);
    report(&run(&with_needs(PARTS.iter().filter(|part| asked(part)))))
}

/// The fast loop of daily work.
pub fn check() -> Result<()> {
    report(&run(&with_needs(PARTS.iter().filter(|part| part.kind == Kind::Quick))))
}

enum Outcome {
    Passed(Counts),
    Failed(Counts, String),
    NotRun(String),
}

struct Line {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// In the order of the suite, with everything the chosen parts stand on.
fn with_needs(chosen: impl Iterator<Item = &'static Part>) -> Vec<&'static Part> {
    let mut names: BTreeSet<_> = chosen.map(|part| part.name).collect();
    // A part only needs parts before it, so one walk from the end finds all.
    for part in PARTS.iter().rev() {
        if names.contains(part.name) {
            names.extend(part.needs);
        }
    }
    PARTS.iter().filter(|part| names.contains(part.name)).collect()
}

fn run(parts: &[&'static Part]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for part in parts {
        let missing = part
            .needs
            .iter()
            .find(|need| !lines.iter().any(|line| line.name == **need && matches!(line.outcome, Outcome::Passed(_))));
        let start = Instant::now();
        let outcome = match missing {
            Some(need) => Outcome::NotRun(format!("needs {need}")),
            None => attempt(part),
        };
        lines.push(Line { name: part.name, outcome, took: start.elapsed() });
    }
    lines
}

fn attempt(part: &Part) -> Outcome {
    let mut counts = Counts::default();
    match say::step(part.title, || (part.run)(&mut counts)) {
        Ok(()) if counts.failed == 0 => Outcome::Passed(counts),
        Ok(()) => Outcome::Failed(counts, "tests failed".into()),
        Err(error) => {
            eprintln!("error: {error:#}");
            Outcome::Failed(counts, format!("{error:#}"))
        }
    }
}

fn report(lines: &[Line]) -> Result<()> {
    println!("\n{:<10}{:<10}{:>8}{:>8}{:>10}", "part", "outcome", "passed", "failed", "time");
    let (mut passed, mut failed, mut not_run) = (0, 0, 0);
    for line in lines {
        let time = say::time(line.took);
        match &line.outcome {
            Outcome::Passed(counts) => {
                passed += counts.passed;
                println!("{:<10}{:<10}{:>8}{:>8}{:>10}", line.name, "passed", number(counts.passed), "", time);
            }
            Outcome::Failed(counts, why) => {
                passed += counts.passed;
                // A part that failed without a failing test, such as one that did not compile, counts as one.
                failed += counts.failed.max(1);
                let why = why.lines().next().unwrap_or_default();
                let (good, bad) = (number(counts.passed), counts.failed.max(1));
                println!("{:<10}{:<10}{good:>8}{bad:>8}{time:>10}  {why}", line.name, "FAILED");
            }
            Outcome::NotRun(why) => {
                not_run += 1;
                println!("{:<10}{:<10}{:>26}  {why}", line.name, "NOT RUN", "");
            }
        }
    }
    budgets(lines);
    println!("\n{passed} passed, {failed} failed");
    if failed > 0 || not_run > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// Sizes are printed where they are held, by the build of the page.
fn budgets(lines: &[Line]) {
    let measured: Vec<_> = lines
        .iter()
        .flat_map(|line| match &line.outcome {
            Outcome::Passed(counts) | Outcome::Failed(counts, _) => &counts.budgets[..],
            Outcome::NotRun(_) => &[],
        })
        .collect();
    if !measured.is_empty() {
        println!("\n{:<42}{:>12}{:>12}", "time and memory", "measured", "budget");
    }
    for [what, amount, allowed] in measured {
        println!("{what:<42}{amount:>12}{allowed:>12}");
    }
}

/// Parts that are not made of tests have an empty cell.
fn number(count: u64) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_come_before_and_are_added() {
        for (place, part) in PARTS.iter().enumerate() {
            for need in part.needs {
                assert!(PARTS[..place].iter().any(|before| before.name == *need), "{} needs {need}", part.name);
            }
        }
        let names: Vec<_> =
            with_needs(PARTS.iter().filter(|part| part.name == "browser")).iter().map(|p| p.name).collect();
        assert_eq!(names, ["web", "server", "browser"]);
    }
}
