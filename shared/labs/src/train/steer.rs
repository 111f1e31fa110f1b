//! Who may decide, at every validation, how a training goes on.

use burn::tensor::Tensor;

use crate::host::Outcome;
use crate::nn::model::Classifier;

/// What steers a training. Its own state goes into the training's checkpoints.
pub trait Steer {
    /// What the learning rate of this step, counted from 0, is multiplied by.
    fn factor(&self, _step: u64, _steps: u64) -> f64 {
        1.0
    }

    /// What is added to the loss, and to no curve: a penalty on the weights, say.
    fn penalty(&self, _model: &Classifier) -> Option<Tensor<1>> {
        None
    }

    /// Told after a validation. True: the weights as they are now are to be kept.
    fn validated<'a>(&'a self, seen: Validated) -> Outcome<'a, bool>;

    /// Whether the training is over, whatever its plan says.
    fn stopped(&self) -> bool;

    /// The state, and the state taken up again.
    fn save(&self) -> Vec<u8>;
    fn resume(&self, state: &[u8]) -> Result<(), serde_json::Error>;
}

/// How a training stands at a validation.
pub struct Validated {
    /// Steps taken.
    pub step: u64,
    pub epoch: f64,
    /// As the knob stands, without factors.
    pub learning_rate: f64,
    /// Means since the last point of the curves, as the network trained: with dropout, over changing weights.
    pub train_loss: f64,
    pub train_accuracy: f64,
    /// On the validation set.
    pub loss: f64,
    pub accuracy: f64,
    /// Without autodiff.
    pub model: Classifier,
}

/// What a steered training ends with.
pub struct Steered {
    pub last: Classifier,
    /// The weights that were to be kept last.
    pub kept: Option<Classifier>,
}
