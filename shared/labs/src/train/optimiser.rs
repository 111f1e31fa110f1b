//! Optimisers, from the simplest to the most used. Moments are kept by a parameter's path.
//!
//! burn has all of these; its optimisers can't give away or take back their moments without reading tensors
//! synchronously, which a browser can't do, and a resumed run needs them.

use std::any::Any;
use std::collections::BTreeMap;

use burn::module::{ModuleMapper, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use crate::nn::state::{self, State, Values, Weights};

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// `velocity = momentum * velocity + gradient; weight -= rate * velocity`.
    Sgd { momentum: f64 },
    /// `square` is a running mean of squared gradients; `weight -= rate * gradient / (sqrt(square) + epsilon)`.
    RmsProp { alpha: f64, epsilon: f64 },
    /// Running means of gradients and of their squares, both corrected for having begun at zero (Kingma and Ba 2015).
    /// `weight_decay` pulls weights, and not biases or norms, straight to zero: with it this is AdamW.
    Adam { beta_1: f64, beta_2: f64, epsilon: f64, weight_decay: f64 },
}

impl Rule {
    pub const SGD: Rule = Rule::Sgd { momentum: 0.9 };
    pub const RMS_PROP: Rule = Rule::RmsProp { alpha: 0.99, epsilon: 1e-8 };

    pub fn adam(weight_decay: f64) -> Rule {
        Rule::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, weight_decay }
    }

    /// Values kept for each parameter.
    pub fn moments(self) -> usize {
        match self {
            Rule::Sgd { .. } | Rule::RmsProp { .. } => 1,
            Rule::Adam { .. } => 2,
        }
    }
}

/// A rule and its moments.
pub struct Optimiser {
    rule: Rule,
    /// Steps taken.
    steps: u64,
    moments: BTreeMap<String, Box<dyn Kept>>,
}

/// In the parameter's shape: a step is then element by element from the gradient on, and a GPU takes it in one kernel.
struct Moments<const D: usize> {
    first: Tensor<D>,
    second: Option<Tensor<D>>,
}

/// Moments of a parameter of whatever rank.
trait Kept: Any + Send {
    fn flat(&self) -> [Option<Tensor<1>>; 2];
}

impl<const D: usize> Kept for Moments<D> {
    fn flat(&self) -> [Option<Tensor<1>>; 2] {
        let flat = |tensor: &Tensor<D>| tensor.clone().reshape([tensor.shape().num_elements()]);
        [Some(flat(&self.first)), self.second.as_ref().map(flat)]
    }
}

impl Optimiser {
    pub fn new(rule: Rule) -> Self {
        Optimiser { rule, steps: 0, moments: BTreeMap::new() }
    }

    /// One step down the gradient.
    pub fn step<M: Weights>(&mut self, model: M, gradients: Gradients, rate: f64) -> M {
        model.map(&mut self.descent(gradients, rate))
    }

    /// One step for the `map` of any module.
    pub fn descent(&mut self, gradients: Gradients, rate: f64) -> impl ModuleMapper {
        self.steps += 1;
        Step { optimiser: self, gradients, rate, path: vec![] }
    }

    /// One step of a single parameter, for the self-test.
    pub fn advance(&mut self, path: &str, weight: Tensor<1>, gradient: Tensor<1>, rate: f64) -> Tensor<1> {
        self.steps += 1;
        self.update(path, weight, gradient, rate)
    }

    /// The new values of one parameter.
    fn update<const D: usize>(&mut self, path: &str, weight: Tensor<D>, gradient: Tensor<D>, rate: f64) -> Tensor<D> {
        let [first, second] = self.take(path, weight.dims());
        match self.rule {
            Rule::Sgd { momentum } => {
                let velocity = match first {
                    Some(velocity) => velocity.mul_scalar(momentum) + gradient,
                    None => gradient,
                };
                self.keep(path, velocity.clone(), None);
                weight - velocity.mul_scalar(rate)
            }
            Rule::RmsProp { alpha, epsilon } => {
                let new = gradient.clone().square().mul_scalar(1.0 - alpha);
                let square = match first {
                    Some(square) => square.mul_scalar(alpha) + new,
                    None => new,
                };
                self.keep(path, square.clone(), None);
                weight - gradient.div(square.sqrt().add_scalar(epsilon)).mul_scalar(rate)
            }
            Rule::Adam { beta_1, beta_2, epsilon, weight_decay } => {
                let square = gradient.clone().square().mul_scalar(1.0 - beta_2);
                let gradient = gradient.mul_scalar(1.0 - beta_1);
                let (first, second) = match (first, second) {
                    (Some(first), Some(second)) => {
                        (first.mul_scalar(beta_1) + gradient, second.mul_scalar(beta_2) + square)
                    }
                    _ => (gradient, square),
                };
                self.keep(path, first.clone(), Some(second.clone()));
                let steps = self.steps as f64;
                let correct_1 = 1.0 - libm::pow(beta_1, steps);
                let correct_2 = 1.0 - libm::pow(beta_2, steps);
                let decayed = match path.ends_with("weight") && weight_decay > 0.0 {
                    true => weight.mul_scalar(1.0 - rate * weight_decay),
                    false => weight,
                };
                // `sqrt(second / correct_2) + epsilon`, with the correction taken out of both: a pass over memory less.
                let correct_2 = correct_2.sqrt();
                let deviation = second.sqrt().add_scalar(epsilon * correct_2);
                decayed - first.div(deviation).mul_scalar(rate * correct_2 / correct_1)
            }
        }
    }

    fn keep<const D: usize>(&mut self, path: &str, first: Tensor<D>, second: Option<Tensor<D>>) {
        self.moments.insert(path.to_string(), Box::new(Moments { first, second }));
    }

    /// What was kept of a parameter. A checkpoint brings it flat.
    fn take<const D: usize>(&mut self, path: &str, shape: [usize; D]) -> [Option<Tensor<D>>; 2] {
        match self.moments.remove(path).map(|kept| kept as Box<dyn Any>) {
            Some(kept) => match kept.downcast::<Moments<D>>() {
                Ok(moments) => [Some(moments.first), moments.second],
                Err(kept) => {
                    let Moments::<1> { first, second } = *kept.downcast().expect("a checkpoint's moments are flat");
                    [Some(first.reshape(shape)), second.map(|second| second.reshape(shape))]
                }
            },
            None => [None, None],
        }
    }

    /// All moments, for a checkpoint.
    pub async fn state(&self) -> State {
        let mut state = State::new();
        for (path, moments) in &self.moments {
            for (name, tensor) in ["first", "second"].into_iter().zip(moments.flat()) {
                if let Some(tensor) = tensor {
                    let values = state::read(tensor).await;
                    state.insert(format!("{path}/{name}"), Values { shape: vec![values.len()], values });
                }
            }
        }
        state
    }

    /// Goes on where [`Optimiser::state`] was read after `steps` steps. `device` is without autodiff.
    pub fn resume(rule: Rule, steps: u64, mut state: State, device: &Device) -> Self {
        let tensor = |values: Values| {
            let count = values.values.len();
            Tensor::<1>::from_data(TensorData::new(values.values, [count]), device)
        };
        let mut moments = BTreeMap::<_, Box<dyn Kept>>::new();
        while let Some((name, values)) = state.pop_first() {
            // In the order of names `first` comes right before `second`.
            if let Some(path) = name.strip_suffix("/first") {
                let second = state.remove(&format!("{path}/second")).map(tensor);
                moments.insert(path.to_string(), Box::new(Moments { first: tensor(values), second }));
            }
        }
        Optimiser { rule, steps, moments }
    }
}

struct Step<'a> {
    optimiser: &'a mut Optimiser,
    gradients: Gradients,
    rate: f64,
    path: Vec<String>,
}

impl ModuleMapper for Step<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, weight, mapper) = param.consume();
        // Running statistics have no gradient.
        let Some(gradient) = weight.grad_remove(&mut self.gradients) else {
            return Param::from_mapped_value(id, weight, mapper);
        };
        let gradient = apart(gradient);
        let new = self.optimiser.update(&self.path.join("."), weight.without_autodiff(), gradient, self.rate);
        // `autodiff` makes a new leaf: the step itself is not part of the next gradient.
        Param::from_mapped_value(id, new.autodiff().require_grad(), mapper)
    }
}

/// The same values, and a GPU computes them in a kernel of their own. burn would fuse the matrix product that is a
/// dense layer's gradient with the step that follows, and for that it has only its slower products: on WebGPU they
/// took 2.4 times as long as the fastest one. Flat and back is not fused, and moves nothing in memory.
fn apart<const D: usize>(gradient: Tensor<D>) -> Tensor<D> {
    match D {
        2 => {
            let (count, shape) = (gradient.shape().num_elements(), gradient.dims());
            gradient.reshape([count]).reshape(shape)
        }
        _ => gradient,
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests run natively, where a read may wait")]
mod tests {
    use super::*;

    /// Weights after each of three steps with rate 0.1 on the gradients 0.5, -1 and 0.25, from weight 1.
    fn path_of(rule: Rule) -> Vec<f32> {
        let device = Device::flex();
        let mut optimiser = Optimiser::new(rule);
        let mut weight = Tensor::<1>::from_floats([1.0], &device);
        let steps = [0.5f32, -1.0, 0.25].map(|gradient| {
            weight = optimiser.advance("a.weight", weight.clone(), Tensor::from_floats([gradient], &device), 0.1);
            weight.clone().into_data().try_to_vec::<f32>().unwrap()[0]
        });
        steps.to_vec()
    }

    fn assert_near(rule: Rule, expected: [f64; 3]) {
        let got = path_of(rule);
        let near = got.iter().zip(expected).all(|(&got, expected)| (f64::from(got) - expected).abs() < 1e-6);
        assert!(near, "{rule:?} went {got:?}, expected {expected:?}");
    }

    #[test]
    fn sgd_with_momentum_by_hand() {
        // Velocities 0.5, -0.55, -0.245.
        assert_near(Rule::SGD, [0.95, 1.005, 1.0295]);
    }

    #[test]
    fn rms_prop_by_hand() {
        let mut square = 0.0f64;
        let mut weight = 1.0f64;
        let steps = [0.5f64, -1.0, 0.25].map(|gradient| {
            square = 0.99 * square + 0.01 * gradient * gradient;
            weight -= 0.1 * gradient / (square.sqrt() + 1e-8);
            weight
        });
        // The first step is rate / sqrt(1 - alpha), whatever the gradient.
        assert!((steps[0] - 0.0).abs() < 1e-6);
        assert_near(Rule::RMS_PROP, steps);
    }

    #[test]
    fn adam_and_adamw_by_hand() {
        for decay in [0.0, 0.1] {
            let (mut first, mut second, mut weight) = (0.0f64, 0.0f64, 1.0f64);
            let mut step = 0;
            let steps = [0.5f64, -1.0, 0.25].map(|gradient| {
                step += 1;
                first = 0.9 * first + 0.1 * gradient;
                second = 0.999 * second + 0.001 * gradient * gradient;
                let (mean, square) = (first / (1.0 - 0.9f64.powi(step)), second / (1.0 - 0.999f64.powi(step)));
                weight = weight * (1.0 - 0.1 * decay) - 0.1 * mean / (square.sqrt() + 1e-8);
                weight
            });
            // The first step of Adam is the rate.
            assert!((steps[0] - (0.9 - 0.1 * decay)).abs() < 1e-6);
            assert_near(Rule::adam(decay), steps);
        }
    }
}
