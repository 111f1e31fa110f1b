//! Attacks: pictures changed by at most `eps` a pixel, so that a network is wrong about them.
//!
//! Pictures are in 0..=1, as an attacker has them; how a network scales them is its own business. All tensors that come
//! in and go out are without autodiff.

use burn::tensor::{Tensor, TensorData};

use crate::data::random;
use crate::train::run_loop::cross_entropy;

/// What is attacked: from pictures `[batch, pixels]` to logits `[batch, classes]`.
pub type Victim<'a> = &'a dyn Fn(Tensor<2>) -> Tensor<2>;

/// Pictures with the probabilities that are right for them.
#[derive(Clone)]
pub struct Shown {
    pub pictures: Tensor<2>, // [batch, pixels]
    pub targets: Tensor<2>,  // [batch, classes]
}

/// What an attack drives up.
#[derive(Clone, Copy, Debug)]
pub enum Aim {
    /// What the network was trained to keep down.
    CrossEntropy,
    /// How far the best wrong class is ahead of the right one (Carlini and Wagner 2017). Where a network is so sure that
    /// its probability rounds to 1, cross-entropy has next to no slope left; this has.
    Margin,
}

/// Where the aim lies: its gradient with respect to the pictures.
pub fn gradient(victim: Victim<'_>, pictures: Tensor<2>, targets: &Tensor<2>, aim: Aim) -> Tensor<2> {
    let pictures = pictures.autodiff().require_grad();
    let (logits, targets) = (victim(pictures.clone()), targets.clone().autodiff()); // [batch, classes]
    let loss = match aim {
        Aim::CrossEntropy => cross_entropy(logits, targets), // [1]
        Aim::Margin => margin(logits, targets),              // [1]
    };
    pictures.grad(&loss.backward()).expect("the loss depends on the pictures") // [batch, pixels]
}

/// The mean over the batch of the best wrong logit minus the right one.
fn margin(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let right = (logits.clone() * targets.clone()).sum_dim(1); // [batch, 1]
    let wrong = (logits - targets.mul_scalar(1e6)).max_dim(1); // [batch, 1]
    (wrong - right).mean()
}

/// The fast gradient sign method (Goodfellow, Shlens and Szegedy 2014): one step of full length.
pub fn fgsm(victim: Victim<'_>, shown: &Shown, eps: f64) -> Tensor<2> {
    let slope = gradient(victim, shown.pictures.clone(), &shown.targets, Aim::CrossEntropy);
    clip(shown.pictures.clone() + slope.sign().mul_scalar(eps))
}

/// Many short steps, each projected back to where an attacker may go.
#[derive(Clone, Copy, Debug)]
pub struct Pgd {
    pub eps: f64,
    /// Length of one step.
    pub step: f64,
    pub steps: usize,
    pub aim: Aim,
}

impl Pgd {
    /// Steps that together go two and a half times as far as `eps`, so that every corner is within reach.
    pub fn new(eps: f64, steps: usize) -> Pgd {
        Pgd { eps, step: 2.5 * eps / steps as f64, steps, aim: Aim::CrossEntropy }
    }

    pub fn at(self, aim: Aim) -> Pgd {
        Pgd { aim, ..self }
    }
}

/// Projected gradient descent on minus the loss (Madry et al. 2017) from `start`, in the ball around the pictures.
pub fn pgd(victim: Victim<'_>, shown: &Shown, start: Tensor<2>, attack: Pgd) -> Tensor<2> {
    (0..attack.steps).fold(start, |pictures, _| {
        let slope = gradient(victim, pictures.clone(), &shown.targets, attack.aim);
        project(pictures + slope.sign().mul_scalar(attack.step), &shown.pictures, attack.eps)
    })
}

/// A random place in the ball: where PGD starts, and by itself the noise that an attack is compared with.
pub fn random_start(pictures: &Tensor<2>, eps: f64, seed: u64, epoch: u64, index: u64) -> Tensor<2> {
    let [rows, columns] = pictures.dims();
    let mut random = random::stream(seed, "adversarial start", epoch, index);
    let noise = (0..rows * columns).map(|_| random.between(-1.0, 1.0)).collect::<Vec<f32>>();
    let noise = Tensor::<2>::from_data(TensorData::new(noise, [rows, columns]), &pictures.device());
    clip(pictures.clone() + noise.mul_scalar(eps)) // [batch, pixels]
}

/// Back into the ball of half-width `eps` around `centre` (in the maximum norm), and into the range of pictures.
pub fn project(pictures: Tensor<2>, centre: &Tensor<2>, eps: f64) -> Tensor<2> {
    let (low, high) = (centre.clone().sub_scalar(eps), centre.clone().add_scalar(eps));
    clip(pictures.max_pair(low).min_pair(high))
}

fn clip(pictures: Tensor<2>) -> Tensor<2> {
    pictures.clamp(0.0, 1.0)
}
