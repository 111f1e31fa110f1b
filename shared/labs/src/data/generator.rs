//! Digits drawn by strokes, for when there is no data, and for hands that the data lacks.
//!
//! Each digit has several styles: skeletons of a few points that a hand would aim at. A drawing moves those points,
//! runs a smooth curve through them, and slants, stretches, bends and roughens the whole.

use kindling_protocol::input::{Drawing, Preparation, Stroke};

use super::idx::Digits;
use super::ink::Frame;
use super::random::{Stream, stream};
use super::render::prepare_drawing;

/// The drawing number `index` of this seed, and its label.
pub fn drawing(seed: u64, index: u64) -> (Drawing, u8) {
    let mut random = stream(seed, "generator", 0, index);
    let label = random.below(10) as u8;
    (draw(&mut random, label), label)
}

/// `count` drawings prepared as the model sees them.
pub fn digits(seed: u64, count: usize) -> Digits {
    let frame = Frame::MNIST;
    let mut digits = Digits { images: vec![], labels: vec![], height: frame.height, width: frame.width };
    for index in 0..count as u64 {
        let (drawing, label) = drawing(seed, index);
        let image = prepare_drawing(&drawing, &frame, Preparation::default());
        digits.push(&image.expect("a generated drawing is in bounds").expect("a generated drawing has ink"), label);
    }
    digits
}

/// A digit in some style.
pub(super) fn draw(random: &mut Stream, label: u8) -> Drawing {
    let styles = STYLES[usize::from(label)];
    let style = styles[random.below(styles.len() as u32) as usize];
    let strokes =
        style.iter().map(|stroke| stroke.iter().map(|&(x, y)| [0.3 + 0.4 * x, 0.2 + 0.6 * y]).collect::<Stroke>());
    Drawing { strokes: strokes.collect(), side: 1.0, brush: 0.085 }
}

type Style = &'static [&'static [(f32, f32)]];

const STYLES: [&[Style]; 10] = [
    &[&[&[(0.5, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 0.5), (0.5, 0.0)]]],
    &[&[&[(0.5, 0.0), (0.5, 1.0)]]],
    &[&[&[(0.0, 0.2), (0.5, 0.0), (1.0, 0.3), (0.0, 1.0), (1.0, 1.0)]]],
    &[&[&[(0.0, 0.1), (0.5, 0.0), (0.9, 0.25), (0.4, 0.45), (1.0, 0.7), (0.5, 1.0), (0.0, 0.9)]]],
    &[&[&[(0.3, 0.0), (0.0, 0.6), (1.0, 0.6)], &[(0.7, 0.1), (0.7, 1.0)]]],
    &[&[&[(0.9, 0.0), (0.15, 0.0), (0.1, 0.45), (0.9, 0.5), (0.8, 1.0), (0.0, 0.95)]]],
    &[&[&[(0.7, 0.0), (0.1, 0.6), (0.3, 1.0), (0.9, 0.8), (0.5, 0.55), (0.1, 0.7)]]],
    &[&[&[(0.0, 0.0), (1.0, 0.0), (0.4, 1.0)]]],
    &[&[&[(0.8, 0.1), (0.3, 0.0), (0.1, 0.3), (0.9, 0.7), (0.5, 1.0), (0.1, 0.7), (0.9, 0.3), (0.8, 0.1)]]],
    &[&[&[(0.9, 0.2), (0.4, 0.0), (0.1, 0.3), (0.5, 0.5), (0.9, 0.2), (0.8, 1.0)]]],
];
