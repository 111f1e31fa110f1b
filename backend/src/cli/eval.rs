//! `kindling eval`: how good a trained model is, on pictures or on strokes.

use std::fs::{self, File};
use std::io::{Read, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::read::GzDecoder;
use kindling_labs::answer;
use kindling_labs::data::idx::Digits;
use kindling_labs::data::strokes_file;
use kindling_labs::nn::{parity, weights};
use kindling_labs::protocol::input::{ModelInput, Preparation};
use kindling_labs::train::batch::score;
use kindling_labs::train::metrics::Scored;
use kindling_labs::train::told;
use kindling_protocol::model::{Dtype, InputSpec, Manifest, WeightsFile};
use kindling_protocol::predictions::Predictions;
use serde::Serialize;

use super::UsageError;
use crate::assets;
use crate::config::Folders;
use crate::devices;
use crate::registry::Registry;
use crate::store::Store;

#[derive(clap::Args)]
pub struct Args {
    /// A shipped or published model by name, or a folder or manifest of one
    model: String,
    /// A pair of IDX files, plain or gzipped; pictures are taken as they are
    #[arg(long, num_args = 2, value_names = ["IMAGES", "LABELS"], required_unless_present = "strokes")]
    idx: Option<Vec<PathBuf>>,
    /// Lines of {"label":7,"strokes":[[[x,y],...],...]}, drawn and prepared as the pad does
    #[arg(long, value_name = "FILE", conflicts_with = "idx")]
    strokes: Option<PathBuf>,
    /// Keep what the model says of the first 2,000 samples, for the labs metrics and ab-test
    #[arg(long, value_name = "FILE.json")]
    predictions: Option<PathBuf>,
    /// cpu, gpu or cuda:0
    #[arg(long, default_value = devices::CPU)]
    device: String,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folders: Folders,
}

/// What came out.
#[derive(Serialize)]
struct Outcome {
    model: String,
    accuracy: f64,
    count: usize,
    right: usize,
    /// Greatest difference of any logit from those of the trainer.
    parity: f32,
    /// Answers below the model's threshold.
    unsure: usize,
    classes: Vec<Class>,
    mistakes: Vec<Mistake>,
}

#[derive(Serialize)]
struct Class {
    label: String,
    count: u64,
    right: u64,
}

#[derive(Serialize)]
struct Mistake {
    /// Place in the file, from 0.
    index: usize,
    label: String,
    predicted: String,
    confidence: f32,
}

pub fn run(args: Args) -> anyhow::Result<()> {
    let found = find(&args)?;
    let device = devices::device_that_is_here(&args.device)?;
    let model = weights::load(&found.manifest, &found.which, &found.weights, &device)?;
    let difference = pollster::block_on(parity::check(&model, &found.manifest, found.which.dtype, &found.parity))?;
    let digits = match (&args.idx, &args.strokes) {
        (Some(files), _) => from_idx(&files[0], &files[1], &found.manifest)?,
        (None, Some(file)) => from_strokes(file, &found.manifest)?,
        (None, None) => bail!(UsageError("say --idx or --strokes".to_string())),
    };
    let scored = pollster::block_on(score(&model, &found.manifest.input, &digits));
    let outcome = judge(&scored, &found.manifest, &digits, difference);
    if let Some(file) = &args.predictions {
        let classes = found.manifest.labels.clone();
        let told = Predictions { classes, ..told::predictions(&scored, found.manifest.temperature) };
        fs::write(file, serde_json::to_vec(&told)?).with_context(|| format!("{} can't be written", file.display()))?;
    }
    let mut out = stdout().lock();
    if args.json {
        return Ok(writeln!(out, "{}", serde_json::to_string(&outcome)?)?);
    }
    for Class { label, count, right } in &outcome.classes {
        writeln!(out, "{label}: {right} of {count}")?;
    }
    for Mistake { index, label, predicted, confidence } in &outcome.mistakes {
        writeln!(out, "{index}: {label} taken for {predicted} ({:.1} %)", 100.0 * confidence)?;
    }
    let Outcome { right, count, unsure, .. } = outcome;
    writeln!(out, "{}: {:.2} % ({right} of {count}), {unsure} not sure", outcome.model, 100.0 * outcome.accuracy)?;
    Ok(())
}

fn judge(scored: &Scored, manifest: &Manifest, digits: &Digits, parity: f32) -> Outcome {
    let label = |class: usize| manifest.labels[class].clone();
    let class =
        |(class, row): (usize, Vec<u64>)| Class { label: label(class), count: row.iter().sum(), right: row[class] };
    let mistake = |(index, confidence): (usize, f32)| Mistake {
        index,
        label: label(digits.labels[index].into()),
        predicted: label(scored.predicted(index)),
        confidence,
    };
    let confidence = |index: usize| scored.probabilities(index, manifest.temperature)[scored.predicted(index)];
    let mut mistakes: Vec<Mistake> = scored.mistakes(manifest.temperature).into_iter().map(mistake).collect();
    mistakes.sort_by_key(|mistake| mistake.index);
    Outcome {
        model: manifest.name.clone(),
        accuracy: scored.accuracy(),
        count: scored.len(),
        right: scored.right(),
        parity,
        unsure: (0..scored.len()).filter(|&index| confidence(index) < manifest.unsure_below).count(),
        classes: scored.confusion().into_iter().enumerate().map(class).collect(),
        mistakes,
    }
}

fn from_idx(images: &Path, labels: &Path, manifest: &Manifest) -> anyhow::Result<Digits> {
    let (images_bytes, labels_bytes) = (read(images)?, read(labels)?);
    let digits = Digits::from_idx(&images_bytes, &labels_bytes, manifest.labels.len() as u8)
        .with_context(|| format!("{} and {}", images.display(), labels.display()))?;
    let InputSpec::Ink { height, width, .. } = manifest.input;
    if (digits.height, digits.width) != (height as usize, width as usize) || digits.is_empty() {
        bail!(
            "{} holds {} pictures of {}x{}, expected {height}x{width}",
            images.display(),
            digits.len(),
            digits.height,
            digits.width
        );
    }
    Ok(digits)
}

fn from_strokes(file: &Path, manifest: &Manifest) -> anyhow::Result<Digits> {
    let shown = file.display();
    let text = String::from_utf8(read(file)?).with_context(|| format!("{shown} is no text"))?;
    let InputSpec::Ink { height, width, .. } = manifest.input;
    let mut digits = Digits { height: height as usize, width: width as usize, ..Digits::default() };
    for (index, labelled) in strokes_file::parse(&text).with_context(|| shown.to_string())?.into_iter().enumerate() {
        if usize::from(labelled.label) >= manifest.labels.len() {
            bail!(
                "{shown}: drawing {index} has label {}, the model knows {}",
                labelled.label,
                manifest.labels.join(", ")
            );
        }
        let input = ModelInput::Drawing(labelled.drawing);
        let image = answer::prepare(&manifest.input, &input, Preparation::default());
        let image = image.map_err(|error| anyhow::anyhow!("{shown}: drawing {index}: {error}"))?;
        digits.push(&image.with_context(|| format!("{shown}: drawing {index} has no ink"))?, labelled.label);
    }
    if digits.is_empty() {
        bail!("{shown} holds no drawings");
    }
    Ok(digits)
}

/// More than any data set here, decompressed.
const MAX_BYTES: u64 = 1 << 30;

/// A file, decompressed if it is gzip.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let open = || File::open(path).with_context(|| format!("{} can't be read", path.display()));
    let mut magic = [0; 2];
    let gzip = open()?.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    let mut bytes = Vec::new();
    let mut file: Box<dyn Read> = if gzip { Box::new(GzDecoder::new(open()?)) } else { Box::new(open()?) };
    file.by_ref()
        .take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{} can't be read", path.display()))?;
    Ok(bytes)
}

/// A model's files.
struct Found {
    manifest: Manifest,
    which: WeightsFile,
    weights: Vec<u8>,
    parity: Vec<u8>,
}

/// By path, in the binary, among the published: in this order.
fn find(args: &Args) -> anyhow::Result<Found> {
    let path = Path::new(&args.model);
    if path.exists() {
        return in_folder(path);
    }
    for shipped in assets::shipped_models()? {
        if shipped.manifest.name == args.model {
            let bytes =
                |sha256: &str| shipped.files.iter().find(|(file, _)| file.sha256 == sha256).map(|file| file.1.to_vec());
            return pick(shipped.manifest.clone(), bytes);
        }
    }
    let database = args.folders.state_dir()?.join("kindling.db");
    if !database.exists() {
        bail!("there is no model `{}`: no such folder, and none of that name is shipped or published here", args.model);
    }
    published(args, &database)
}

fn in_folder(path: &Path) -> anyhow::Result<Found> {
    let (folder, file) = if path.is_dir() {
        (path, path.join("manifest.json"))
    } else {
        (path.parent().unwrap_or(path), path.to_path_buf())
    };
    let bytes = fs::read(&file).with_context(|| format!("{} can't be read", file.display()))?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no manifest", file.display()))?;
    // Whatever a file is called: the manifest knows it by its hash.
    let files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
        .filter_map(|path| fs::read(path).ok())
        .map(|bytes| (weights::sha256_hex(&bytes), bytes))
        .collect();
    pick(manifest, |sha256| files.iter().find(|file| file.0 == sha256).map(|file| file.1.clone()))
}

fn published(args: &Args, database: &Path) -> anyhow::Result<Found> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let registry = Registry::open(Store::open(database)?, args.folders.state_dir()?.join("blobs"), vec![])?;
        let newest = registry.versions(&args.model).await?.into_iter().next().context("no version of it is left")?;
        let mut files = Vec::new();
        for file in newest.manifest.weights.iter().map(|weights| &weights.file).chain([&newest.manifest.parity]) {
            files.push((file.sha256.clone(), registry.read(file).await?));
        }
        pick(newest.manifest, |sha256| files.iter().find(|file| file.0 == sha256).map(|file| file.1.clone()))
    })
}

/// The f16 weights where there are any: they are what travels.
fn pick(manifest: Manifest, bytes: impl Fn(&str) -> Option<Vec<u8>>) -> anyhow::Result<Found> {
    let mut weights: Vec<WeightsFile> = manifest.weights.clone();
    weights.sort_by_key(|file| file.dtype != Dtype::F16);
    let parity =
        bytes(&manifest.parity.sha256).context("the parity file that the manifest names is not here, or is damaged")?;
    let found = weights.into_iter().find_map(|which| bytes(&which.file.sha256).map(|bytes| (which, bytes)));
    let (which, weights) = found.context("none of the weights that the manifest names is here, or they are damaged")?;
    Ok(Found { manifest, which, weights, parity })
}
