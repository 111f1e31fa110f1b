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
        fitted(&drawing.strokes, drawing.brush, side, frame)
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
pub const PEN_RANGE: [f32; 2] = [2.0, 3.6];

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

/// Draws strokes so that their ink fills the ink box.
pub(super) fn fitted(strokes: &[Stroke], brush: f32, side: f32, frame: &Frame) -> Patch {
    let (low, high) = bounds(strokes);
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
fn bounds(strokes: &[Stroke]) -> ([f32; 2], [f32; 2]) {
    let start = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    strokes
        .iter()
        .flatten()
        .fold(start, |(low, high), &[x, y]| ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)]))
}

/// Points a pixel is judged by, along each side.
const SAMPLES: usize = 4;

/// Draws `strokes` with a round pen into `rows` x `columns`, the upper left corner being `origin`.
fn draw(strokes: &[Stroke], scale: f32, origin: [f32; 2], pen: f32, rows: usize, columns: usize) -> Vec<u8> {
    let fine = SAMPLES as f32;
    let (fine_rows, fine_columns) = (rows * SAMPLES, columns * SAMPLES);
    let mut inked = vec![false; fine_rows * fine_columns];
    let radius = pen / 2.0 * fine;
    let place = |[x, y]: [f32; 2]| [(x - origin[0]) * scale * fine, (y - origin[1]) * scale * fine];
    for stroke in strokes.iter().filter(|stroke| !stroke.is_empty()) {
        let mut from = place(stroke[0]);
        let last = stroke.len() - 1;
        for (index, &point) in stroke.iter().enumerate() {
            let to = place(point);
            let near = (to[0] - from[0]).abs() + (to[1] - from[1]).abs() < 0.5;
            // Points of a fast pointer lie closer than can be seen.
            if near && index > 0 && index < last {
                continue;
            }
            segment(&mut inked, fine_rows, fine_columns, from, to, radius);
            from = to;
        }
    }
    let count = |row: usize, column: usize| {
        let line = |y: usize| (row * SAMPLES + y) * fine_columns + column * SAMPLES;
        let inked = &inked;
        (0..SAMPLES).map(|y| inked[line(y)..line(y) + SAMPLES].iter().filter(|&&ink| ink).count()).sum::<usize>()
    };
    let pixels = (0..rows * columns).map(|index| count(index / columns, index % columns));
    pixels.map(|count| (count * 255 / (SAMPLES * SAMPLES)) as u8).collect()
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
