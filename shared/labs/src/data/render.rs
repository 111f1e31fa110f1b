//! Strokes drawn straight at the size of a prepared picture.
//!
//! Strokes are vectors, so nothing is lost by choosing the scale before drawing: the box around the ink, pen
//! included, becomes the frame's ink box, and the pen becomes as wide as pens are in MNIST. A round pen is drawn
//! in black and white at 4x4 points a pixel and averaged, as MNIST averaged its scans.

use kindling_protocol::input::{Drawing, MAX_POINTS, MAX_STROKES, Preparation, Stroke};

use super::ink::{Frame, InkError, Patch};

/// Prepares a drawing. None: nothing is drawn.
pub fn prepare_drawing(
    drawing: &Drawing,
    frame: &Frame,
    preparation: Preparation,
) -> Result<Option<Vec<u8>>, InkError> {
    check(drawing)?;
    if drawing.strokes.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let side = drawing.side;
    let patch = if preparation.scale {
        fitted(&without_taps(&drawing.strokes, drawing.brush), drawing.brush, side, frame)
    } else {
        let scale = frame.height.min(frame.width) as f32 / side;
        let pixels = draw(&drawing.strokes, scale, [0.0; 2], drawing.brush * scale, frame.height, frame.width);
        Patch { top: 0, left: 0, pixels, columns: frame.width }
    };
    // Strokes may lie outside of the pad when nothing is scaled.
    let empty = patch.pixels.iter().all(|&value| value == 0);
    Ok((!empty).then(|| patch.placed(frame, preparation.centre)))
}

/// Pen widths in a 20-pixel ink box that are drawn as they are; others are brought to the nearest.
///
/// MNIST's own, measured as ink over length of the [`skeleton`](super::skeleton) on the first 20,000 training pictures
/// (less 7 %, which is by how much that method reads a known pen too wide): 10 % are below 1.7 pixels, half below 2.4,
/// 90 % below 3.4. The default brush on a digit of 60 % of the pad comes to 2.5.
pub const PEN_RANGE: [f32; 2] = [1.9, 3.3];

fn check(drawing: &Drawing) -> Result<(), InkError> {
    let usable = |length: f32| length.is_finite() && length > 0.0;
    if !usable(drawing.side) || !usable(drawing.brush) {
        return Err(InkError::Pad { side: drawing.side, brush: drawing.brush });
    }
    if drawing.strokes.len() > MAX_STROKES {
        return Err(InkError::Strokes { strokes: drawing.strokes.len(), limit: MAX_STROKES });
    }
    let points = drawing.strokes.iter().map(Vec::len).sum();
    if points > MAX_POINTS {
        return Err(InkError::Points { points, limit: MAX_POINTS });
    }
    // Far outside of the pad floats lose the digits that a drawing needs.
    let limit = drawing.side * 1000.0;
    for (stroke, points) in drawing.strokes.iter().enumerate() {
        if let Some(point) = points.iter().position(|&[x, y]| !(x.abs() <= limit && y.abs() <= limit)) {
            return Err(InkError::Point { stroke, point });
        }
    }
    Ok(())
}

/// A tap of the pen beside a digit would make the box large and the digit small. So a stroke that hardly moved, beside
/// one that did, is not ink.
fn without_taps(strokes: &[Stroke], brush: f32) -> Vec<&[[f32; 2]]> {
    let extent = |stroke: &Stroke| {
        let (low, high) = bounds(std::iter::once(stroke.as_slice()));
        (high[0] - low[0]).max(high[1] - low[1])
    };
    let drawn = strokes.iter().any(|stroke| extent(stroke) > 3.0 * brush);
    let strokes = strokes.iter().filter(|stroke| !drawn || extent(stroke) > brush / 4.0);
    strokes.map(Vec::as_slice).collect()
}

/// Draws strokes so that their ink fills the ink box.
pub(super) fn fitted<S: AsRef<[[f32; 2]]>>(strokes: &[S], brush: f32, side: f32, frame: &Frame) -> Patch {
    let (low, high) = bounds(strokes.iter().map(AsRef::as_ref));
    let extent = (high[0] - low[0]).max(high[1] - low[1]);
    let ink_box = frame.ink_box as f32;
    let unit = ink_box / 20.0;
    let pen = (ink_box * brush / (extent + brush)).clamp(PEN_RANGE[0] * unit, PEN_RANGE[1] * unit);
    // A dot, or a tremble smaller than the pen, is not blown up to the size of a digit.
    let scale = (ink_box - pen) / extent.max(brush / 2.0);
    let size = |low: f32, high: f32| (((high - low) * scale + pen - 1e-3).ceil() as usize).clamp(1, frame.ink_box);
    let (columns, rows) = (size(low[0], high[0]), size(low[1], high[1]));
    let origin = [low[0] - pen / 2.0 / scale, low[1] - pen / 2.0 / scale];
    let place = |low: f32, high: f32, size: usize, whole: usize| {
        let start = (low + high) / 2.0 / side * whole as f32 - size as f32 / 2.0;
        start.round().clamp(0.0, (whole - size) as f32) as isize
    };
    Patch {
        top: place(low[1], high[1], rows, frame.height),
        left: place(low[0], high[0], columns, frame.width),
        pixels: draw(strokes, scale, origin, pen, rows, columns),
        columns,
    }
}

/// Least and greatest x and y.
fn bounds<'a>(strokes: impl Iterator<Item = &'a [[f32; 2]]>) -> ([f32; 2], [f32; 2]) {
    let start = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    strokes
        .flatten()
        .fold(start, |(low, high), &[x, y]| ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)]))
}

/// Points a pixel is judged by, along each side.
const SAMPLES: usize = 4;

/// Draws `strokes` with a round pen into `rows` x `columns`, the upper left corner being `origin`.
fn draw<S: AsRef<[[f32; 2]]>>(
    strokes: &[S],
    scale: f32,
    origin: [f32; 2],
    pen: f32,
    rows: usize,
    columns: usize,
) -> Vec<u8> {
    let fine = SAMPLES as f32;
    let (fine_rows, fine_columns) = (rows * SAMPLES, columns * SAMPLES);
    let mut inked = vec![false; fine_rows * fine_columns];
    let radius = pen / 2.0 * fine;
    let place = |[x, y]: [f32; 2]| [(x - origin[0]) * scale * fine, (y - origin[1]) * scale * fine];
    for stroke in strokes.iter().map(AsRef::as_ref).filter(|stroke| !stroke.is_empty()) {
        let mut from = place(stroke[0]);
        let last = stroke.len() - 1;
        for (index, &point) in stroke.iter().enumerate() {
            let to = place(point);
            let near = (to[0] - from[0]).abs() + (to[1] - from[1]).abs() < 1.0;
            // Points of a fast pointer lie closer than can be seen.
            if near && index > 0 && index < last {
                continue;
            }
            segment(&mut inked, fine_rows, fine_columns, from, to, radius);
            from = to;
        }
    }
    average(&inked, rows, columns)
}

/// Weights of the samples that a pixel is the mean of, along one side: its own four and one of each neighbour. This
/// makes edges as soft as MNIST's. Its pictures drawn again, each with its own width of pen, against themselves (the
/// first 6,000 of the training set): 155 and 151 pixels have ink; of these 17, 13, 12, 15, 15 and 27 in 100 have the
/// greys 1-31, 32-95, 96-159, 160-223, 224-252 and 253-255, and in MNIST 11, 14, 13, 15, 19 and 29.
const WEIGHTS: [u32; 6] = [1, 2, 3, 3, 2, 1];

fn average(inked: &[bool], rows: usize, columns: usize) -> Vec<u8> {
    let reach = (WEIGHTS.len() - SAMPLES) as isize;
    let total = WEIGHTS.iter().sum::<u32>().pow(2);
    let (fine_rows, fine_columns) = (rows * SAMPLES, columns * SAMPLES);
    // Each line of samples summed along its length first: [fine_rows, columns].
    let along = |cell: usize, count: usize, at: &dyn Fn(usize) -> u32| -> u32 {
        let first = (cell * SAMPLES) as isize - reach / 2;
        let inside = WEIGHTS.iter().enumerate().filter_map(|(index, &weight)| {
            let sample = usize::try_from(first + index as isize).ok().filter(|&sample| sample < count)?;
            Some(weight * at(sample))
        });
        inside.sum()
    };
    let mut lines = Vec::with_capacity(fine_rows * columns);
    for line in inked.chunks_exact(fine_columns) {
        lines.extend((0..columns).map(|column| along(column, fine_columns, &|x| u32::from(line[x]))));
    }
    let pixel = |index: usize| {
        let sum = along(index / columns, fine_rows, &|y| lines[y * columns + index % columns]);
        (sum * 255 / total) as u8
    };
    (0..rows * columns).map(pixel).collect()
}

/// Inks every sample within `radius` of the line from `a` to `b`.
fn segment(inked: &mut [bool], rows: usize, columns: usize, a: [f32; 2], b: [f32; 2], radius: f32) {
    let range = |a: f32, b: f32, count: usize| {
        let from = (a.min(b) - radius - 0.5).ceil().max(0.0) as usize;
        let to = ((a.max(b) + radius - 0.5).floor() + 1.0).clamp(0.0, count as f32) as usize;
        from..to.max(from)
    };
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length_squared = dx * dx + dy * dy;
    for row in range(a[1], b[1], rows) {
        let y = row as f32 + 0.5 - a[1];
        for column in range(a[0], b[0], columns) {
            let x = column as f32 + 0.5 - a[0];
            let along = if length_squared > 0.0 { ((x * dx + y * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
            let (off_x, off_y) = (x - along * dx, y - along * dy);
            if off_x * off_x + off_y * off_y <= radius * radius {
                inked[row * columns + column] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ink::centre_of_mass;
    use super::*;

    const ALL: Preparation = Preparation { scale: true, centre: true };
    const NONE: Preparation = Preparation { scale: false, centre: false };

    fn drawing(strokes: &[&[[f32; 2]]], side: f32, brush: f32) -> Drawing {
        Drawing { strokes: strokes.iter().map(|stroke| stroke.to_vec()).collect(), side, brush }
    }

    fn prepared(drawing: &Drawing, preparation: Preparation) -> Vec<u8> {
        prepare_drawing(drawing, &Frame::MNIST, preparation).unwrap().expect("there is ink")
    }

    /// First and last row and column with ink.
    fn extent(pixels: &[u8]) -> [usize; 4] {
        let inked = || (0..784).filter(|&at| pixels[at] > 0);
        let (rows, columns) = (inked().map(|at| at / 28), inked().map(|at| at % 28));
        [rows.clone().min(), rows.max(), columns.clone().min(), columns.max()].map(|edge| edge.expect("there is ink"))
    }

    fn area(pixels: &[u8]) -> f32 {
        pixels.iter().map(|&value| f32::from(value) / 255.0).sum()
    }

    const SEVEN: &[&[[f32; 2]]] = &[&[[60.0, 60.0], [200.0, 60.0], [110.0, 220.0]]];

    #[test]
    fn the_ink_box_is_twenty_pixels_and_the_mass_is_in_the_middle() {
        let pixels = prepared(&drawing(SEVEN, 280.0, 24.0), ALL);
        let [top, bottom, left, right] = extent(&pixels);
        assert_eq!(bottom - top + 1, 20);
        assert!(right - left < 20);
        let (y, x) = centre_of_mass(&pixels, 28);
        assert!((14.0..15.0).contains(&y) && (14.0..15.0).contains(&x), "({y}, {x})");
    }

    #[test]
    fn size_and_place_on_the_pad_do_not_matter() {
        let reference = prepared(&drawing(SEVEN, 280.0, 24.0), ALL);
        for (scale, shift) in [(0.5, 100.0), (1.0, -40.0), (4.0, 3.0)] {
            let moved: Vec<[f32; 2]> = SEVEN[0].iter().map(|point| point.map(|at| at * scale + shift)).collect();
            let pixels = prepared(&drawing(&[&moved], 280.0 * scale, 24.0 * scale), ALL);
            let worst = pixels.iter().zip(&reference).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst <= 60, "a pixel changed by {worst}");
            assert!((area(&pixels) - area(&reference)).abs() < 0.5);
        }
    }

    #[test]
    fn the_pen_is_as_wide_as_pens_in_mnist_however_small_the_drawing() {
        // The area of a line 20 long with round ends tells its width.
        let width = |length: f32, brush: f32| {
            let line = drawing(&[&[[0.5, 0.1], [0.5, 0.1 + length]]], 1.0, brush);
            let area = area(&prepared(&line, ALL));
            (1..400).map(|step| step as f32 / 100.0).find(|w| (20.0 - w) * w + w * w * 0.785 >= area).unwrap()
        };
        assert!((width(0.6, 0.085) - 2.48).abs() < 0.2, "{}", width(0.6, 0.085));
        assert!((width(0.8, 0.01) - PEN_RANGE[0]).abs() < 0.2, "{}", width(0.8, 0.01));
        assert!((width(0.1, 0.085) - PEN_RANGE[1]).abs() < 0.2, "{}", width(0.1, 0.085));
    }

    #[test]
    fn a_dot_is_a_dot() {
        let (dot, tremble): (&[[f32; 2]], &[[f32; 2]]) = (&[[0.3, 0.3]], &[[0.3, 0.3], [0.302, 0.3], [0.3, 0.301]]);
        for stroke in [dot, tremble] {
            let pixels = prepared(&drawing(&[stroke], 1.0, 0.085), ALL);
            let [top, bottom, left, right] = extent(&pixels);
            assert!(bottom - top < 5 && right - left < 5, "{:?}", extent(&pixels));
        }
    }

    #[test]
    fn a_tap_beside_a_digit_is_not_ink() {
        let alone = prepared(&drawing(SEVEN, 280.0, 24.0), ALL);
        let tap: &[[f32; 2]] = &[[270.0, 10.0], [272.0, 11.0]];
        assert_eq!(prepared(&drawing(&[SEVEN[0], tap, &[]], 280.0, 24.0), ALL), alone);
        let bar: &[[f32; 2]] = &[[100.0, 140.0], [170.0, 140.0]];
        assert_ne!(prepared(&drawing(&[SEVEN[0], bar], 280.0, 24.0), ALL), alone);
    }

    #[test]
    fn switches_leave_out_their_step() {
        let small = drawing(&[&[[0.1, 0.1], [0.1, 0.3]]], 1.0, 0.085);
        let [top, bottom, left, _] = extent(&prepared(&small, NONE));
        assert_eq!((top, bottom, left), (1, 9, 1));
        let [top, bottom, ..] = extent(&prepared(&small, Preparation { scale: false, centre: true }));
        assert!((bottom - top) == 8 && top == 10, "{top} {bottom}");
        let [top, bottom, left, _] = extent(&prepared(&small, Preparation { scale: true, centre: false }));
        assert_eq!((top, bottom), (0, 19));
        assert!(left < 3);
        let outside = drawing(&[&[[2.0, 2.0], [3.0, 3.0]]], 1.0, 0.085);
        assert_eq!(prepare_drawing(&outside, &Frame::MNIST, NONE), Ok(None));
    }

    #[test]
    fn what_is_not_a_drawing_is_refused() {
        let refused = |drawing: &Drawing| prepare_drawing(drawing, &Frame::MNIST, ALL).unwrap_err();
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
            let point = drawing(&[&[[0.5, 0.5]], &[[0.1, 0.1], [0.2, bad]]], 1.0, 0.085);
            assert_eq!(refused(&point), InkError::Point { stroke: 1, point: 1 });
        }
        for (side, brush) in [(0.0, 0.1), (1.0, 0.0), (-1.0, 0.1), (f32::NAN, 0.1), (1.0, f32::INFINITY)] {
            assert!(matches!(refused(&drawing(SEVEN, side, brush)), InkError::Pad { .. }), "{side} {brush}");
        }
        let strokes = Drawing { strokes: vec![vec![[0.5; 2]]; MAX_STROKES + 1], side: 1.0, brush: 0.085 };
        assert_eq!(refused(&strokes), InkError::Strokes { strokes: MAX_STROKES + 1, limit: MAX_STROKES });
        let points = Drawing { strokes: vec![vec![[0.5; 2]; MAX_POINTS + 1]], side: 1.0, brush: 0.085 };
        assert_eq!(refused(&points), InkError::Points { points: MAX_POINTS + 1, limit: MAX_POINTS });
    }

    #[test]
    fn an_empty_pad_is_nothing() {
        for strokes in [vec![], vec![vec![], vec![]]] {
            let empty = Drawing { strokes, side: 1.0, brush: 0.085 };
            assert_eq!(prepare_drawing(&empty, &Frame::MNIST, ALL), Ok(None));
        }
    }

    #[test]
    fn any_numbers_in_bounds_are_drawn_without_a_fault() {
        let mut random = super::super::random::stream(1, "render", 0, 0);
        for round in 0..300 {
            let reach = [1e-3, 1.0, 900.0][round % 3];
            let mut coordinate = || random.between(-reach, reach);
            let strokes = vec![(0..20).map(|_| [coordinate(), coordinate()]).collect::<Vec<_>>(); 3];
            let brush = [1e-6, 0.085, 100.0][round / 3 % 3];
            for preparation in [ALL, NONE] {
                let drawing = Drawing { strokes: strokes.clone(), side: 1.0, brush };
                let pixels = prepare_drawing(&drawing, &Frame::MNIST, preparation).unwrap();
                assert!(pixels.is_none_or(|pixels| pixels.len() == 784));
            }
        }
    }
}
