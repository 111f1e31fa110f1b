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
    /// A shipped or published model by name, or a folder or manifest of one; of several the mean probability answers
    #[arg(required = true)]
    models: Vec<String>,
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
    let members: Vec<Found> = args.models.iter().map(|model| find(model, &args.folders)).collect::<Result<_, _>>()?;
    let first = &members[0].manifest;
    if let Some(other) = members.iter().find(|other| !is_asked_alike(first, &other.manifest)) {
        bail!(
            "`{}` and `{}` read other pictures or know other classes: they have no mean",
            first.name,
            other.manifest.name
        );
    }
    let device = devices::device_that_is_here(&args.device)?;
    let digits = match (&args.idx, &args.strokes) {
        (Some(files), _) => from_idx(&files[0], &files[1], first)?,
        (None, Some(file)) => from_strokes(file, first)?,
        (None, None) => bail!(UsageError("say --idx or --strokes".to_string())),
    };
    let (mut said, mut difference) = (Vec::new(), 0f32);
    for Found { manifest, which, weights, parity } in &members {
        let model = weights::load(manifest, which, weights, &device)?;
        difference = difference.max(pollster::block_on(parity::check(&model, manifest, which.dtype, parity))?);
        said.push((pollster::block_on(score(&model, &manifest.input, &digits)), manifest.temperature));
    }
    let names: Vec<&str> = members.iter().map(|member| member.manifest.name.as_str()).collect();
    let manifest = Manifest { name: names.join(" + "), ..first.clone() };
    let (scored, manifest) = match said.pop() {
        Some((alone, _)) if said.is_empty() => (alone, manifest),
        last => {
            said.extend(last);
            (mean(&said), Manifest { temperature: 1.0, ..manifest })
        }
    };
    let outcome = judge(&scored, &manifest, &digits, difference);
    if let Some(file) = &args.predictions {
        let classes = manifest.labels.clone();
        let told = Predictions { classes, ..told::predictions(&scored, manifest.temperature) };
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

/// Whether one picture, prepared once, can be shown to both, and their answers be compared.
fn is_asked_alike(one: &Manifest, other: &Manifest) -> bool {
    one.input == other.input && one.labels == other.labels
}

/// What several models say, as if it were one: the logarithm of their mean probability, at temperature 1. Each speaks at
/// its own.
fn mean(said: &[(Scored, f32)]) -> Scored {
    let (first, _) = &said[0];
    let row = |index| {
        let mut sum = vec![0f32; first.classes];
        for (scored, temperature) in said {
            sum.iter_mut().zip(scored.probabilities(index, *temperature)).for_each(|(sum, one)| *sum += one);
        }
        sum.into_iter().map(|sum| (sum / said.len() as f32).max(f32::MIN_POSITIVE).ln())
    };
    let logits = (0..first.len()).flat_map(row).collect();
    Scored { classes: first.classes, logits, labels: first.labels.clone() }
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
fn find(name: &str, folders: &Folders) -> anyhow::Result<Found> {
    let path = Path::new(name);
    if path.exists() {
        return in_folder(path);
    }
    for shipped in assets::shipped_models()? {
        if shipped.manifest.name == name {
            let bytes =
                |sha256: &str| shipped.files.iter().find(|(file, _)| file.sha256 == sha256).map(|file| file.1.to_vec());
            return pick(shipped.manifest.clone(), bytes);
        }
    }
    let database = folders.state_dir()?.join("kindling.db");
    if !database.exists() {
        bail!("there is no model `{name}`: no such folder, and none of that name is shipped or published here");
    }
    published(name, folders, &database)
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

fn published(name: &str, folders: &Folders, database: &Path) -> anyhow::Result<Found> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let registry = Registry::open(Store::open(database)?, folders.state_dir()?.join("blobs"), vec![])?;
        let newest = registry.versions(name).await?.into_iter().next().context("no version of it is left")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_are_unsure_outvote_one_that_is_sure_of_less() {
        let said = |logits: [f32; 3], temperature| {
            (Scored { classes: 3, logits: logits.to_vec(), labels: vec![1] }, temperature)
        };
        // Two say 1 with 0.6, one says 0 with 0.8 at its temperature.
        let [low, high] = [0.2f32.ln(), 0.6f32.ln()];
        let sure = said([2.0 * 0.8f32.ln(), 2.0 * 0.1f32.ln(), 2.0 * 0.1f32.ln()], 2.0);
        let voted = mean(&[said([low, high, low], 1.0), said([low, high, low], 1.0), sure]);
        let expected = [(0.2 + 0.2 + 0.8) / 3.0, (0.6 + 0.6 + 0.1) / 3.0, (0.2 + 0.2 + 0.1) / 3.0];
        for (got, expected) in voted.probabilities(0, 1.0).iter().zip(expected) {
            assert!((got - expected).abs() < 1e-6, "{got}, not {expected}");
        }
        assert_eq!((voted.predicted(0), voted.accuracy()), (1, 1.0));
        // What nobody believes has no logarithm, and is still no answer.
        let never = mean(&[said([0.0, 200.0, 0.0], 1.0), said([0.0, 200.0, 0.0], 1.0)]);
        assert!(never.logits.iter().all(|logit| logit.is_finite()));
    }
}
