//! Drawings of numbers for a lab's panels: the lab says what is to be seen, the page how it looks.
//!
//! The curves of a run are not among them: those grow point by point ([`Points`](crate::event::EventBody::Points)).

use serde::{Deserialize, Serialize};

use crate::lab::Unit;
use crate::text::Text;

/// Lines, points and bars over two axes. All numbers finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chart {
    /// Of the panel that shows it.
    pub id: String,
    pub x: Axis,
    pub y: Axis,
    /// Each with a hue, a dash and a point shape of its own, so that they differ without colour.
    pub traces: Vec<Trace>,
    /// Moments that belong on the x axis: an event, a chosen value.
    #[serde(default)]
    pub marks: Vec<ChartMark>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Axis {
    pub label: Text,
    pub unit: Unit,
    #[serde(default)]
    pub log: bool,
    /// Names of the whole numbers from 0 on, where the axis holds kinds and not amounts.
    #[serde(default)]
    pub names: Vec<Text>,
    /// Of the y axis: a unit is as long as on the x axis, for distances that are looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub equal: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trace {
    pub label: Text,
    pub shape: Shape,
    /// `[x, y]`, in drawing order.
    pub points: Vec<[f32; 2]>,
    /// `[low, high]` in y for each point, or none: an interval, drawn as a band under lines and as whiskers elsewhere.
    #[serde(default)]
    pub spread: Vec<[f32; 2]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Line,
    /// A line that is compared with: chance, a bound, a law.
    Dashed,
    Steps,
    Points,
    /// From zero; several traces stand side by side.
    Bars,
    /// Lying bars: each from one point to the next one, two points a bar, around their place on the y axis.
    Spans,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChartMark {
    pub x: f32,
    pub text: Text,
}

/// A number for each row and column. All rows are as long as `columns`; a cell that is not known is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heatmap {
    pub id: String,
    pub x: Text,
    pub y: Text,
    pub columns: Vec<String>,
    pub rows: Vec<String>,
    pub values: Vec<Vec<Option<f32>>>,
    pub unit: Unit,
    /// The same over other axes, to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub others: Vec<Heatmap>,
}

impl Shape {
    /// Areas, which are told apart without colour by their hatching.
    pub fn is_filled(self) -> bool {
        matches!(self, Shape::Bars | Shape::Spans)
    }

    /// How many points are read as one: both ends of a lying bar.
    pub fn ends(self) -> usize {
        if self == Shape::Spans { 2 } else { 1 }
    }
}

impl Trace {
    pub fn new(label: Text, shape: Shape, points: Vec<[f32; 2]>) -> Self {
        Trace { label, shape, points, spread: Vec::new() }
    }
}

impl Axis {
    /// Amounts on a linear scale.
    pub fn new(label: Text, unit: Unit) -> Self {
        Axis { label, unit, log: false, names: Vec::new(), equal: false }
    }
}
