//! `kindling labs`: what can be run, and its knobs.

use std::io::{Write, stdout};

use kindling_labs::labs::LABS;
use kindling_protocol::knob::KnobKind;
use kindling_protocol::lab::LabSpec;

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
            };
            writeln!(out, "    {} = {} ({values}): {}", knob.id, knob.default_value(), knob.label.en)?;
        }
    }
    Ok(())
}
