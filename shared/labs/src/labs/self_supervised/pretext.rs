//! Pretext tasks: questions about pictures, or texts, whose answers need no label.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::data::augment::{Augmentation, augment};
use crate::data::idx::Digits;

/// Quarter turns.
pub const TURNS: usize = 4;

/// How two views of a picture differ.
pub fn views(strength: &str) -> Option<Augmentation> {
    let light = Augmentation { shift: 1.0, centre: false, ..Augmentation::default() };
    match strength {
        "none" => None,
        "light" => Some(light),
        _ => Some(Augmentation {
            rotation_degrees: 15.0,
            shear: 0.25,
            scale: 0.15,
            aspect: 0.2,
            shift: 2.0,
            elastic: 1.2,
            thicker: 1.0,
            thinner: 0.7,
            centre: false,
        }),
    }
}

/// Two views of each picture: first all of one, then all of the other. `step` and `seed` decide them.
pub fn pairs(digits: &Digits, indices: &[u32], with: Option<&Augmentation>, seed: u64, step: u64) -> Vec<u8> {
    let view = |which: u64| {
        indices.iter().flat_map(move |&index| {
            let image = digits.image(index as usize);
            match with {
                Some(with) => {
                    augment(image, digits.height, digits.width, with, seed, step, u64::from(index) * 2 + which)
                }
                None => image.to_vec(),
            }
        })
    };
    view(0).chain(view(1)).collect()
}

/// NT-Xent, the normalised temperature-scaled cross-entropy (Chen et al. 2020, equation 1): among the other `2N - 1`
/// views, find the one of the same picture. `projections` `[2N, d]` hold view 0 of all pictures, then view 1. Of
/// projections that tell nothing it is `log(2N - 1)`.
pub fn nt_xent(projections: Tensor<2>, temperature: f64) -> Tensor<1> {
    let [views, _] = projections.dims();
    let device = projections.device();
    let unit = unit_length(projections); // [2N, d]
    let similarity = unit.clone().matmul(unit.transpose()).div_scalar(temperature); // [2N, 2N]
    // A view is not among its own candidates.
    let others = similarity - Tensor::<2>::eye(views, &device).mul_scalar(1e9); // [2N, 2N]
    let partner: Vec<i32> = (0..views).map(|view| ((view + views / 2) % views) as i32).collect();
    let partner = Tensor::<2, Int>::from_data(TensorData::new(partner, [views, 1]), &device); // [2N, 1]
    log_softmax(others, 1).gather(1, partner).mean().neg() // [1]
}

/// Each row divided by its length.
pub fn unit_length(rows: Tensor<2>) -> Tensor<2> {
    let length = rows.clone().square().sum_dim(1).add_scalar(1e-12).sqrt(); // [rows, 1]
    rows / length // [rows, d]
}

/// All four quarter turns of each picture (Gidaris, Singh and Komodakis 2018), and which turn each is.
pub fn turned(digits: &Digits, indices: &[u32]) -> (Vec<u8>, Vec<i32>) {
    let side = digits.width;
    let mut pictures = Vec::with_capacity(TURNS * indices.len() * side * side);
    for &index in indices {
        let mut picture = digits.image(index as usize).to_vec();
        for _ in 0..TURNS {
            pictures.extend(&picture);
            let turn = |place: usize| picture[(side - 1 - place % side) * side + place / side];
            picture = (0..side * side).map(turn).collect();
        }
    }
    (pictures, (0..TURNS as i32).cycle().take(TURNS * indices.len()).collect())
}

/// Mean of minus the log-probability of the right turn, or class.
pub fn answer_loss(logits: Tensor<2>, right: &[i32], device: &Device) -> Tensor<1> {
    let right = Tensor::<2, Int>::from_data(TensorData::new(right.to_vec(), [right.len(), 1]), device); // [batch, 1]
    log_softmax(logits, 1).gather(1, right).mean().neg() // [1]
}

/// Mean of minus the log-probability of the words that are `asked` for, `[batch, words]`, as BERT counts it: what is not
/// masked is not asked for. Where nothing is, it is 0.
pub fn word_loss(logits: Tensor<2>, asked: Vec<f32>) -> Tensor<1> {
    let asked = Tensor::<2>::from_data(TensorData::new(asked, logits.dims()), &logits.device()); // [batch, words]
    (log_softmax(logits, 1) * asked).sum_dim(1).mean().neg() // [1]
}
