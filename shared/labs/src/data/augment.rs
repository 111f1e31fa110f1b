//! A training picture varied as hands and pens vary: affine, elastic, stroke width, centred again.

use super::ink::centre_of_mass;
use super::random::{Stream, stream};

/// How strongly pictures are varied. Deviations of normal distributions, cut off at two deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Augmentation {
    pub rotation_degrees: f32,
    /// Horizontal shift per pixel of height: slant.
    pub shear: f32,
    /// Of the logarithm of the scale of both axes together, and of their ratio.
    pub scale: f32,
    pub aspect: f32,
    /// Pixels. With `centre` only the part of a pixel is left of it.
    pub shift: f32,
    /// Pixels by which points of a coarse grid are moved.
    pub elastic: f32,
    /// Pixels by which every edge of the ink is moved out or in, uniform from -thinner to thicker.
    pub thicker: f32,
    pub thinner: f32,
    /// Centre by mass after the warp, as everything the model is asked about is.
    pub centre: bool,
}

impl Default for Augmentation {
    fn default() -> Self {
        Augmentation {
            rotation_degrees: 8.0,
            shear: 0.12,
            scale: 0.06,
            aspect: 0.08,
            shift: 0.5,
            elastic: 0.8,
            thicker: 0.5,
            thinner: 0.4,
            centre: true,
        }
    }
}

/// The picture as sample `index` of `epoch` shows it.
pub fn augment(
    image: &[u8],
    height: usize,
    width: usize,
    with: &Augmentation,
    seed: u64,
    epoch: u64,
    index: u64,
) -> Vec<u8> {
    let mut random = stream(seed, "augment", epoch, index);
    let mut picture = Padded::of(image, height, width);
    let grow = random.between(-with.thinner, with.thicker);
    // Before the warp, while edges are still where the pen left them.
    match grow {
        grow if grow > 0.0 => picture = picture.thickened(grow, u8::max),
        grow if grow < 0.0 => picture = picture.thickened(-grow, u8::min),
        _ => (),
    }
    picture = picture.warped(&Warp::some(with, &mut random));
    let (mut top, mut left) = (0, 0);
    if with.centre {
        let (y, x) = centre_of_mass(&picture.pixels, picture.stride);
        // What lies in the pixel below the middle is in its place; see [`ink`](super::ink).
        (top, left) = (y as isize - (MARGIN + height / 2) as isize, x as isize - (MARGIN + width / 2) as isize);
    }
    picture.cut(top, left)
}

/// Intervals of the elastic grid along each side: a quarter of a digit moves as one.
const CELLS: usize = 4;

/// Where each pixel of the result comes from.
struct Warp {
    /// Source (y, x) = matrix * place from the middle + shift.
    matrix: [[f32; 2]; 2],
    shift: [f32; 2],
    grid: [[[f32; 2]; CELLS + 1]; CELLS + 1],
}

impl Warp {
    fn some(with: &Augmentation, random: &mut Stream) -> Warp {
        let mut normal = || random.normal().clamp(-2.0, 2.0);
        let angle = (with.rotation_degrees * normal()).to_radians();
        let (shear, scale, aspect) = (with.shear * normal(), with.scale * normal(), with.aspect * normal());
        let shift = [with.shift * normal(), with.shift * normal()];
        let node = |_| [with.elastic * normal(), with.elastic * normal()];
        let grid = [(); (CELLS + 1) * (CELLS + 1)].map(node);
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        let (stretch_y, stretch_x) = (libm::expf(-scale - aspect), libm::expf(-scale + aspect));
        let matrix =
            [[cos * stretch_y, -sin * stretch_y], [(sin + shear * cos) * stretch_x, (cos - shear * sin) * stretch_x]];
        let grid = std::array::from_fn(|row| std::array::from_fn(|column| grid[row * (CELLS + 1) + column]));
        Warp { matrix, shift, grid }
    }
}

/// Blank pixels around a picture, so that neighbours need no check and nothing is lost before centring.
const MARGIN: usize = 4;

struct Padded {
    pixels: Vec<u8>,
    stride: usize,
}

impl Padded {
    fn of(image: &[u8], height: usize, width: usize) -> Padded {
        let mut padded = Padded::blank(height + 2 * MARGIN, width + 2 * MARGIN);
        for (row, line) in image.chunks_exact(width).enumerate() {
            let start = (row + MARGIN) * padded.stride + MARGIN;
            padded.pixels[start..start + width].copy_from_slice(line);
        }
        padded
    }

    fn blank(rows: usize, columns: usize) -> Padded {
        Padded { pixels: vec![0; rows * columns], stride: columns }
    }

    fn rows(&self) -> usize {
        self.pixels.len() / self.stride
    }

    fn warped(&self, warp: &Warp) -> Padded {
        let (rows, columns) = (self.rows(), self.stride);
        let mut out = Padded::blank(rows, columns);
        let (middle_y, middle_x) = ((rows as f32 - 1.0) / 2.0, (columns as f32 - 1.0) / 2.0);
        let (last_y, last_x) = ((rows - 2) as f32, (columns - 2) as f32);
        // The elastic grid spans the picture with its margin.
        let cell = |index: usize, count: usize| {
            let at = index as f32 * CELLS as f32 / count as f32;
            (at as usize, at - at.trunc())
        };
        let columns_in_grid: Vec<(usize, f32)> = (0..columns).map(|column| cell(column, columns)).collect();
        let [[yy, yx], [xy, xx]] = warp.matrix;
        for row in 1..rows - 1 {
            let (top, down) = cell(row, rows);
            let nodes: [[f32; 2]; CELLS + 1] = std::array::from_fn(|node| {
                [0, 1].map(|axis| mix(warp.grid[top][node][axis], warp.grid[top + 1][node][axis], down))
            });
            let y = row as f32 - middle_y - warp.shift[0];
            for (column, &(left, right)) in columns_in_grid.iter().enumerate().take(columns - 1).skip(1) {
                let x = column as f32 - middle_x - warp.shift[1];
                let from_y = yy * y + yx * x + middle_y + mix(nodes[left][0], nodes[left + 1][0], right);
                let from_x = xy * y + xx * x + middle_x + mix(nodes[left][1], nodes[left + 1][1], right);
                // Outside of the margin everything is blank, so the margin serves for it.
                let (from_y, from_x) = (from_y.clamp(0.0, last_y), from_x.clamp(0.0, last_x));
                let (y0, x0) = (from_y as usize, from_x as usize);
                let (fy, fx) = (from_y - y0 as f32, from_x - x0 as f32);
                let upper = &self.pixels[y0 * columns + x0..][..2];
                let lower = &self.pixels[(y0 + 1) * columns + x0..][..2];
                let value = mix(
                    mix(f32::from(upper[0]), f32::from(upper[1]), fx),
                    mix(f32::from(lower[0]), f32::from(lower[1]), fx),
                    fy,
                );
                out.pixels[row * columns + column] = sharpened(value);
            }
        }
        out
    }

    /// Moves the edges of the ink by `share` of a pixel, outwards when `pick` is the greater of two, inwards when it
    /// is the lesser. Between a picture and its greatest neighbours lies what anti-aliasing gives a line that much
    /// wider: the grey of an edge grows by `share`, and what passes full ink goes into the next pixel.
    fn thickened(&self, share: f32, pick: impl Fn(u8, u8) -> u8) -> Padded {
        let (rows, columns) = (self.rows(), self.stride);
        let mut across = self.pixels.clone();
        for (wide, near) in across[1..].iter_mut().zip(self.pixels.windows(3)) {
            *wide = pick(pick(near[0], near[2]), near[1]);
        }
        let mut out = Padded::blank(rows, columns);
        for row in 1..rows - 1 {
            let [above, here, below] = three_lines(&self.pixels, row, columns);
            let [wide_above, wide, wide_below] = three_lines(&across, row, columns);
            let target = &mut out.pixels[row * columns..][..columns];
            for column in 0..columns {
                let cross = pick(pick(above[column], below[column]), wide[column]);
                let square = pick(pick(wide_above[column], wide_below[column]), wide[column]);
                // The mean of a diamond and a square moves straight and slanting edges alike.
                let edge = (f32::from(cross) + f32::from(square)) / 2.0;
                target[column] = (mix(f32::from(here[column]), edge, share) + 0.5) as u8;
            }
        }
        out
    }

    /// The picture without its margin, beginning `top` and `left` pixels further than the margin ends.
    fn cut(&self, top: isize, left: isize) -> Vec<u8> {
        let (height, width) = (self.rows() - 2 * MARGIN, self.stride - 2 * MARGIN);
        let mut out = vec![0; height * width]; // [height, width]
        let clamp = |shift: isize| (MARGIN as isize + shift).clamp(0, 2 * MARGIN as isize) as usize;
        let (top, left) = (clamp(top), clamp(left));
        for (row, line) in out.chunks_exact_mut(width).enumerate() {
            line.copy_from_slice(&self.pixels[(top + row) * self.stride + left..][..width]);
        }
        out
    }
}

/// The line before `row`, `row` itself and the one after.
fn three_lines(pixels: &[u8], row: usize, columns: usize) -> [&[u8]; 3] {
    [row - 1, row, row + 1].map(|row| &pixels[row * columns..][..columns])
}

fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

/// Interpolation softens edges; this gives them back about the greys that MNIST has.
fn sharpened(value: f32) -> u8 {
    ((value - FLOOR) * 255.0 / (CEILING - FLOOR) + 0.5).clamp(0.0, 255.0) as u8
}

const FLOOR: f32 = 16.0;
const CEILING: f32 = 224.0;

#[cfg(test)]
mod tests {
    use super::super::testing::mnist;
    use super::*;

    const STILL: Augmentation = Augmentation {
        rotation_degrees: 0.0,
        shear: 0.0,
        scale: 0.0,
        aspect: 0.0,
        shift: 0.0,
        elastic: 0.0,
        thicker: 0.0,
        thinner: 0.0,
        centre: true,
    };

    fn area(pixels: &[u8]) -> f32 {
        pixels.iter().map(|&value| f32::from(value) / 255.0).sum()
    }

    /// (y, x) spread of the ink around its centre.
    fn spread(pixels: &[u8]) -> (f32, f32) {
        let (y, x) = centre_of_mass(pixels, 28);
        let sum =
            |off: &dyn Fn(usize) -> f32| -> f32 { (0..784).map(|at| f32::from(pixels[at]) * off(at) * off(at)).sum() };
        let mass = area(pixels) * 255.0;
        let off_y = |at: usize| (at / 28) as f32 + 0.5 - y;
        let off_x = |at: usize| (at % 28) as f32 + 0.5 - x;
        ((sum(&off_y) / mass).sqrt(), (sum(&off_x) / mass).sqrt())
    }

    #[test]
    fn the_same_arguments_give_the_same_picture_and_others_another() {
        let digits = mnist("t10k");
        let with = Augmentation::default();
        let picture = |seed, epoch, index| augment(digits.image(0), 28, 28, &with, seed, epoch, index);
        assert_eq!(picture(1, 2, 3), picture(1, 2, 3));
        for other in [picture(2, 2, 3), picture(1, 3, 3), picture(1, 2, 4)] {
            assert_ne!(picture(1, 2, 3), other);
        }
    }

    #[test]
    fn without_strength_only_greys_change() {
        let digits = mnist("t10k");
        for index in 0..200 {
            let image = digits.image(index);
            let still = augment(image, 28, 28, &Augmentation { centre: false, ..STILL }, 1, 0, index as u64);
            assert!(still.iter().zip(image).all(|(&new, &old)| new == sharpened(f32::from(old))), "picture {index}");
        }
    }

    #[test]
    fn pictures_stay_centred_and_keep_their_ink() {
        let digits = mnist("t10k");
        let mut centred = 0;
        for index in 0..1_000 {
            let image = digits.image(index);
            let varied = augment(image, 28, 28, &Augmentation::default(), 1, 0, index as u64);
            let (y, x) = centre_of_mass(&varied, 28);
            centred += usize::from((14.0..15.0).contains(&y) && (14.0..15.0).contains(&x));
            let ratio = area(&varied) / area(image);
            assert!((0.4..2.6).contains(&ratio), "picture {index}: {ratio}");
        }
        // Some are warped over the edge; what is left has another centre.
        assert!(centred >= 950, "{centred} of 1,000");
        println!("{centred} of 1,000 are centred");
    }

    #[test]
    fn edges_move_by_the_share_of_a_pixel_asked_for() {
        let mut image = vec![0; 784];
        (8..20).for_each(|row| image[row * 28 + 12..row * 28 + 16].fill(255));
        let padded = Padded::of(&image, 28, 28);
        for share in [0.25, 0.5, 1.0] {
            let wider = area(&padded.thickened(share, u8::max).pixels);
            // 2 * (12 + 4) pixels of edge, and at corners half a pixel each.
            assert!((wider - (48.0 + share * 34.0)).abs() < 0.3, "{share}: {wider}");
            let thinner = area(&padded.thickened(share, u8::min).pixels);
            assert!((thinner - (48.0 - share * 28.0)).abs() < 0.3, "{share}: {thinner}");
        }
    }

    #[test]
    fn scale_and_aspect_change_the_spread_as_they_say() {
        let digits = mnist("t10k");
        let mut logs = Vec::new();
        for index in 0..200 {
            let image = digits.image(index);
            let (y, x) = spread(&augment(image, 28, 28, &STILL, 1, 0, index as u64));
            let aspect = Augmentation { aspect: 0.1, ..STILL };
            let (new_y, new_x) = spread(&augment(image, 28, 28, &aspect, 1, 0, index as u64));
            logs.push(((new_y / y).ln(), (new_x / x).ln()));
        }
        let opposite = logs.iter().filter(|(y, x)| y * x < 0.0).count();
        assert!(opposite > 180, "{opposite} of 200 grew on one axis and shrank on the other");
        let deviation = (logs.iter().map(|(y, _)| y * y).sum::<f32>() / 200.0).sqrt();
        assert!((0.07..0.12).contains(&deviation), "{deviation}");
    }
}
