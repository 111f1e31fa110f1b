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

    /// The model as it stands, with running statistics in use, on a device where its inputs can have gradients. It has
    /// none itself: nothing that is done with it trains it.
    pub fn frozen(&self) -> Self {
        match self.valid() {
            Classifier::Mlp(model) => Classifier::Mlp(model.train().freeze()),
            Classifier::Cnn(model) => Classifier::Cnn(Box::new(model.train().freeze())),
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

/// More than any lab uses. A manifest comes from outside and must take neither all the memory nor all the time: before
/// a model may answer, it is run on 64 inputs.
const MOST: Size = Size { parameters: 2e7, multiply_adds: 1e9, activations: 2e6 };

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
    for (what, value, most) in [
        ("parameters", size.parameters, MOST.parameters),
        ("multiply-adds an input", size.multiply_adds, MOST.multiply_adds),
        ("activations an input", size.activations, MOST.activations),
    ] {
        if value > most {
            return fault(format!("{value:.0} {what}, at most {most} are taken"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cnn(side: u32, channels: &[u32], stride: u32) -> Architecture {
        Architecture::Cnn {
            side,
            channels: channels.to_vec(),
            kernel: 5,
            stride,
            dense: 128,
            classes: 10,
            dropout: 0.0,
        }
    }

    #[test]
    fn sizes_are_those_of_the_network_that_is_made() {
        let mlp = Architecture::Mlp { inputs: 784, hidden: vec![128], classes: 10, dropout: 0.0 };
        for (architecture, parameters) in [(mlp, 101_770), (cnn(28, &[20, 80], 2), 205_958)] {
            let model = Classifier::new(&architecture, 1, &Device::flex()).unwrap();
            let state = pollster::block_on(state::take(&model));
            let trained = state.iter().filter(|(name, _)| !name.contains("running"));
            let count: usize = trained.map(|(_, values)| values.values.len()).sum();
            assert_eq!((count, size(&architecture).parameters), (parameters, parameters as f64), "{architecture:?}");
        }
    }

    #[test]
    fn what_would_take_all_the_memory_or_all_the_time_is_refused_before_it_is_made() {
        let mlp =
            |inputs, hidden: &[u32]| Architecture::Mlp { inputs, hidden: hidden.to_vec(), classes: 10, dropout: 0.0 };
        for (architecture, why) in [
            (mlp(65_536, &[65_536]), "parameters"),
            (cnn(256, &[16, 64, 128, 256, 64], 1), "multiply-adds"),
            (cnn(256, &[16, 8], 1), "activations"),
            (mlp(784, &[8; 17]), "at most 16"),
            (mlp(784, &[0]), "from 1 to"),
            (cnn(28, &[8, 8, 8], 2), "too small"),
            (cnn(28, &[8], 3), "stride 3"),
        ] {
            let Err(ModelError::Manifest { detail }) = check(&architecture) else {
                panic!("{architecture:?} was taken")
            };
            assert!(detail.contains(why), "{architecture:?}: {detail}");
        }
    }
}
