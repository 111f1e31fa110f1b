//! A model's numbers by name: out of the device, and in again, checked.
//!
//! burn has records for this, but they read tensors synchronously, which a browser can't do.

use std::collections::BTreeMap;

use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use kindling_protocol::model::ModelError;

use super::model::Classifier;

/// Tensors by path, such as `blocks.0.norm.running_mean`, in the order of the paths.
pub type State = BTreeMap<String, Values>;

/// One tensor on the host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// What has parameters. A lab with a network of its own implements it by burn's `Module`, which has the same methods.
pub trait Weights: Sized {
    /// Without autodiff.
    fn valid(&self) -> Self;
    fn visit(&self, visitor: &mut impl ModuleVisitor);
    fn map(self, mapper: &mut impl ModuleMapper) -> Self;
}

impl Weights for Classifier {
    fn valid(&self) -> Self {
        self.valid()
    }

    fn visit(&self, visitor: &mut impl ModuleVisitor) {
        self.visit(visitor);
    }

    fn map(self, mapper: &mut impl ModuleMapper) -> Self {
        self.map(mapper)
    }
}

/// Reads all parameters and running statistics.
pub async fn take(model: &impl Weights) -> State {
    // Batch norm keeps its last update aside until it is asked for; `valid` asks.
    let model = model.valid();
    let mut collect = Collect::default();
    model.visit(&mut collect);
    let mut state = State::new();
    for (path, shape, tensor) in collect.found {
        state.insert(path, Values { shape, values: read(tensor).await });
    }
    state
}

/// The values of a tensor.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("the device answers");
    data.convert::<f32>().try_into_vec().expect("converted to f32 a line before")
}

/// Puts `state` into a model of the same architecture. Nothing may be missing, left over or of another shape.
pub fn put<M: Weights>(model: M, mut state: State) -> Result<M, ModelError> {
    let mut fault = None;
    let model = replace(model, |path, shape| {
        let taken = state.remove(path).ok_or_else(|| ModelError::MissingTensor { name: path.to_string() });
        match taken {
            Ok(values) if values.shape == shape => return Some(values.values),
            Ok(values) => {
                let error =
                    ModelError::WrongShape { name: path.to_string(), expected: shape.to_vec(), got: values.shape };
                fault.get_or_insert(error);
            }
            Err(error) => drop(fault.get_or_insert(error)),
        }
        None
    });
    match (fault, state.pop_first()) {
        (Some(fault), _) => Err(fault),
        (None, Some((name, _))) => Err(ModelError::UnexpectedTensor { name }),
        (None, None) => Ok(model),
    }
}

/// Gives every parameter the values that `values` has for its path and shape.
pub fn replace<M: Weights>(model: M, values: impl FnMut(&str, &[usize]) -> Option<Vec<f32>>) -> M {
    model.map(&mut Replace { path: vec![], values })
}

#[derive(Default)]
struct Collect {
    path: Vec<String>,
    found: Vec<(String, Vec<usize>, Tensor<1>)>,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let count = shape.iter().product::<usize>();
        self.found.push((self.path.join("."), shape, tensor.reshape([count])));
    }
}

struct Replace<F> {
    path: Vec<String>,
    values: F,
}

impl<F: FnMut(&str, &[usize]) -> Option<Vec<f32>>> ModuleMapper for Replace<F> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, old, mapper) = param.consume();
        let new = match (self.values)(&self.path.join("."), &old.dims()) {
            Some(values) => {
                let new = Tensor::from_data(TensorData::new(values, old.dims()), &old.device());
                new.set_require_grad(old.is_require_grad())
            }
            None => old,
        };
        Param::from_mapped_value(id, new, mapper)
    }
}
