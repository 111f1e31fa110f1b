//! Is this device right? Kernels that training is made of, to be compared with the CPU.

use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::module::{batch_norm_train, conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::data::random;
use crate::host::LocalFuture;
use crate::nn::state::read;
use crate::train::optimiser::{Optimiser, Rule};
use crate::train::run_loop::cross_entropy;

/// One kernel with inputs of its own. Run on two devices, the results must agree.
pub struct KernelCheck {
    pub name: &'static str,
    pub shape: &'static str,
    /// Allowed difference over the greatest value. Sums of many terms may be taken in another order.
    pub tolerance: f32,
    pub run: fn(&Device) -> LocalFuture<'static, Vec<f32>>,
}

/// Declares a check: its body makes a tensor on `device`.
macro_rules! check {
    ($name:literal, $shape:literal, $tolerance:literal, |$device:ident| $body:expr) => {
        KernelCheck {
            name: $name,
            shape: $shape,
            tolerance: $tolerance,
            run: |$device| {
                let result = $body;
                Box::pin(read(result))
            },
        }
    };
}

/// All checks, from the plainest to whole training steps.
pub fn checks() -> Vec<KernelCheck> {
    vec![
        check!("add", "64x784", 1e-6, |device| input([64, 784], 1, device) + input([64, 784], 2, device)),
        check!("multiply", "64x784", 1e-6, |device| input([64, 784], 1, device) * input([64, 784], 2, device)),
        check!("divide", "64x128", 1e-5, |device| input([64, 128], 1, device)
            / input([64, 128], 2, device).abs().add_scalar(0.5)),
        check!("add a row", "64x128 + 1x128", 1e-6, |device| input([64, 128], 1, device) + input([1, 128], 2, device)),
        check!("square root", "64x128", 1e-5, |device| input([64, 128], 1, device).abs().sqrt()),
        check!("exponential", "64x128", 1e-5, |device| input([64, 128], 1, device).exp()),
        check!("logarithm", "64x128", 1e-5, |device| input([64, 128], 1, device).abs().add_scalar(0.1).log()),
        check!("relu", "64x128", 1e-6, |device| relu(input([64, 128], 1, device))),
        check!("transpose", "64x784", 1e-6, |device| input([64, 784], 1, device).transpose().add_scalar(1.0)),
        check!("sum of all", "64x784", 1e-4, |device| input([64, 784], 1, device).abs().sum()),
        check!("sum of rows", "64x784", 1e-4, |device| input([64, 784], 1, device).sum_dim(1)),
        check!("sum of columns", "64x784", 1e-4, |device| input([64, 784], 1, device).sum_dim(0)),
        check!("greatest of a row", "64x128", 1e-6, |device| input([64, 128], 1, device).max_dim(1)),
        check!("place of the greatest", "64x10", 1e-6, |device| input([64, 10], 1, device).argmax(1).float()),
        check!("compare", "64x10", 1e-6, |device| {
            input([64, 10], 1, device).argmax(1).equal(input([64, 10], 2, device).argmax(1)).float()
        }),
        check!("gather", "64x10 by 64x1", 1e-6, |device| input([64, 10], 1, device).gather(1, labels(64, device))),
        check!("select rows", "784x32 by 64", 1e-6, |device| {
            input([784, 32], 1, device).select(0, labels(64, device).reshape([64]))
        }),
        check!("concatenate", "2 of 64x10", 1e-6, |device| {
            Tensor::cat(vec![input([64, 10], 1, device), input([64, 10], 2, device)], 1)
        }),
        check!("matrix product", "64x784 by 784x128", 1e-4, |device| {
            input([64, 784], 1, device).matmul(input([784, 128], 2, device))
        }),
        check!("matrix product, transposed", "784x64 by 64x128", 1e-4, |device| {
            input([64, 784], 1, device).transpose().matmul(input([64, 128], 2, device))
        }),
        check!("log-softmax", "64x10", 1e-5, |device| log_softmax(input([64, 10], 1, device), 1)),
        check!("cross-entropy", "64x10", 1e-5, |device| cross_entropy(input([64, 10], 1, device), targets(64, device))),
        check!("cross-entropy, backward", "64x10", 1e-5, |device| {
            let logits = leaf(input([64, 10], 1, device));
            let gradients = cross_entropy(logits.clone(), targets(64, device).autodiff()).backward();
            logits.grad(&gradients).expect("logits have a gradient")
        }),
        check!("convolution 5x5", "16x1x28x28, 8", 1e-4, |device| { convolve(images(device), kernels(device), 1) }),
        check!("convolution 5x5, stride 2", "16x1x28x28, 8", 1e-4, |device| {
            convolve(images(device), kernels(device), 2)
        }),
        check!("convolution, backward to kernels", "16x1x28x28, 8", 1e-4, |device| {
            let kernels = leaf(kernels(device));
            let gradients = convolve(images(device).autodiff(), kernels.clone(), 2).square().sum().backward();
            kernels.grad(&gradients).expect("kernels have a gradient")
        }),
        check!("convolution, backward to pictures", "16x1x28x28, 8", 1e-4, |device| {
            let images = leaf(images(device));
            let gradients = convolve(images.clone(), kernels(device).autodiff(), 2).square().sum().backward();
            images.grad(&gradients).expect("pictures have a gradient")
        }),
        check!("max-pooling, backward", "16x1x28x28", 1e-5, |device| {
            let images = leaf(images(device));
            let pooled = max_pool2d(images.clone(), MaxPoolOptions::new([2, 2]).with_stride([2, 2]));
            let gradients = pooled.square().sum().backward();
            images.grad(&gradients).expect("pictures have a gradient")
        }),
        check!("batch norm, backward", "16x8x14x14", 1e-3, |device| {
            let values = leaf(input([16 * 8, 14 * 14], 1, device).reshape([16, 8, 14, 14]));
            let (gamma, beta) = (Tensor::ones([8], device).autodiff(), Tensor::zeros([8], device).autodiff());
            let normed = batch_norm_train(values.clone(), gamma, beta, 1e-5).output;
            let weighed = normed * input([16 * 8, 14 * 14], 2, device).reshape([16, 8, 14, 14]).autodiff();
            values.grad(&weighed.sum().backward()).expect("values have a gradient")
        }),
        check!("Adam, three steps", "10240", 1e-4, |device| {
            let mut optimiser = Optimiser::new(Rule::adam(0.01));
            let flat = |seed| input([1, 10_240], seed, device).reshape([10_240]);
            (2..5).fold(flat(1), |weights, seed| optimiser.advance("weight", weights, flat(seed), 0.01))
        }),
    ]
}

fn input(shape: [usize; 2], seed: u64, device: &Device) -> Tensor<2> {
    let mut random = random::stream(seed, "selftest", 0, 0);
    let values: Vec<f32> = (0..shape[0] * shape[1]).map(|_| random.between(-1.0, 1.0)).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn images(device: &Device) -> Tensor<4> {
    input([16, 784], 1, device).reshape([16, 1, 28, 28])
}

fn kernels(device: &Device) -> Tensor<4> {
    input([8, 25], 2, device).reshape([8, 1, 5, 5])
}

fn convolve(images: Tensor<4>, kernels: Tensor<4>, stride: usize) -> Tensor<4> {
    conv2d(images, kernels, None, ConvOptions::new([stride; 2], [0, 0], [1, 1], 1))
}

fn label(row: usize) -> usize {
    row * 7 % 10
}

fn labels(rows: usize, device: &Device) -> Tensor<2, Int> {
    let labels: Vec<i32> = (0..rows).map(|row| label(row) as i32).collect();
    Tensor::from_data(TensorData::new(labels, [rows, 1]), device)
}

fn targets(rows: usize, device: &Device) -> Tensor<2> {
    let mut targets = vec![0.0f32; rows * 10];
    (0..rows).for_each(|row| targets[row * 10 + label(row)] = 1.0);
    Tensor::from_data(TensorData::new(targets, [rows, 10]), device)
}

fn leaf<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    tensor.autodiff().require_grad()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_gives_numbers_that_are_not_all_the_same() {
        let checks = checks();
        assert!((20..=30).contains(&checks.len()), "{} checks", checks.len());
        for check in checks {
            let values = pollster::block_on((check.run)(&Device::flex()));
            let again = pollster::block_on((check.run)(&Device::flex()));
            assert_eq!(values, again, "{}", check.name);
            assert!(values.iter().all(|value| value.is_finite()), "{}", check.name);
            // A kernel that does nothing leaves zeroes, and zeroes would agree with zeroes.
            assert!(values.iter().any(|&value| value != 0.0), "{}", check.name);
        }
    }
}
