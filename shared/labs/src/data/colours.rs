//! Colour pictures of ten kinds, for when there is no CIFAR-10: a shape or a pattern on a ground, in some colours.
//!
//! A kind has a hue of its own, more or less, and neighbouring kinds share some. So a small network learns something
//! soon, and not everything.

use super::cifar::{Pictures, SIDE};
use super::random::{Stream, stream};

/// `count` pictures, each a function of seed and index alone.
pub fn pictures(seed: u64, count: usize) -> Pictures {
    let mut pictures = Pictures::default();
    for index in 0..count as u64 {
        let mut random = stream(seed, "colours", 0, index);
        let kind = random.below(10) as u8;
        pictures.labels.push(kind);
        draw(&mut random, kind, &mut pictures.pixels);
    }
    pictures
}

fn draw(random: &mut Stream, kind: u8, planes: &mut Vec<u8>) {
    // Hues of neighbours are 0.1 apart.
    let hue = f32::from(kind) / 10.0 + 0.06 * random.normal();
    let shape = colour(hue, random.between(0.4, 1.0), random.between(0.45, 1.0));
    // Not from black to white: what all pixels of a picture share bounds the rate, and here it is about half of what
    // photos share. So a rate for photos does for these.
    let ground = colour(random.unit(), random.between(0.0, 0.4), random.between(0.3, 0.7));
    let centre = [random.between(0.35, 0.65), random.between(0.35, 0.65)];
    let (size, turn) = (random.between(0.2, 0.4), random.between(-0.4, 0.4));
    let (sine, cosine) = (libm::sinf(turn), libm::cosf(turn));
    let noise = random.between(2.0, 14.0);
    let inside: Vec<bool> = (0..SIDE * SIDE)
        .map(|place| {
            let [x, y] = [place % SIDE, place / SIDE].map(|at| (at as f32 + 0.5) / SIDE as f32);
            let (x, y) = ((x - centre[0]) / size, (y - centre[1]) / size);
            covers(kind, cosine * x + sine * y, cosine * y - sine * x)
        })
        .collect();
    for channel in 0..3 {
        planes.extend(inside.iter().map(|&inside| {
            let level = if inside { shape[channel] } else { ground[channel] };
            (255.0 * level + noise * random.normal()).clamp(0.0, 255.0) as u8
        }));
    }
}

/// Whether the shape of this kind, of size 1 around the origin, covers the place. Patterns go on for ever.
fn covers(kind: u8, x: f32, y: f32) -> bool {
    let (across, distance) = (x.abs().max(y.abs()), x * x + y * y);
    let stripe = |at: f32| libm::floorf(1.5 * at) as i32 % 2 == 0;
    match kind {
        0 => distance < 1.0,
        1 => across < 0.9,
        2 => y < 0.8 && y > 2.0 * x.abs() - 1.0,
        3 => across < 1.1 && x.abs().min(y.abs()) < 0.35,
        4 => (0.4..1.2).contains(&distance),
        5 => stripe(y),
        6 => stripe(x),
        7 => stripe(x + y),
        8 => stripe(x) == stripe(y),
        _ => (0.5..0.9).contains(&across),
    }
}

/// Red, green and blue of a hue, all from 0 to 1.
fn colour(hue: f32, saturation: f32, value: f32) -> [f32; 3] {
    [0.0, 2.0, 1.0].map(|shift| {
        let place = hue * 6.0 + 2.0 * shift;
        let place = place - 6.0 * libm::floorf(place / 6.0);
        let full = ((place - 3.0).abs() - 1.0).clamp(0.0, 1.0);
        value * (1.0 - saturation * (1.0 - full))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_function_of_seed_and_index() {
        let (few, more) = (pictures(3, 20), pictures(3, 50));
        assert_eq!((few.labels.len(), few.pixels.len()), (20, 20 * 3 * SIDE * SIDE));
        assert!(more.pixels.starts_with(&few.pixels) && more.labels.starts_with(&few.labels));
        assert_ne!(few.pixels, pictures(4, 20).pixels);
    }

    #[test]
    fn colours_are_those_of_their_hues() {
        for (hue, expected) in [(0.0, [1.0, 0.0, 0.0]), (1.0 / 3.0, [0.0, 1.0, 0.0]), (2.0 / 3.0, [0.0, 0.0, 1.0])] {
            let found = colour(hue, 1.0, 1.0);
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-5), "{found:?}");
        }
        assert_eq!(colour(0.7, 0.0, 0.25), [0.25; 3]);
    }

    /// By the nearest of the mean colours of the kinds: far above chance, far from all.
    #[test]
    fn kinds_can_be_told_apart_but_not_by_colour_alone() {
        let means = |pictures: &Pictures| -> Vec<[f32; 3]> {
            let mean = |plane: &[u8]| plane.iter().map(|&byte| f32::from(byte)).sum::<f32>() / plane.len() as f32;
            let pictures = pictures.pixels.chunks(3 * SIDE * SIDE);
            pictures
                .map(|picture| std::array::from_fn(|at| mean(&picture[at * SIDE * SIDE..][..SIDE * SIDE])))
                .collect()
        };
        let (train, test) = (pictures(1, 2_000), pictures(2, 1_000));
        let mut centres = [([0.0f32; 3], 0.0f32); 10];
        for (mean, &label) in means(&train).iter().zip(&train.labels) {
            let (centre, count) = &mut centres[usize::from(label)];
            centre.iter_mut().zip(mean).for_each(|(sum, value)| *sum += value);
            *count += 1.0;
        }
        assert!(centres.iter().all(|(_, count)| *count > 140.0), "{centres:?}");
        let far = |mean: &[f32; 3], (centre, count): &([f32; 3], f32)| -> f32 {
            mean.iter().zip(centre).map(|(value, sum)| (value - sum / count).powi(2)).sum()
        };
        let nearest = |mean: &[f32; 3]| {
            let order = |a: &&([f32; 3], f32), b: &&([f32; 3], f32)| far(mean, a).total_cmp(&far(mean, b));
            let best = centres.iter().min_by(order).expect("ten");
            centres.iter().position(|centre| centre == best).expect("one of them")
        };
        let right =
            means(&test).into_iter().zip(&test.labels).filter(|(mean, label)| nearest(mean) == usize::from(**label));
        let share = right.count() as f32 / 1_000.0;
        assert!((0.15..0.6).contains(&share), "{share}");
    }
}
