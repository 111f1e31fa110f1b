//! `kindling train`: a lab run here, told as a progress bar or as JSON lines, kept in a folder.

use std::fs;
use std::io::{self, Write, stdout};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use kindling_labs::host::{Lab, Snapshot};
use kindling_labs::labs::{self, LABS};
use kindling_labs::nn::weights::to_f16;
use kindling_protocol::engine::Control;
use kindling_protocol::event::{Event, EventBody};
use kindling_protocol::knob;
use kindling_protocol::run::{MAX_SEED, RunConfig};

use super::UsageError;
use crate::config::Folders;
use crate::data::Library;
use crate::devices;
use crate::local::{self, Begin, Ended, Keeper, Surroundings};
use crate::runs::folder::{RunFolder, write_whole};

#[derive(clap::Args)]
pub struct Args {
    /// The lab, as `kindling labs` names it
    lab: String,
    /// Set a knob; the others keep their defaults. May be said several times
    #[arg(long, value_name = "KNOB=VALUE")]
    set: Vec<String>,
    /// Decides every random number. On the CPU the same seed gives the same bits [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// cpu, gpu or cuda:0
    #[arg(long, default_value = devices::CPU)]
    device: String,
    /// Name of the model in its manifest [default: the lab's]
    #[arg(long)]
    name: Option<String>,
    /// Folder for checkpoints and the trained model [default: kindling-<lab>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on from the newest checkpoint in this folder, with the same lab, knobs and seed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "set", "seed"])]
    resume: Option<PathBuf>,
    /// Print every event as a line of JSON on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
}

/// How often a run is written down, so that a cut costs little.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(30);

pub fn run(args: Args) -> anyhow::Result<()> {
    let lab = labs::find(&args.lab)
        .ok_or_else(|| UsageError(format!("there is no lab `{}`; there are: {}", args.lab, known())))?;
    // Before anything is written: a device that is not there leaves no folder behind.
    let device = devices::device(&args.device)?;
    let path = match (&args.resume, &args.out) {
        (Some(folder), _) | (None, Some(folder)) => folder.clone(),
        (None, None) => PathBuf::from(format!("kindling-{}", args.lab)),
    };
    let folder = RunFolder::new(path);
    folder.create().with_context(|| format!("{} can't be made", folder.path().display()))?;
    let Some(_lock) = folder.try_lock()? else { bail!("another process trains in {}", folder.path().display()) };
    let (config, begin) =
        if args.resume.is_some() { resumed(&args, lab, &folder)? } else { fresh(&args, lab, &folder)? };

    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(0).with_style(style()?) };
    let mut terminal = Terminal { folder, name: args.name.clone(), json: args.json, bar, report: None, failure: None };
    let surroundings = Surroundings {
        keeper: &mut terminal,
        data: Library::new(args.folders.data_dir()?),
        controls: stop_on_ctrl_c()?,
        checkpoint_every: CHECKPOINT_EVERY,
    };
    let ended = local::run(lab, &config, device, &args.device, begin, surroundings);
    terminal.bar.finish_and_clear();
    let shown = terminal.folder.path().display();
    match ended {
        Ended::Finished => {
            if let (Some(report), false) = (&terminal.report, args.json) {
                println!("{report}\nThe model is in {shown}");
            }
            Ok(())
        }
        Ended::Stopped | Ended::Abandoned => bail!("stopped; `kindling train {} --resume {shown}` goes on", args.lab),
        Ended::Failed(_) => bail!("{}", terminal.failure.unwrap_or_default()),
    }
}

fn known() -> String {
    LABS.iter().map(|lab| (lab.spec)().slug.to_string()).collect::<Vec<_>>().join(", ")
}

fn style() -> anyhow::Result<ProgressStyle> {
    Ok(ProgressStyle::with_template("{wide_bar} {pos}/{len}  {msg}")?)
}

/// The file that says which run a folder holds.
const CONFIG: &str = "run.json";

fn fresh(args: &Args, lab: &Lab, folder: &RunFolder) -> anyhow::Result<(RunConfig, Begin)> {
    let spec = (lab.spec)();
    let mut config = RunConfig::new(&spec);
    for word in &args.set {
        let (name, value) = word.split_once('=').ok_or_else(|| UsageError(format!("`{word}` is no KNOB=VALUE")))?;
        let value = knob::find(&spec.knobs, name).and_then(|knob| knob.parse(value));
        config.knobs.0.insert(name.to_string(), value.map_err(|error| UsageError(error.to_string()))?);
    }
    config.seed = args.seed.unwrap_or(config.seed);
    if config.seed > MAX_SEED {
        bail!(UsageError(format!("--seed is at most {MAX_SEED}")));
    }
    if folder.newest_checkpoint(u64::MAX)?.is_some() {
        let shown = folder.path().display();
        bail!(UsageError(format!("{shown} holds a run: go on with --resume {shown}, or say another --out")));
    }
    write_whole(folder.path(), CONFIG, &serde_json::to_vec_pretty(&config)?)?;
    Ok((config, Begin::default()))
}

fn resumed(args: &Args, lab: &Lab, folder: &RunFolder) -> anyhow::Result<(RunConfig, Begin)> {
    let shown = folder.path().display();
    let bytes = fs::read(folder.path().join(CONFIG)).with_context(|| format!("{shown} holds no run"))?;
    let config: RunConfig = serde_json::from_slice(&bytes).with_context(|| format!("{shown}/{CONFIG} is damaged"))?;
    if config.lab != args.lab {
        bail!("{shown} holds a run of the lab `{}`", config.lab);
    }
    let config = config.resolve(&(lab.spec)())?;
    let begin = match folder.newest_checkpoint(u64::MAX)? {
        Some((head, bytes)) => Begin { checkpoint: Some((head.step, bytes)), done_ms: head.at_ms, last_seq: head.seq },
        None => Begin::default(),
    };
    Ok((config, begin))
}

/// A first Ctrl-C writes a checkpoint and ends the run; a second ends the program.
fn stop_on_ctrl_c() -> anyhow::Result<Receiver<Control>> {
    let (sender, receiver) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                eprintln!("Writing a checkpoint; once more ends the program at once.");
                drop(sender.send(Control::Stop));
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        });
        // While this thread lives, so does the sender: a receiver without one means that the run is abandoned.
        drop(sender);
    });
    Ok(receiver)
}

/// Events to the terminal, checkpoints and weights to the folder.
struct Terminal {
    folder: RunFolder,
    name: Option<String>,
    json: bool,
    bar: ProgressBar,
    report: Option<String>,
    failure: Option<String>,
}

impl Keeper for &mut Terminal {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if self.json {
            let mut out = stdout().lock();
            serde_json::to_writer(&mut out, event)?;
            return writeln!(out);
        }
        match &event.body {
            EventBody::Progress(progress) => {
                self.bar.set_length(progress.steps);
                self.bar.set_position(progress.step);
                if let (Some(speed), Some(left_s)) = (progress.samples_per_s, progress.left_s) {
                    let left = indicatif::HumanDuration(Duration::from_secs_f64(left_s.min(1e9)));
                    self.bar.set_message(format!("{speed:.0} samples/s, {left} left"));
                }
            }
            EventBody::Points { step, epoch, values } if values.contains_key("validation-loss") => {
                let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
                let seconds = event.at_ms as f64 / 1e3;
                self.say(&format!("{seconds:8.1} s  step {step}  epoch {epoch:.2}  {}", values.join("  ")));
            }
            EventBody::Note { text } | EventBody::Mark { text, .. } => self.say(&text.en),
            EventBody::Failed { text, .. } => self.failure = Some(text.en.to_string()),
            EventBody::Report { figures, .. } => {
                let figures: Vec<String> = figures.iter().map(|(name, value)| format!("{name}  {value}")).collect();
                self.report = Some(figures.join("\n"));
            }
            _ => {}
        }
        Ok(())
    }

    fn checkpoint(&mut self, step: u64, at_ms: u64, seq: u64, bytes: &[u8]) -> io::Result<()> {
        self.folder.keep_checkpoint(step, at_ms, seq, bytes)
    }

    /// The manifest comes last: what it names is there.
    fn snapshot(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        let folder = self.folder.path();
        let mut manifest = snapshot.manifest.clone();
        if let Some(name) = &self.name {
            manifest.name = name.clone();
        }
        write_whole(folder, "model.f32.safetensors", &snapshot.weights)?;
        if let Ok(half) = to_f16(&snapshot.weights) {
            write_whole(folder, "model.f16.safetensors", &half)?;
        }
        write_whole(folder, "parity.safetensors", &snapshot.parity)?;
        let mut json = serde_json::to_vec_pretty(&manifest)?;
        json.push(b'\n');
        write_whole(folder, "manifest.json", &json)
    }
}

impl Terminal {
    /// A line above the bar, or where there is no terminal, a line.
    fn say(&self, line: &str) {
        if self.bar.is_hidden() { eprintln!("{line}") } else { self.bar.println(line) }
    }
}
