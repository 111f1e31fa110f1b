//! Symmetric quantisation: a weight is a whole number times a scale. `q = round(w / scale)`, half to even, within
//! `-levels..=levels`; zero stays zero, so what was pruned stays pruned.
//!
//! Calibration is how the scale is chosen: from the weights it is for. Without it the range is a guess.

use kindling_protocol::knob::Knobs;

/// How weights are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coding {
    /// 32: floats, as they are. Else 8 or 4.
    pub bits: u32,
    pub share: Share,
    pub calibration: Calibration,
}

/// Which weights of a matrix `[in, out]` have a scale in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    Tensor,
    /// Those of an output unit.
    Channel,
    /// As many as follow each other in the file. Where nothing else is known of the weights it is the finest, and at
    /// 4 bits a scale is one bit more for each.
    Block,
}

const BLOCK: usize = 32;

impl Share {
    /// Which scale is that of the weight at `place`.
    pub fn scale_of(self, place: usize, outputs: usize) -> usize {
        match self {
            Share::Tensor => 0,
            Share::Channel => place % outputs,
            Share::Block => place / BLOCK,
        }
    }

    /// Scales of so many weights.
    pub fn count(self, weights: usize, outputs: usize) -> usize {
        match self {
            Share::Tensor => 1,
            Share::Channel => outputs,
            Share::Block => weights.div_ceil(BLOCK),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Calibration {
    /// A range from -1 to 1, whatever the weights are.
    Guess,
    /// The greatest magnitude is the greatest number: nothing is clipped.
    Largest,
    /// The range with the least squared error: some are clipped, so that the others are rounded finer.
    LeastSquares,
}

impl Coding {
    pub fn of(knobs: &Knobs) -> Self {
        Coding {
            bits: knobs.word("bits").parse().unwrap_or(32),
            share: match knobs.word("scales") {
                "tensor" => Share::Tensor,
                "block" => Share::Block,
                _ => Share::Channel,
            },
            calibration: match knobs.word("calibration") {
                "none" => Calibration::Guess,
                "largest" => Calibration::Largest,
                _ => Calibration::LeastSquares,
            },
        }
    }

    /// The greatest whole number: 127 or 7. That below `-levels` is not used, so that both signs reach as far.
    fn levels(&self) -> f32 {
        ((1u32 << (self.bits - 1)) - 1) as f32
    }

    pub fn quantise(&self, weight: f32, scale: f32) -> i32 {
        (weight / scale).round_ties_even().clamp(-self.levels(), self.levels()) as i32
    }

    /// The scale that these weights share.
    pub fn scale(&self, weights: &[f32]) -> f32 {
        let largest = weights.iter().fold(0f32, |most, weight| most.max(weight.abs()));
        match self.calibration {
            _ if largest == 0.0 => 1.0,
            Calibration::Guess => 1.0 / self.levels(),
            Calibration::Largest => largest / self.levels(),
            Calibration::LeastSquares => {
                let mut best = (f32::INFINITY, 1.0);
                for twentieths in (4..=20).rev() {
                    let scale = largest / self.levels() * (twentieths as f32 / 20.0);
                    let error = |&weight: &f32| (weight - self.quantise(weight, scale) as f32 * scale).powi(2);
                    let error = weights.iter().map(error).sum();
                    if error < best.0 {
                        best = (error, scale);
                    }
                }
                best.1
            }
        }
    }
}
