//! A training picture varied as hands and pens vary: affine, elastic, stroke width, centred again.

use super::ink::{Frame, Patch};
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
    /// Pixels, after centring.
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
    let mut out = warp(image, height, width, with, &mut random);
    let grow = random.between(-with.thinner, with.thicker);
    if grow != 0.0 {
        out = thicken(&out, height, width, grow);
    }
    if with.centre {
        let frame = Frame { height, width, ink_box: height.min(width) };
        out = Patch { top: 0, left: 0, pixels: out, columns: width }.placed(&frame, true);
    }
    out
}

/// Intervals of the elastic grid along each side.
const CELLS: usize = 4;

fn warp(image: &[u8], height: usize, width: usize, with: &Augmentation, random: &mut Stream) -> Vec<u8> {
    let mut normal = || random.normal().clamp(-2.0, 2.0);
    let angle = (with.rotation_degrees * normal()).to_radians();
    let (shear, scale, aspect) = (with.shear * normal(), with.scale * normal(), with.aspect * normal());
    let (shift_y, shift_x) = (with.shift * normal(), with.shift * normal());
    let grid: [[[f32; 2]; CELLS + 1]; CELLS + 1] =
        std::array::from_fn(|_| std::array::from_fn(|_| [with.elastic * normal(), with.elastic * normal()]));
    let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
    let (scale_y, scale_x) = (libm::expf(scale + aspect), libm::expf(scale - aspect));
    let (middle_y, middle_x) = (height as f32 / 2.0, width as f32 / 2.0);
    let mut out = Vec::with_capacity(height * width);
    for row in 0..height {
        for column in 0..width {
            let (y, x) = (row as f32 + 0.5 - middle_y - shift_y, column as f32 + 0.5 - middle_x - shift_x);
            let (rotated_y, rotated_x) = (cos * y - sin * x, sin * y + cos * x);
            let source_y = rotated_y / scale_y;
            let source_x = (rotated_x + shear * rotated_y) / scale_x;
            let [elastic_y, elastic_x] = displacement(&grid, row as f32 / height as f32, column as f32 / width as f32);
            let y = source_y + middle_y + elastic_y - 0.5;
            let x = source_x + middle_x + elastic_x - 0.5;
            out.push(bilinear(image, height, width, y, x));
        }
    }
    out
}

fn displacement(grid: &[[[f32; 2]; CELLS + 1]; CELLS + 1], y: f32, x: f32) -> [f32; 2] {
    let (y, x) = (y * CELLS as f32, x * CELLS as f32);
    let (top, left) = (y as usize, x as usize);
    let (down, right) = (y - top as f32, x - left as f32);
    [0, 1].map(|axis| {
        let upper = grid[top][left][axis] * (1.0 - right) + grid[top][left + 1][axis] * right;
        let lower = grid[top + 1][left][axis] * (1.0 - right) + grid[top + 1][left + 1][axis] * right;
        upper * (1.0 - down) + lower * down
    })
}

fn bilinear(image: &[u8], height: usize, width: usize, y: f32, x: f32) -> u8 {
    let (top, left) = (y.floor(), x.floor());
    let (down, right) = (y - top, x - left);
    let value = |y: f32, x: f32| {
        let inside = y >= 0.0 && x >= 0.0 && y < height as f32 && x < width as f32;
        if inside { f32::from(image[y as usize * width + x as usize]) } else { 0.0 }
    };
    let upper = value(top, left) * (1.0 - right) + value(top, left + 1.0) * right;
    let lower = value(top + 1.0, left) * (1.0 - right) + value(top + 1.0, left + 1.0) * right;
    (upper * (1.0 - down) + lower * down + 0.5) as u8
}

/// Moves the edges of the ink by `grow` pixels, out or in, less than one. Between a picture and its greatest
/// neighbour lies what anti-aliasing gives a line that much wider: the grey of an edge grows by `grow`, and what
/// passes 1 goes into the next pixel.
fn thicken(image: &[u8], height: usize, width: usize, grow: f32) -> Vec<u8> {
    let pick = if grow > 0.0 { u8::max } else { u8::min };
    let share = grow.abs();
    let at = |y: usize, x: usize| image[y * width + x];
    let mut out = Vec::with_capacity(image.len());
    for y in 0..height {
        let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)];
        for x in 0..width {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let cross = [at(rows[0], x), at(rows[2], x), at(y, left), at(y, right)].into_iter().fold(at(y, x), pick);
            let corners = [at(rows[0], left), at(rows[0], right), at(rows[2], left), at(rows[2], right)];
            let square = corners.into_iter().fold(cross, pick);
            // The mean of a diamond and a square moves straight and slanting edges alike.
            let edge = (f32::from(cross) + f32::from(square)) / 2.0;
            out.push((f32::from(at(y, x)) * (1.0 - share) + edge * share + 0.5) as u8);
        }
    }
    out
}
