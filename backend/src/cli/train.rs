//! `kindling train`: a lab run here, told as a progress bar or as JSON lines, kept in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write, stdout};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use kindling_labs::host::Snapshot;
use kindling_labs::labs::{self, LABS};
use kindling_labs::nn::weights::to_f16;
use kindling_protocol::engine::Control;
use kindling_protocol::event::{Event, EventBody};
use kindling_protocol::knob::{self, Knobs};
use kindling_protocol::lab::LabSpec;
use kindling_protocol::model::Manifest;
use kindling_protocol::run::{MAX_SEED, RunConfig};

use super::UsageError;
use super::labs::goal_words;
use super::signals::EndRequests;
use crate::config::Folders;
use crate::data::{Library, PartError, sets};
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
    /// Begin with the lab's small run, whose goals hold as well; --set is laid over it
    #[arg(long)]
    quick: bool,
    /// Decides every random number. On the CPU the same seed gives the same bits [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// cpu, gpu or cuda:0
    #[arg(long, default_value = devices::CPU)]
    device: String,
    /// Name of the model in its manifest [default: the lab's]
    #[arg(long)]
    name: Option<String>,
    /// Folder for checkpoints and the trained model [default: kindling-<lab>, or with the first free number after it]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on from the newest checkpoint in this folder, with the same lab, knobs and seed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "set", "quick", "seed"])]
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
    let spec = (lab.spec)();
    let (path, config) = match &args.resume {
        Some(folder) => (folder.clone(), kept_config(folder, &spec)?),
        None => (args.out.clone().unwrap_or_else(|| free_folder(&args.lab)), asked_config(&args, &spec)?),
    };
    // Before anything is written: what can't begin leaves no folder behind.
    let library = Library::new(args.folders.data_dir()?);
    data_is_here(&spec, &config, &library)?;
    let device = devices::device_that_is_here(&args.device)?;

    let folder = RunFolder::new(path);
    folder.create().with_context(|| format!("{} can't be made", folder.path().display()))?;
    let Some(_lock) = folder.try_lock()? else { bail!("another process trains in {}", folder.path().display()) };
    let begin = if args.resume.is_some() { where_cut_off(&folder)? } else { fresh(&folder, &config)? };

    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(0).with_style(style()?) };
    let (name, json) = (args.name.clone(), args.json);
    let mut terminal = Terminal { folder, name, json, bar, trained_ms: begin.done_ms, report: None, failure: None };
    let surroundings = Surroundings {
        keeper: &mut terminal,
        data: library,
        // A run by hand says how long it takes from the start.
        memory: None,
        controls: stop_on_signal()?,
        checkpoint_every: CHECKPOINT_EVERY,
        cores: local::cores(),
        program: local::program(),
    };
    let ended = local::run(lab, &config, device, &args.device, begin, surroundings);
    terminal.bar.finish_and_clear();
    let shown = terminal.folder.path().display();
    match ended {
        Ended::Finished => {
            if let (Some(report), false) = (&terminal.report, args.json) {
                report.print(&spec, &config.knobs, terminal.trained_ms);
                let what = if report.model.is_some() { "The model" } else { "The run" };
                println!("{what} is in {shown}");
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

fn asked_config(args: &Args, spec: &LabSpec) -> anyhow::Result<RunConfig> {
    let mut config = RunConfig::new(spec);
    if args.quick {
        config.knobs = spec.knobs_with(&[&spec.quick])?;
    }
    for word in &args.set {
        let (name, value) = word.split_once('=').ok_or_else(|| UsageError(format!("`{word}` is no KNOB=VALUE")))?;
        let value = knob::find(&spec.knobs, name).and_then(|knob| knob.parse(value));
        config.knobs.0.insert(name.to_string(), value.map_err(|error| UsageError(error.to_string()))?);
    }
    knob::for_elsewhere(&spec.knobs, &config.knobs).map_err(|error| UsageError(error.to_string()))?;
    config.seed = args.seed.unwrap_or(config.seed);
    if config.seed > MAX_SEED {
        bail!(UsageError(format!("--seed is at most {MAX_SEED}")));
    }
    Ok(config)
}

fn kept_config(folder: &Path, spec: &LabSpec) -> anyhow::Result<RunConfig> {
    let shown = folder.display();
    let bytes = fs::read(folder.join(CONFIG)).with_context(|| format!("{shown} holds no run"))?;
    let config: RunConfig = serde_json::from_slice(&bytes).with_context(|| format!("{shown}/{CONFIG} is damaged"))?;
    if config.lab != spec.slug {
        bail!("{shown} holds a run of the lab `{}`", config.lab);
    }
    Ok(config.resolve(spec)?)
}

/// `kindling-digits`, then `kindling-digits-2`: a run never takes the place of one before it.
fn free_folder(lab: &str) -> PathBuf {
    let numbered = (2..).map(|number| PathBuf::from(format!("kindling-{lab}-{number}")));
    let mut folders = [PathBuf::from(format!("kindling-{lab}"))].into_iter().chain(numbered);
    folders.find(|folder| !folder.exists()).expect("numbers do not end")
}

/// A lab does without data that is missing, which is right for a page that says so. Whoever types a command would not
/// notice, and take the figures for those of the real set: so here the data must be there and whole.
fn data_is_here(spec: &LabSpec, config: &RunConfig, library: &Library) -> anyhow::Result<()> {
    for name in spec.data_for(&config.knobs) {
        let set = sets::find(name).with_context(|| format!("the lab names a data set `{name}` that does not exist"))?;
        for part in set.files() {
            match library.file(set, part) {
                Ok(_) => {}
                // The lab takes that one, and says so.
                Err(PartError::Missing { .. }) if set.instead.is_some_and(|other| library.has(other)) => {}
                Err(PartError::Missing { .. }) => {
                    let without =
                        spec.chooser(name).and_then(|(knob, others)| Some((knob.id.clone(), *others.first()?)));
                    let without = without.map_or(String::new(), |(knob, other)| {
                        format!(", and `--set {knob}={other}` trains without it")
                    });
                    bail!(
                        "the data set `{name}` is not in {}: `kindling data fetch {name}` brings it{without}",
                        library.folder().display()
                    );
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn fresh(folder: &RunFolder, config: &RunConfig) -> anyhow::Result<Begin> {
    let shown = folder.path().display();
    if folder.path().join(CONFIG).exists() {
        bail!(UsageError(format!("{shown} holds a run: go on with --resume {shown}, or say another --out")));
    }
    write_whole(folder.path(), CONFIG, &serde_json::to_vec_pretty(config)?)?;
    Ok(Begin::default())
}

fn where_cut_off(folder: &RunFolder) -> anyhow::Result<Begin> {
    Ok(match folder.newest_checkpoint(u64::MAX)? {
        Some((head, bytes)) => Begin { checkpoint: Some((head.step, bytes)), done_ms: head.at_ms, last_seq: head.seq },
        None => Begin::default(),
    })
}

/// A first Ctrl-C, or a service manager's request, writes a checkpoint and ends the run; a second ends the program.
fn stop_on_signal() -> anyhow::Result<Receiver<Control>> {
    let (sender, receiver) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut requests = runtime.block_on(async { EndRequests::listen() })?;
    // The sender lives as long as this thread: a receiver without one means that the run is abandoned.
    std::thread::spawn(move || {
        runtime.block_on(async {
            requests.next().await;
            eprintln!("Writing a checkpoint; once more ends the program at once.");
            drop(sender.send(Control::Stop));
            requests.next().await;
            std::process::exit(130);
        });
    });
    Ok(receiver)
}

/// What a run came to.
struct Report {
    figures: BTreeMap<String, f64>,
    model: Option<Box<Manifest>>,
}

impl Report {
    /// The figures, the data they are of, and the verdict on each goal.
    fn print(&self, spec: &LabSpec, knobs: &Knobs, trained_ms: u64) {
        for (name, value) in &self.figures {
            println!("{name}  {value}");
        }
        let metrics = self.model.iter().flat_map(|model| &model.metrics);
        let sets: BTreeSet<String> = metrics.map(|metric| format!("{} ({})", metric.data, metric.count)).collect();
        if !sets.is_empty() {
            println!("Measured on {}", sets.into_iter().collect::<Vec<_>>().join("; "));
        }
        let trained_s = trained_ms as f64 / 1e3;
        for goal in &spec.goals {
            let verdict = match self.figures.get(goal.figure.as_ref()) {
                _ if !goal.judges(&spec.knobs, knobs) => "not judged at these settings",
                None => "not measured",
                Some(figure) if goal.holds(*figure, trained_s) => "reached",
                Some(_) => "missed",
            };
            println!("Goal {verdict}: {} (it took {trained_s:.1} s)", goal_words(goal));
        }
    }
}

/// Events to the terminal, checkpoints and weights to the folder.
struct Terminal {
    folder: RunFolder,
    name: Option<String>,
    json: bool,
    bar: ProgressBar,
    /// Running time at the newest point of the curves: how goals count training.
    trained_ms: u64,
    report: Option<Report>,
    failure: Option<String>,
}

impl Keeper for &mut Terminal {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match &event.body {
            EventBody::Points { .. } => self.trained_ms = event.at_ms,
            EventBody::Failed { text, detail, .. } => {
                let detail = detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
                self.failure = Some(format!("{}{detail}", text.en));
            }
            EventBody::Report { figures, model } => {
                self.report = Some(Report { figures: figures.clone(), model: model.clone() });
            }
            _ => {}
        }
        if self.json {
            let mut out = stdout().lock();
            serde_json::to_writer(&mut out, event)?;
            return writeln!(out);
        }
        match &event.body {
            EventBody::Progress(progress) => {
                self.bar.set_length(progress.steps);
                self.bar.set_position(progress.step);
                if let Some(left_s) = progress.left_s {
                    let left = indicatif::HumanDuration(Duration::from_secs_f64(left_s.min(1e9)));
                    let speed = progress.samples_per_s.map_or(String::new(), |speed| format!("{speed:.0} samples/s, "));
                    self.bar.set_message(format!("{speed}{left} left"));
                }
            }
            EventBody::Points { step, epoch, values } if values.contains_key("validation-loss") => {
                let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
                let seconds = event.at_ms as f64 / 1e3;
                self.say(&format!("{seconds:8.1} s  step {step}  epoch {epoch:.2}  {}", values.join("  ")));
            }
            EventBody::Note { text } | EventBody::Mark { text, .. } => self.say(&text.en),
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
