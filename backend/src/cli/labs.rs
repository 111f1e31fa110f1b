//! `kindling labs`: what can be run, its knobs and its goals.

use std::io::{Write, stdout};

use kindling_labs::labs::LABS;
use kindling_protocol::knob::KnobKind;
use kindling_protocol::lab::{Goal, LabSpec};

#[derive(clap::Args)]
pub struct Args {
    /// Print JSON on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let specs: Vec<LabSpec> = LABS.iter().map(|lab| (lab.spec)()).collect();
    let mut out = stdout().lock();
    if args.json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&specs)?)?);
    }
    for spec in specs {
        writeln!(out, "{}: {}\n    {}", spec.slug, spec.title.en, spec.summary.en)?;
        for knob in &spec.knobs {
            let values = match &knob.kind {
                KnobKind::Slider { min, max, .. } => format!("{min} to {max}"),
                KnobKind::Count { min, max, .. } => format!("{min} to {max}, whole"),
                KnobKind::Choice { options, .. } => {
                    options.iter().map(|option| option.id.as_ref()).collect::<Vec<_>>().join(", ")
                }
                KnobKind::Switch { .. } => "true, false".to_string(),
                KnobKind::File { .. } | KnobKind::Predictions => {
                    "a file in a browser; not on the command line".to_string()
                }
            };
            writeln!(out, "    {} = {} ({values}): {}", knob.id, knob.default_value(), knob.label.en)?;
        }
        for goal in &spec.goals {
            writeln!(out, "    goal: {}", goal_words(goal))?;
        }
    }
    Ok(())
}

/// A goal with its time, where it has one.
pub fn goal_words(goal: &Goal) -> String {
    let within = goal.within_s.map(|limit| format!(", within {limit} s of training"));
    format!("{}{}", goal.text.en, within.unwrap_or_default())
}
