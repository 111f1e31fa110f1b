//! Magnitude pruning: the smallest weights of all layers together become zero (Han et al. 2015), and a mask keeps them
//! there while the others learn on.

use burn::module::{ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};

use crate::nn::state::State;

/// Biases and whatever else is no matrix are never pruned.
pub fn is_weight(name: &str) -> bool {
    name.ends_with("weight")
}

/// Makes this share of all weights zero, those with the least magnitude.
pub fn prune(state: &mut State, sparsity: f64) {
    let mut weights: Vec<&mut f32> =
        state.iter_mut().filter(|(name, _)| is_weight(name)).flat_map(|(_, tensor)| &mut tensor.values).collect();
    let zeros = (sparsity * weights.len() as f64) as usize;
    // The bits of a number without its sign are in the order of its magnitude, so the bound is found by halving.
    let (mut low, mut high) = (0u32, f32::INFINITY.to_bits());
    while low < high {
        let middle = low + (high - low) / 2;
        if weights.iter().filter(|weight| weight.abs().to_bits() < middle).count() < zeros {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    weights.iter_mut().filter(|weight| weight.abs().to_bits() < low).for_each(|weight| **weight = 0.0);
}

/// Share of the weights that is zero.
pub fn sparsity(state: &State) -> f64 {
    let weights = || state.iter().filter(|(name, _)| is_weight(name)).flat_map(|(_, tensor)| &tensor.values);
    weights().filter(|&&weight| weight == 0.0).count() as f64 / weights().count().max(1) as f64
}

/// One where a weight is left, zero where it was pruned. A mapper: what it maps stays pruned.
pub struct Mask {
    path: Vec<String>,
    /// By path, flat.
    masks: Vec<(String, Tensor<1>)>,
}

impl Mask {
    /// `device` is without autodiff.
    pub fn of(state: &State, device: &Device) -> Self {
        let mask = |values: &[f32]| {
            let ones: Vec<f32> = values.iter().map(|&value| if value == 0.0 { 0.0 } else { 1.0 }).collect();
            Tensor::from_data(TensorData::new(ones, [values.len()]), device)
        };
        let weights = state.iter().filter(|(name, _)| is_weight(name));
        Mask { path: vec![], masks: weights.map(|(name, tensor)| (name.clone(), mask(&tensor.values))).collect() }
    }
}

impl ModuleMapper for Mask {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = self.path.join(".");
        let Some((_, mask)) = self.masks.iter().find(|(name, _)| *name == path) else { return param };
        let (id, weight, mapper) = param.consume();
        let mask = mask.clone().reshape(weight.dims());
        // A leaf of its own again, as after the optimiser's step.
        let masked = weight.without_autodiff() * mask;
        Param::from_mapped_value(id, masked.autodiff().require_grad(), mapper)
    }
}
