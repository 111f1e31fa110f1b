//! Training samples that look like drawings on the pad: generated ones, and MNIST's drawn again by a pen.

use kindling_protocol::input::{Drawing, Preparation};

use super::idx::Digits;
use super::ink::Frame;
use super::random::stream;
use super::{generator, render, skeleton};

/// A prepared 28x28 picture and its label, a pure function of its arguments. Half are generated drawings, half
/// are pictures of `digits` drawn again; without `digits` all are generated.
pub fn sample(digits: Option<&Digits>, seed: u64, epoch: u64, index: u64) -> (Vec<u8>, u8) {
    let mut random = stream(seed, "pen", epoch, index);
    let redrawn = digits.filter(|digits| !digits.is_empty()).filter(|_| random.chance(0.5)).and_then(|digits| {
        let pick = random.below(digits.len() as u32) as usize;
        let strokes = skeleton::strokes(digits.image(pick), digits.height, digits.width);
        let drawing = Drawing { strokes, side: digits.height as f32, brush: random.between(1.6, 4.0) };
        Some((drawing, digits.labels[pick])).filter(|(drawing, _)| !drawing.strokes.is_empty())
    });
    let (drawing, label) = redrawn.unwrap_or_else(|| {
        let label = random.below(10) as u8;
        (generator::draw(&mut random, label), label)
    });
    let frame = Frame::MNIST;
    (
        render::fitted(&drawing.strokes, drawing.brush, drawing.side, &frame)
            .placed(&frame, Preparation::default().centre),
        label,
    )
}

#[cfg(test)]
mod tests {
    use super::super::ink::centre_of_mass;
    use super::super::testing::mnist;
    use super::*;

    #[test]
    fn a_sample_is_prepared_and_depends_on_its_arguments_alone() {
        let digits = mnist("t10k");
        for index in 0..300 {
            let (image, label) = sample(Some(&digits), 1, 2, index);
            let (y, x) = centre_of_mass(&image, 28);
            assert!(label < 10 && (14.0..15.0).contains(&y) && (14.0..15.0).contains(&x), "({y}, {x})");
            assert_eq!((image, label), sample(Some(&digits), 1, 2, index));
        }
        assert_ne!(sample(Some(&digits), 1, 2, 0).0, sample(Some(&digits), 1, 3, 0).0);
    }

    #[test]
    fn without_digits_all_are_generated() {
        let empty = mnist("t10k").pick([]);
        for index in 0..50 {
            assert_eq!(sample(None, 1, 2, index), sample(Some(&empty), 1, 2, index));
        }
    }
}
