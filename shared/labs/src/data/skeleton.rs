//! The pen's path found again in a picture: thinned to a line one pixel wide, then smoothed.
//!
//! With the path, a picture of MNIST can be drawn again by the pad's own renderer, with the shapes of MNIST's 250
//! writers and a pen of any width.

use kindling_protocol::input::Stroke;

use super::ink::centre_of_mass;

/// Strokes of two points each (one for a dot), in pixels of the picture, together the middle line of its ink.
pub fn strokes(image: &[u8], height: usize, width: usize) -> Vec<Stroke> {
    let mut ink = Bitmap::enlarged(image, height, width);
    ink.thin();
    let mut graph = Graph::of(&ink);
    graph.prune();
    graph.smooth();
    graph.lengthen();
    let strokes = graph.segments();
    // Thinning leaves nothing of some round blots.
    if strokes.is_empty() && image.iter().any(|&value| value > 0) {
        let (y, x) = centre_of_mass(image, width);
        return vec![vec![[x, y]]];
    }
    strokes
}

/// Enlargement before thinning: lines of MNIST are two to four pixels wide, too coarse to find a middle in.
const ENLARGE: usize = 3;
/// Branches shorter than this (enlarged pixels) are burrs of thinning and not ink.
const BURR: usize = 5;
/// Pixels of the picture by which thinning leaves an end too short, measured on a drawn line.
const EATEN: f32 = 0.6;

/// Black and white, with a margin of one white pixel so that every pixel has eight neighbours.
struct Bitmap {
    ink: Vec<bool>,
    columns: usize,
}

impl Bitmap {
    fn enlarged(image: &[u8], height: usize, width: usize) -> Bitmap {
        let (rows, columns) = (height * ENLARGE + 2, width * ENLARGE + 2);
        let padded_width = width + 2;
        let mut padded = vec![0.0; (height + 2) * padded_width];
        for (row, line) in image.chunks_exact(width).enumerate() {
            let start = (row + 1) * padded_width + 1;
            padded[start..start + width].iter_mut().zip(line).for_each(|(to, &from)| *to = f32::from(from));
        }
        // Which two source pixels, with the margin counted, and how far towards the second.
        let source = |index: usize| {
            let middle = (index as f32 + 0.5) / ENLARGE as f32 + 0.5;
            (middle as usize, middle - (middle as usize) as f32)
        };
        // Half of full ink; of a faint picture, half of its darkest.
        let threshold = f32::from(image.iter().copied().max().unwrap_or(0)) / 2.0;
        let mut ink = vec![false; rows * columns];
        for row in 0..height * ENLARGE {
            let (top, down) = source(row);
            let line = &mut ink[(row + 1) * columns + 1..][..width * ENLARGE];
            for (column, ink) in line.iter_mut().enumerate() {
                let (left, right) = source(column);
                let across = |row: usize| {
                    let at = row * padded_width + left;
                    padded[at] * (1.0 - right) + padded[at + 1] * right
                };
                *ink = across(top) * (1.0 - down) + across(top + 1) * down > threshold;
            }
        }
        Bitmap { ink, columns }
    }

    /// Offsets of the eight neighbours, clockwise from above.
    fn around(&self) -> [isize; 8] {
        let row = self.columns as isize;
        [-row, 1 - row, 1, row + 1, row, row - 1, -1, -row - 1]
    }

    /// Zhang and Suen, 1984: peels edges in two alternating half-steps until a line is left.
    fn thin(&mut self) {
        let around = self.around();
        let mut candidates: Vec<usize> = (0..self.ink.len()).filter(|&pixel| self.ink[pixel]).collect();
        loop {
            let before = candidates.len();
            for half in 0..2 {
                let peeled: Vec<usize> =
                    candidates.iter().copied().filter(|&pixel| self.peels(pixel, &around, half)).collect();
                peeled.into_iter().for_each(|pixel| self.ink[pixel] = false);
                candidates.retain(|&pixel| self.ink[pixel]);
            }
            if candidates.len() == before {
                return;
            }
        }
    }

    fn peels(&self, pixel: usize, around: &[isize; 8], half: usize) -> bool {
        let near: [bool; 8] = around.map(|offset| self.ink[pixel.wrapping_add_signed(offset)]);
        let count = near.iter().filter(|&&ink| ink).count();
        let rises = (0..8).filter(|&index| !near[index] && near[(index + 1) % 8]).count();
        let [up, _, right, _, down, _, left, _] = near;
        let open = match half {
            0 => !(right && down && (up || left)),
            _ => !(up && left && (right || down)),
        };
        (2..=6).contains(&count) && rises == 1 && open
    }
}

/// The pixels of a line and which of them touch.
struct Graph {
    points: Vec<[f32; 2]>,
    touching: Vec<Vec<usize>>,
}

impl Graph {
    fn of(bitmap: &Bitmap) -> Graph {
        let pixels: Vec<usize> = (0..bitmap.ink.len()).filter(|&pixel| bitmap.ink[pixel]).collect();
        let mut node = vec![usize::MAX; bitmap.ink.len()];
        pixels.iter().enumerate().for_each(|(index, &pixel)| node[pixel] = index);
        let around = bitmap.around();
        let touching = |&pixel: &usize| {
            let near = around.map(|offset| pixel.wrapping_add_signed(offset));
            let ink = |index: usize| bitmap.ink[near[index % 8]];
            // A corner neighbour counts only when no way round it over an edge neighbour exists.
            let linked = |&index: &usize| ink(index) && (index % 2 == 0 || !(ink(index + 7) || ink(index + 1)));
            (0..8).filter(linked).map(|index| node[near[index]]).collect()
        };
        let touching = pixels.iter().map(touching).collect();
        let place = |&pixel: &usize| {
            let (row, column) = (pixel / bitmap.columns, pixel % bitmap.columns);
            [column as f32 - 0.5, row as f32 - 0.5].map(|at| at / ENLARGE as f32)
        };
        Graph { points: pixels.iter().map(place).collect(), touching }
    }

    /// Takes away short branches that end in nothing.
    fn prune(&mut self) {
        for end in 0..self.points.len() {
            let mut branch = vec![end];
            let mut at = end;
            if self.touching[end].len() != 1 {
                continue;
            }
            let fork = loop {
                let next = self.touching[at].iter().copied().find(|node| !branch.contains(node));
                match next {
                    Some(next) if self.touching[next].len() > 2 => break Some(next),
                    Some(next) if branch.len() < BURR => branch.push(next),
                    _ => break None,
                }
                at = *branch.last().expect("it begins with the end");
            };
            if fork.is_some() {
                for node in branch {
                    for other in std::mem::take(&mut self.touching[node]) {
                        self.touching[other].retain(|&back| back != node);
                    }
                }
            }
        }
    }

    /// Moves points towards their neighbours: a line of pixels has steps, a pen has not. Ends stay.
    fn smooth(&mut self) {
        for _ in 0..4 {
            let moved = |(index, &point): (usize, &[f32; 2])| {
                let near = &self.touching[index];
                if near.len() < 2 {
                    return point;
                }
                [0, 1].map(|axis| {
                    let mean = near.iter().map(|&node| self.points[node][axis]).sum::<f32>() / near.len() as f32;
                    (point[axis] + mean) / 2.0
                })
            };
            self.points = self.points.iter().enumerate().map(moved).collect();
        }
    }

    /// Draws ends out to where the middle of the pen was: thinning eats them from the tip as well.
    fn lengthen(&mut self) {
        let ends: Vec<usize> = (0..self.points.len()).filter(|&node| self.touching[node].len() == 1).collect();
        for end in ends {
            let (mut last, mut at) = (end, self.touching[end][0]);
            // A few points back, since the last ones waver.
            for _ in 0..4 {
                let [one, other] = self.touching[at][..] else { break };
                (last, at) = (at, if one == last { other } else { one });
            }
            let [dx, dy] = [0, 1].map(|axis| self.points[end][axis] - self.points[at][axis]);
            let by = EATEN / (dx * dx + dy * dy).sqrt().max(EATEN);
            self.points[end] = [self.points[end][0] + by * dx, self.points[end][1] + by * dy];
        }
    }

    fn segments(&self) -> Vec<Stroke> {
        let mut strokes = Vec::new();
        for (index, near) in self.touching.iter().enumerate() {
            let later = near.iter().filter(|&&node| node > index);
            strokes.extend(later.map(|&node| vec![self.points[index], self.points[node]]));
        }
        if strokes.is_empty() {
            strokes.extend(self.points.first().map(|&point| vec![point]));
        }
        strokes
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use kindling_protocol::input::{Drawing, Preparation};

    use super::super::ink::Frame;
    use super::super::render::prepare_drawing;
    use super::super::testing::mnist;
    use super::*;

    fn picture(strokes: &[&[[f32; 2]]]) -> Vec<u8> {
        let strokes = strokes.iter().map(|stroke| stroke.to_vec()).collect();
        let drawing = Drawing { strokes, side: 1.0, brush: 0.1 };
        prepare_drawing(&drawing, &Frame::MNIST, Preparation::default()).unwrap().unwrap()
    }

    /// (length, number of ends)
    fn measure(strokes: &[Stroke]) -> (f32, usize) {
        let mut degree: HashMap<[u32; 2], usize> = HashMap::new();
        let mut length = 0.0;
        for stroke in strokes {
            let [[ax, ay], [bx, by]] = [stroke[0], stroke[stroke.len() - 1]];
            length += ((ax - bx) * (ax - bx) + (ay - by) * (ay - by)).sqrt();
            [[ax, ay], [bx, by]].iter().for_each(|point| *degree.entry(point.map(f32::to_bits)).or_default() += 1);
        }
        (length, degree.values().filter(|&&count| count == 1).count())
    }

    #[test]
    fn a_line_has_two_ends_a_cross_four_and_a_ring_none() {
        let line = measure(&strokes(&picture(&[&[[0.5, 0.2], [0.5, 0.8]]]), 28, 28));
        // 20 pixels of ink, less half a pen at both ends.
        assert!(line.1 == 2 && (line.0 - 17.1).abs() < 1.0, "{line:?}");
        let cross = measure(&strokes(&picture(&[&[[0.5, 0.2], [0.5, 0.8]], &[[0.2, 0.5], [0.8, 0.5]]]), 28, 28));
        assert!(cross.1 == 4 && (cross.0 - 34.2).abs() < 2.0, "{cross:?}");
        let around = |step: usize| (step as f32 / 40.0 * std::f32::consts::TAU).sin_cos();
        let circle: Vec<[f32; 2]> = (0..=40).map(around).map(|(y, x)| [0.5 + 0.3 * x, 0.5 + 0.3 * y]).collect();
        let ring = measure(&strokes(&picture(&[&circle]), 28, 28));
        assert!(ring.1 == 0 && (ring.0 - 17.1 * std::f32::consts::PI).abs() < 3.0, "{ring:?}");
    }

    #[test]
    fn a_dot_keeps_a_point_and_paper_has_none() {
        assert_eq!(strokes(&[0; 784], 28, 28), Vec::<Stroke>::new());
        let dot = strokes(&picture(&[&[[0.5, 0.5]]]), 28, 28);
        assert!(!dot.is_empty() && measure(&dot).0 < 2.0, "{dot:?}");
        assert!(!strokes(&[255; 784], 28, 28).is_empty());
    }

    /// Drawn again with a pen, MNIST's pictures keep their ink where it was.
    #[test]
    fn the_path_of_a_digit_runs_inside_its_ink() {
        let digits = mnist("t10k");
        let (mut inside, mut points) = (0, 0);
        for index in 0..500 {
            let image = digits.image(index);
            for [x, y] in strokes(image, 28, 28).into_iter().flatten() {
                points += 1;
                inside += usize::from(image[y as usize * 28 + x as usize] > 64);
            }
        }
        assert!(inside * 1000 > points * 985, "{inside} of {points} points");
    }
}
