//! The closed list of architectures: data in a manifest, a network here.

use burn::module::{Module, ModuleMapper, ModuleVisitor};
use burn::tensor::{Device, Tensor};
use kindling_protocol::model::{Architecture, InputSpec, Manifest, ModelError};

use super::cnn::{Cnn, CnnConfig};
use super::dropout::Dropout;
use super::mlp::{Mlp, MlpConfig};
use super::{init, state};

/// A network that gives each class a logit.
#[derive(Clone, Debug)]
pub enum Classifier {
    Mlp(Mlp),
    Cnn(Box<Cnn>),
}

impl Classifier {
    /// A fresh model with weights from `seed`. On an autodiff device it can be trained.
    pub fn new(architecture: &Architecture, seed: u64, device: &Device) -> Result<Self, ModelError> {
        let model = Self::empty(architecture, device)?;
        Ok(state::replace(model, |path, shape| Some(init::values(seed, path, &shape.to_vec().into()))))
    }

    /// A model with all weights zero, for a file to fill.
    pub fn empty(architecture: &Architecture, device: &Device) -> Result<Self, ModelError> {
        check(architecture)?;
        Ok(match Config::of(architecture) {
            Config::Mlp(config) => Classifier::Mlp(config.init(device)),
            Config::Cnn(config) => Classifier::Cnn(Box::new(config.init(device))),
        })
    }

    /// Logits `[batch, classes]` of inputs `[batch, pixels]`. `dropout` is for training only.
    pub fn forward(&self, inputs: Tensor<2>, dropout: Option<Dropout>) -> Tensor<2> {
        match self {
            Classifier::Mlp(model) => model.forward(inputs, dropout),
            Classifier::Cnn(model) => model.forward(inputs, dropout),
        }
    }

    /// The first layer's weights, one unit a row: small pictures.
    pub fn first_layer(&self) -> Tensor<2> {
        match self {
            Classifier::Mlp(model) => model.first_layer(),
            Classifier::Cnn(model) => model.first_layer(),
        }
    }

    pub fn device(&self) -> Device {
        self.first_layer().device()
    }

    /// The model as it stands, without autodiff and with running statistics in use. Shares nothing that training changes.
    pub fn valid(&self) -> Self {
        match self {
            Classifier::Mlp(model) => Classifier::Mlp(model.valid()),
            Classifier::Cnn(model) => Classifier::Cnn(Box::new(model.as_ref().valid())),
        }
    }

    pub fn visit(&self, visitor: &mut impl ModuleVisitor) {
        match self {
            Classifier::Mlp(model) => model.visit(visitor),
            Classifier::Cnn(model) => model.as_ref().visit(visitor),
        }
    }

    pub fn map(self, mapper: &mut impl ModuleMapper) -> Self {
        match self {
            Classifier::Mlp(model) => Classifier::Mlp(model.map(mapper)),
            Classifier::Cnn(model) => Classifier::Cnn(Box::new((*model).map(mapper))),
        }
    }
}

enum Config {
    Mlp(MlpConfig),
    Cnn(CnnConfig),
}

impl Config {
    fn of(architecture: &Architecture) -> Self {
        let sizes = |sizes: &[u32]| sizes.iter().map(|&size| size as usize).collect();
        match architecture {
            Architecture::Mlp { inputs, hidden, classes, dropout } => Config::Mlp(MlpConfig {
                inputs: *inputs as usize,
                hidden: sizes(hidden),
                classes: *classes as usize,
                dropout: *dropout,
            }),
            Architecture::Cnn { side, channels, kernel, stride, dense, classes, dropout } => Config::Cnn(CnnConfig {
                side: *side as usize,
                channels: sizes(channels),
                kernel: *kernel as usize,
                stride: *stride as usize,
                dense: *dense as usize,
                classes: *classes as usize,
                dropout: *dropout,
            }),
        }
    }
}

/// More than any lab uses. A manifest comes from outside and must not take all the memory.
const MAX_PARAMETERS: f64 = 2e7;

/// Refuses sizes that make no network, or too large a one.
pub fn check(architecture: &Architecture) -> Result<(), ModelError> {
    let fault = |detail: String| Err(ModelError::Manifest { detail });
    let (sizes, layers, dropout): (Vec<u32>, usize, f32) = match architecture {
        Architecture::Mlp { inputs, hidden, classes, dropout } => {
            ([&[*inputs, *classes], &hidden[..]].concat(), hidden.len(), *dropout)
        }
        Architecture::Cnn { side, channels, kernel, stride, dense, classes, dropout } => {
            if !(1..=2).contains(stride) || !(1..=256).contains(side) || kernel > side || channels.is_empty() {
                return fault(format!("no network has side {side}, kernel {kernel}, stride {stride}"));
            }
            ([&[*kernel, *dense, *classes], &channels[..]].concat(), channels.len(), *dropout)
        }
    };
    if layers > 16 || sizes.iter().any(|size| !(1..=65_536).contains(size)) {
        return fault(format!("{layers} layers with sizes {sizes:?}: at most 16, and each from 1 to 65536"));
    }
    if !(0.0..1.0).contains(&dropout) {
        return fault(format!("dropout is {dropout}, expected at least 0 and less than 1"));
    }
    if let Config::Cnn(config) = Config::of(architecture)
        && config.sides().is_none()
    {
        return fault(format!("a picture of side {} is too small for {layers} blocks", config.side));
    }
    let size = size(architecture);
    if size.parameters > MAX_PARAMETERS {
        return fault(format!("{:.0} parameters, at most {MAX_PARAMETERS} are read", size.parameters));
    }
    Ok(())
}

/// Checks what a manifest says of its model.
pub fn check_manifest(manifest: &Manifest) -> Result<(), ModelError> {
    check(&manifest.architecture)?;
    let fault = |detail: &str| Err(ModelError::Manifest { detail: detail.to_string() });
    let InputSpec::Ink { height, width, mean, std, .. } = manifest.input;
    let (inputs, classes) = match &manifest.architecture {
        Architecture::Mlp { inputs, classes, .. } => (*inputs, *classes),
        Architecture::Cnn { side, classes, .. } => (side * side, *classes),
    };
    if height.checked_mul(width) != Some(inputs) {
        return fault("the input has another size than the first layer");
    }
    if manifest.labels.len() != classes as usize {
        return fault("there must be one label a class");
    }
    let positive = |value: f32| value.is_finite() && value > 0.0;
    if !mean.is_finite() || !positive(std) || !positive(manifest.temperature) || !manifest.unsure_below.is_finite() {
        return fault("mean, std, temperature or threshold is out of range");
    }
    Ok(())
}

/// How large a network is. Numbers are floats so that absurd sizes don't overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Trained values, running statistics not counted.
    pub parameters: f64,
    /// Multiply-adds of one sample's forward pass.
    pub multiply_adds: f64,
    /// Values that one sample's forward pass keeps for the backward pass.
    pub activations: f64,
}

pub fn size(architecture: &Architecture) -> Size {
    let mut size = Size::default();
    let mut dense = |inputs: usize, outputs: usize| {
        let (inputs, outputs) = (inputs as f64, outputs as f64);
        size.parameters += (inputs + 1.0) * outputs;
        size.multiply_adds += inputs * outputs;
        size.activations += 2.0 * outputs;
    };
    match Config::of(architecture) {
        Config::Mlp(config) => {
            let mut inputs = config.inputs;
            for outputs in config.hidden.iter().copied().chain([config.classes]) {
                dense(std::mem::replace(&mut inputs, outputs), outputs);
            }
        }
        Config::Cnn(config) => {
            dense(config.features(), config.dense);
            dense(config.dense, config.classes);
            let mut inputs = 1;
            for (&outputs, [convolved, _]) in config.channels.iter().zip(config.sides().unwrap_or_default()) {
                let weights = (config.kernel * config.kernel * inputs) as f64 * outputs as f64;
                let places = (convolved * convolved) as f64;
                size.parameters += weights + 2.0 * outputs as f64;
                size.multiply_adds += weights * places;
                size.activations += 3.0 * places * outputs as f64;
                inputs = outputs;
            }
        }
    }
    size
}
