//! The pen's path found again in a picture: thinned to a line one pixel wide, then smoothed.
//!
//! With the path, a picture of MNIST can be drawn again by the pad's own renderer, with the shapes of MNIST's 250
//! writers and a pen of any width.

use kindling_protocol::input::Stroke;

/// Strokes of two points each, in pixels of the picture, together the middle line of its ink.
pub fn strokes(image: &[u8], height: usize, width: usize) -> Vec<Stroke> {
    let mut ink = Bitmap::enlarged(image, height, width);
    ink.thin();
    let mut graph = Graph::of(&ink);
    graph.prune();
    graph.smooth();
    graph.segments()
}

/// Enlargement before thinning: lines of MNIST are two to four pixels wide, too coarse to find a middle in.
const ENLARGE: usize = 3;
/// Branches shorter than this (enlarged pixels) are burrs of thinning and not ink.
const BURR: usize = 5;

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
                *ink = across(top) * (1.0 - down) + across(top + 1) * down > 127.5;
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
            0 => !(up && right && down) && !(right && down && left),
            _ => !(up && right && left) && !(up && down && left),
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
