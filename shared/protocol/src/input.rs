//! What a model is asked about, and what it answers.

use serde::{Deserialize, Serialize};

/// One line of the pen: points in the order they were drawn, x to the right, y **down**.
pub type Stroke = Vec<[f32; 2]>;

/// A drawing as the pad holds it: strokes, not pixels, so that it can be drawn again at any size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drawing {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<[f32; 2]>>))]
    pub strokes: Vec<Stroke>,
    /// Side of the square pad, in the unit of the points.
    pub side: f32,
    /// Pen width, in the unit of the points.
    pub brush: f32,
}

/// A picture of bytes, row by row, channels last; for grey pictures 0 is no ink and 255 full ink.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Picture {
    pub height: u32,
    pub width: u32,
    pub channels: u32,
    /// base64.
    pub pixels: String,
}

/// What a model is asked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ModelInput {
    Drawing(Drawing),
    Picture(Picture),
}

/// Steps of preparation that can be switched off, to see why they matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preparation {
    /// Scale the ink box to the size it has in the training data.
    pub scale: bool,
    /// Put the centre of mass in the middle.
    pub centre: bool,
}

impl Default for Preparation {
    fn default() -> Self {
        Preparation { scale: true, centre: true }
    }
}

/// A model's answer about one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// One probability a class, summing to 1; empty when there was nothing to look at (an empty pad).
    pub probabilities: Vec<f32>,
    /// The model's own "I can't tell": the greatest probability is below its calibrated threshold.
    pub unsure: bool,
    /// What the model was shown, after preparation.
    pub seen: Picture,
    /// Milliseconds spent on preparing and computing, measured where it ran.
    pub took_ms: f64,
}

/// Bounds of what is read from outside. A pad never comes near them.
pub const MAX_STROKES: usize = 256;
pub const MAX_POINTS: usize = 20_000;
