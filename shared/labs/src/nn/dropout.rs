//! Dropout whose mask is a function of (seed, step, layer): the same on every device, and after a resumption.

use burn::tensor::{Tensor, TensorData};

use crate::data::random;

/// Where the masks of one training step come from.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    pub seed: u64,
    pub step: u64,
}

impl Dropout {
    /// Zeroes a share `rate` of the values and scales the others up, so that the expected sum stays.
    pub fn apply(self, values: Tensor<2>, rate: f32, layer: u64) -> Tensor<2> {
        if rate == 0.0 {
            return values;
        }
        let [rows, columns] = values.dims();
        let mut random = random::stream(self.seed, "dropout", self.step, layer);
        let scale = 1.0 / (1.0 - rate);
        let mask = (0..rows * columns).map(|_| if random.chance(rate) { 0.0 } else { scale }).collect::<Vec<f32>>();
        let mask = Tensor::<2>::from_data(TensorData::new(mask, [rows, columns]), &values.device());
        values * mask // [rows, columns]
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests run natively, where a read may wait")]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn the_share_is_right_the_mean_stays_and_the_step_decides_the_mask() {
        let ones = Tensor::<2>::ones([100, 100], &Device::flex());
        let values = |step| -> Vec<f32> {
            Dropout { seed: 3, step }.apply(ones.clone(), 0.25, 0).into_data().try_to_vec().unwrap()
        };
        let first = values(1);
        let dropped = first.iter().filter(|&&value| value == 0.0).count();
        assert!(dropped.abs_diff(2500) < 150, "{dropped} of 10,000 dropped");
        let mean = first.iter().sum::<f32>() / 1e4;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        assert_eq!(first, values(1));
        assert_ne!(first, values(2));
    }
}
