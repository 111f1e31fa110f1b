//! A grey picture of a digit made into what MNIST holds.
//!
//! MNIST was made from black-and-white scans: the box around the ink is scaled by area averaging until its longer
//! side is 20 pixels, which is where the grey edges come from, and the result is put into 28x28 by *whole* pixels
//! so that its centre of mass lies in the pixel right below the middle. Measured on the first 20,000 training
//! pictures: the longer side is 20 in 19,997 of them, and the centre of mass is spread evenly over [14, 15) on
//! both axes, from the upper left corner. Half a pixel off on average, but models learn it, so it is done here too.

use kindling_protocol::input::Preparation;
use kindling_protocol::model::InputSpec;

/// The size of a prepared picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub height: usize,
    pub width: usize,
    /// Longer side of the box around the ink.
    pub ink_box: usize,
}

impl Frame {
    pub const MNIST: Frame = Frame { height: 28, width: 28, ink_box: 20 };

    /// The frame a model asks for. A manifest comes from outside, so it is bounded.
    pub fn of(spec: &InputSpec) -> Result<Frame, InkError> {
        let InputSpec::Ink { height, width, ink_box, .. } = *spec;
        let sides = 4..=256;
        if !sides.contains(&height) || !sides.contains(&width) || ink_box < 2 || ink_box > height.min(width) {
            return Err(InkError::Frame { height, width, ink_box });
        }
        Ok(Frame { height: height as usize, width: width as usize, ink_box: ink_box as usize })
    }
}

/// Prepares a grey picture of any size, 0 being no ink. None: there is no ink in it.
pub fn prepare_picture(
    grey: &[u8],
    height: usize,
    width: usize,
    frame: &Frame,
    preparation: Preparation,
) -> Result<Option<Vec<u8>>, InkError> {
    let fits = (1..=MAX_SIDE).contains(&height) && (1..=MAX_SIDE).contains(&width) && grey.len() == height * width;
    if !fits {
        return Err(InkError::Picture { height, width, bytes: grey.len() });
    }
    let Some(ink) = ink_box(grey, height, width) else { return Ok(None) };
    let patch = if preparation.scale {
        let scale = frame.ink_box as f32 / ink.height().max(ink.width());
        let size = |side: f32| ((side * scale - 1e-3).ceil() as usize).clamp(1, frame.ink_box);
        let (rows, columns) = (size(ink.height()), size(ink.width()));
        let pixels = average(grey, height, width, ink.top, ink.left, 1.0 / scale, rows, columns);
        // Where it was drawn, as far as it fits.
        let place = |middle: f32, side: usize, size: usize, whole: usize| {
            let start = middle / side as f32 * whole as f32 - size as f32 / 2.0;
            start.round().clamp(0.0, (whole - size) as f32) as isize
        };
        Patch {
            top: place(ink.top + ink.height() / 2.0, height, rows, frame.height),
            left: place(ink.left + ink.width() / 2.0, width, columns, frame.width),
            pixels,
            columns,
        }
    } else {
        let scale = (frame.height as f32 / height as f32).min(frame.width as f32 / width as f32);
        let beyond = |side: usize, whole: usize| (side as f32 - whole as f32 / scale) / 2.0;
        let (top, left) = (beyond(height, frame.height), beyond(width, frame.width));
        let pixels = average(grey, height, width, top, left, 1.0 / scale, frame.height, frame.width);
        Patch { top: 0, left: 0, pixels, columns: frame.width }
    };
    // A speck in a large picture may average to nothing.
    if patch.pixels.iter().all(|&value| value == 0) {
        return Ok(None);
    }
    Ok(Some(patch.placed(frame, preparation.centre)))
}

/// Why a picture or a drawing can't be prepared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InkError {
    #[error("a picture of {height}x{width} with {bytes} bytes: expected sides from 1 to {MAX_SIDE} and a byte a pixel")]
    Picture { height: usize, width: usize, bytes: usize },
    #[error(
        "a model input of {height}x{width} with ink of {ink_box}: expected sides from 4 to 256 and ink inside them"
    )]
    Frame { height: u32, width: u32, ink_box: u32 },
    #[error("{strokes} strokes, at most {limit} can be read")]
    Strokes { strokes: usize, limit: usize },
    #[error("{points} points, at most {limit} can be read")]
    Points { points: usize, limit: usize },
    #[error("point {point} of stroke {stroke} is not a pair of usable numbers")]
    Point { stroke: usize, point: usize },
    #[error("a pad of side {side} with a brush of {brush}: both must be positive numbers")]
    Pad { side: f32, brush: f32 },
}

/// Greatest side of a picture that is taken.
pub const MAX_SIDE: usize = 4096;

/// Grey below this is paper. The faintest edge of MNIST's pictures is ink: cut off, they would not come out of
/// preparation as they went in.
const FAINTEST_INK: u8 = 1;

/// A small picture that has a place in the frame; outside of it there is no ink.
pub(super) struct Patch {
    pub top: isize,
    pub left: isize,
    pub pixels: Vec<u8>,
    pub columns: usize,
}

impl Patch {
    /// The whole frame; with `centre` the patch is moved so that its centre of mass is in the pixel below the middle.
    pub fn placed(&self, frame: &Frame, centre: bool) -> Vec<u8> {
        let rows = self.pixels.len() / self.columns;
        let (mut top, mut left) = (self.top, self.left);
        if centre {
            let (y, x) = centre_of_mass(&self.pixels, self.columns);
            top = (frame.height / 2) as isize - y as isize;
            left = (frame.width / 2) as isize - x as isize;
        }
        let mut out = vec![0; frame.height * frame.width]; // [height, width]
        for row in 0..rows {
            for column in 0..self.columns {
                let (y, x) = (top + row as isize, left + column as isize);
                if (0..frame.height as isize).contains(&y) && (0..frame.width as isize).contains(&x) {
                    out[y as usize * frame.width + x as usize] = self.pixels[row * self.columns + column];
                }
            }
        }
        out
    }
}

/// (y, x) in pixels from the upper left corner of the picture; the middle of the first pixel is (0.5, 0.5).
pub(super) fn centre_of_mass(pixels: &[u8], columns: usize) -> (f32, f32) {
    let (mut mass, mut y, mut x) = (0u64, 0u64, 0u64);
    for (index, &value) in pixels.iter().enumerate() {
        let value = u64::from(value);
        mass += value;
        y += value * (2 * (index / columns) as u64 + 1);
        x += value * (2 * (index % columns) as u64 + 1);
    }
    let mean = |sum: u64| sum as f32 / (2 * mass.max(1)) as f32;
    (mean(y), mean(x))
}

struct Box {
    top: f32,
    left: f32,
    bottom: f32,
    right: f32,
}

impl Box {
    fn height(&self) -> f32 {
        self.bottom - self.top
    }

    fn width(&self) -> f32 {
        self.right - self.left
    }
}

fn ink_box(grey: &[u8], height: usize, width: usize) -> Option<Box> {
    let row_has_ink = |row: &usize| grey[row * width..(row + 1) * width].iter().any(|&value| value >= FAINTEST_INK);
    let column_has_ink = |column: &usize| (0..height).any(|row| grey[row * width + column] >= FAINTEST_INK);
    let (top, bottom) = ((0..height).find(row_has_ink)?, (0..height).rfind(row_has_ink)?);
    let (left, right) = ((0..width).find(column_has_ink)?, (0..width).rfind(column_has_ink)?);
    Some(Box { top: top as f32, left: left as f32, bottom: bottom as f32 + 1.0, right: right as f32 + 1.0 })
}

/// `rows` x `columns` pixels, each the mean of a square of `step` source pixels, beginning at (`top`, `left`).
/// What lies outside of the source is no ink.
#[allow(clippy::too_many_arguments)]
fn average(
    grey: &[u8],
    height: usize,
    width: usize,
    top: f32,
    left: f32,
    step: f32,
    rows: usize,
    columns: usize,
) -> Vec<u8> {
    let vertical = shares(top, step, rows, height);
    let horizontal = shares(left, step, columns, width);
    let mut out = Vec::with_capacity(rows * columns);
    for rows in &vertical {
        for columns in &horizontal {
            let sum: f32 = rows
                .iter()
                .map(|&(y, share_y)| {
                    let row: f32 = columns.iter().map(|&(x, share_x)| share_x * f32::from(grey[y * width + x])).sum();
                    share_y * row
                })
                .sum();
            out.push((sum + 0.5) as u8);
        }
    }
    out
}

/// For each of `count` cells of `step` source pixels: which source pixels it covers, with their share in it.
fn shares(start: f32, step: f32, count: usize, size: usize) -> Vec<Vec<(usize, f32)>> {
    let cell = |index: usize| {
        let (from, to) = (start + index as f32 * step, start + (index + 1) as f32 * step);
        let pixels = from.max(0.0) as usize..(to.ceil() as usize).min(size);
        let share = |pixel: usize| ((pixel + 1) as f32).min(to) - (pixel as f32).max(from);
        pixels.map(|pixel| (pixel, share(pixel).max(0.0) / step)).collect()
    };
    (0..count).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::mnist;
    use super::*;

    const ALL: Preparation = Preparation { scale: true, centre: true };

    /// MNIST is already prepared, so preparing it again must change nothing. Of the 10,000 test pictures 9,997 come out
    /// as they went in, and none is moved by a pixel; of the first 20,000 training pictures 19,996.
    #[test]
    fn mnist_prepared_again_stays_as_it_is() {
        let digits = mnist("t10k");
        let (mut differences, mut same, mut moved) = (0u64, 0, 0);
        for index in 0..digits.len() {
            let image = digits.image(index);
            let again = prepare_picture(image, 28, 28, &Frame::MNIST, ALL).unwrap().expect("a digit has ink");
            differences += image.iter().zip(&again).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
            same += usize::from(image == again);
            let ((y, x), (y_again, x_again)) = (centre_of_mass(image, 28), centre_of_mass(&again, 28));
            moved += usize::from((y - y_again).abs() > 1.0 || (x - x_again).abs() > 1.0);
        }
        let mean = differences as f64 / digits.images.len() as f64;
        println!(
            "mean absolute difference {mean:.5} of 255, {same} of {} the same, {moved} moved by over a pixel",
            digits.len()
        );
        assert!(mean < 0.01 && same >= 9_980 && moved == 0, "{mean} {same} {moved}");
    }

    /// A digit anywhere on a large sheet is found, scaled and centred.
    #[test]
    fn mnist_enlarged_and_moved_is_found_again() {
        let digits = mnist("t10k");
        let (times, side) = (9, 400);
        let mut differences = 0u64;
        for index in 0..200 {
            let image = digits.image(index);
            let mut sheet = vec![0; side * side];
            for row in 0..28 * times {
                for column in 0..28 * times {
                    sheet[(row + 100) * side + column + 31] = image[row / times * 28 + column / times];
                }
            }
            let found = prepare_picture(&sheet, side, side, &Frame::MNIST, ALL).unwrap().expect("a digit has ink");
            differences += image.iter().zip(&found).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        }
        let mean = differences as f64 / (200 * 784) as f64;
        assert!(mean < 0.05, "mean absolute difference {mean}");
    }

    #[test]
    fn switches_leave_out_their_step() {
        let mut sheet = vec![0; 56 * 56];
        (8..16).for_each(|row| sheet[row * 56 + 4..row * 56 + 8].fill(200));
        let prepared = |scale, centre| {
            prepare_picture(&sheet, 56, 56, &Frame::MNIST, Preparation { scale, centre })
                .unwrap()
                .expect("there is ink")
        };
        let extent = |pixels: &[u8]| {
            let inked: Vec<usize> = (0..784).filter(|&at| pixels[at] > 0).collect();
            (inked[0] / 28, inked[inked.len() - 1] / 28, inked[0] % 28, inked[inked.len() - 1] % 28)
        };
        assert_eq!(extent(&prepared(false, false)), (4, 7, 2, 3));
        assert_eq!(extent(&prepared(false, true)), (12, 15, 13, 14));
        assert_eq!(extent(&prepared(true, false)), (0, 19, 0, 9));
        assert_eq!(extent(&prepared(true, true)), (4, 23, 9, 18));
    }

    #[test]
    fn paper_without_ink_is_nothing_and_nonsense_is_refused() {
        assert_eq!(prepare_picture(&[0; 100], 10, 10, &Frame::MNIST, ALL), Ok(None));
        // A speck that nothing is left of.
        let mut speck = vec![0; 400 * 400];
        speck[80_200] = 1;
        let as_it_is = Preparation { scale: false, ..ALL };
        assert_eq!(prepare_picture(&speck, 400, 400, &Frame::MNIST, as_it_is), Ok(None));
        for (height, width) in [(0, 100), (100, 0), (10, 11), (1 << 33, 1 << 33)] {
            let refused = prepare_picture(&[0; 100], height, width, &Frame::MNIST, ALL);
            assert!(matches!(refused, Err(InkError::Picture { .. })), "{height}x{width} was taken");
        }
        let spec = |height, width, ink_box| InputSpec::Ink { height, width, ink_box, mean: 0.0, std: 1.0 };
        assert_eq!(Frame::of(&spec(28, 28, 20)), Ok(Frame::MNIST));
        for bad in [spec(28, 28, 29), spec(0, 28, 20), spec(28, u32::MAX, 20), spec(28, 28, 0)] {
            assert!(Frame::of(&bad).is_err(), "{bad:?} was taken");
        }
    }
}
