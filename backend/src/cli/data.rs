//! `kindling data`: list, fetch and verify data sets.

use std::io::{Write, stdout};

use anyhow::bail;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use kindling_protocol::api::DataState;
use serde::Serialize;

use super::UsageError;
use crate::config::Folders;
use crate::data::sets::{self, SETS, Set};
use crate::data::{Library, PartError};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    folders: Folders,
    /// Print JSON on standard output
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    /// What there is, under which licence, and what is here
    List,
    /// Bring sets here from their public mirrors; goes on where it was cut off
    Fetch {
        /// Names, as `list` shows them
        #[arg(required = true, value_name = "SET")]
        sets: Vec<String>,
        /// Ask this mirror instead; file names are appended. May be said several times
        #[arg(long, value_name = "URL")]
        mirror: Vec<String>,
    },
    /// Check every file of the sets (all of them, if none is named)
    Verify {
        #[arg(value_name = "SET")]
        sets: Vec<String>,
    },
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let library = Library::new(args.folders.data_dir()?);
    match args.action {
        Action::List => list(&library, args.json),
        Action::Fetch { sets, mirror } => fetch(&library, &named(&sets)?, &mirror, args.json),
        Action::Verify { sets } if sets.is_empty() => verify(&library, &SETS.iter().collect::<Vec<_>>(), args.json),
        Action::Verify { sets } => verify(&library, &named(&sets)?, args.json),
    }
}

fn named(names: &[String]) -> Result<Vec<&'static Set>, UsageError> {
    let known = || SETS.iter().map(|set| set.name).collect::<Vec<_>>().join(", ");
    let find = |name: &String| {
        sets::find(name).ok_or_else(|| UsageError(format!("there is no data set `{name}`; there are: {}", known())))
    };
    names.iter().map(find).collect()
}

fn list(library: &Library, json: bool) -> anyhow::Result<()> {
    let sets: Vec<_> = SETS.iter().map(|set| library.describe(set)).collect();
    let mut out = stdout().lock();
    if json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&sets)?)?);
    }
    writeln!(out, "In {}:", library.folder().display())?;
    for set in sets {
        let state = match set.state {
            DataState::Present => "here",
            DataState::Missing => "not here",
            DataState::Damaged => "damaged",
        };
        writeln!(out, "{}  {state}, {:.1} MB", set.name, set.bytes as f64 / 1e6)?;
        writeln!(out, "    {}\n    {}\n    licence: {}", set.title, set.source, set.licence)?;
    }
    Ok(())
}

fn fetch(library: &Library, sets: &[&'static Set], mirrors: &[String], json: bool) -> anyhow::Result<()> {
    for set in sets {
        let public: Vec<String> = set.mirrors.iter().map(ToString::to_string).collect();
        let mirrors = if mirrors.is_empty() { &public } else { mirrors };
        let style = "{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        let bar = ProgressBar::new(set.bytes()).with_style(ProgressStyle::with_template(style)?).with_prefix(set.name);
        let fetched = library.fetch(set, mirrors, &mut |bytes| bar.set_position(bytes));
        bar.finish_and_clear();
        fetched?;
        if !json {
            println!("{} is here, whole ({:.1} MB). Licence: {}", set.name, set.bytes() as f64 / 1e6, set.licence);
        }
    }
    if json {
        let sets: Vec<_> = sets.iter().map(|set| library.describe(set)).collect();
        println!("{}", serde_json::to_string_pretty(&sets)?);
    }
    Ok(())
}

/// One file, checked.
#[derive(Serialize)]
struct Checked {
    file: String,
    ok: bool,
    problem: Option<String>,
}

fn verify(library: &Library, sets: &[&'static Set], json: bool) -> anyhow::Result<()> {
    let mut checked = Vec::new();
    for set in sets {
        for part in set.files() {
            let problem = library.file(set, part).err().map(|error| match error {
                PartError::Missing { .. } => "is not here".to_string(),
                PartError::Damaged { detail, .. } => detail,
                PartError::Unreadable { error, .. } => error.to_string(),
            });
            checked.push(Checked { file: format!("{}/{}", set.folder, part.file), ok: problem.is_none(), problem });
        }
    }
    let mut out = stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&checked)?)?;
    } else {
        for Checked { file, problem, .. } in &checked {
            writeln!(out, "{file}: {}", problem.as_deref().unwrap_or("whole"))?;
        }
    }
    match checked.iter().filter(|file| !file.ok).count() {
        0 => Ok(()),
        bad => bail!("{bad} of {} files are missing or damaged; `kindling data fetch` brings them", checked.len()),
    }
}
