//! First weights: drawn on the host from (seed, path), so that they are the same on every device.

use burn::tensor::Shape;

use crate::data::random;

/// Values for the parameter at `path`, such as `hidden.0.weight`.
///
/// Weights before a ReLU are uniform with variance 2 / fan-in (He et al. 2015), those of the output layer
/// with variance 1 / (3 fan-in), so that a fresh model finds all classes about equally likely and its loss is
/// about the logarithm of their number. Everything else begins where it does nothing.
pub fn values(seed: u64, path: &str, shape: &Shape) -> Vec<f32> {
    let count = shape.num_elements();
    let last = path.rsplit('.').next().unwrap_or(path);
    match last {
        "weight" => {
            let fan_in = fan_in(shape) as f32;
            let bound = if path.starts_with("output") { (1.0 / fan_in).sqrt() } else { (6.0 / fan_in).sqrt() };
            let mut random = random::stream(seed, &format!("init {path}"), 0, 0);
            (0..count).map(|_| random.between(-bound, bound)).collect()
        }
        "gamma" | "running_var" => vec![1.0; count],
        _ => vec![0.0; count],
    }
}

/// Inputs that one output is summed from. Dense weights are `[in, out]`, convolutions `[out, in, height, width]`.
fn fan_in(shape: &Shape) -> usize {
    match shape.num_dims() {
        2 => shape[0],
        _ => shape.num_elements() / shape[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_follows_fan_in_and_only_weights_are_random() {
        let variance = |path: &str, shape: Shape| {
            let values = values(1, path, &shape);
            values.iter().map(|value| value * value).sum::<f32>() / values.len() as f32
        };
        assert!((variance("hidden.0.weight", Shape::new([200, 300])) - 0.01).abs() < 2e-4);
        assert!((variance("blocks.1.conv.weight", Shape::new([100, 8, 5, 5])) - 0.01).abs() < 2e-4);
        assert!((variance("output.weight", Shape::new([100, 300])) - 1.0 / 300.0).abs() < 1e-4);
        assert_eq!(variance("hidden.0.bias", Shape::new([9])), 0.0);
        assert_eq!(values(1, "norm.gamma", &Shape::new([2])), [1.0, 1.0]);
    }

    #[test]
    fn every_path_and_seed_has_its_own_numbers() {
        let shape = Shape::new([4, 4]);
        let base = values(1, "a.weight", &shape);
        assert_eq!(base, values(1, "a.weight", &shape));
        assert_ne!(base, values(1, "b.weight", &shape));
        assert_ne!(base, values(2, "a.weight", &shape));
    }
}
