//! What a lab's panels are drawn with: charts, heat maps, predictions. Nothing here knows a lab.
//!
//! - [`drawing`]: a chart. [`layout`], [`shapes`]: where its parts stand, worked out without a document; [`strokes`]:
//!   the parts as SVG. [`reading`]: what it says where somebody points; [`numbers`]: the same as table and file.
//! - [`heatmap`]: a table coloured by its values. [`predictions`]: what a classifier's predictions are worth.

pub mod drawing;
pub mod heatmap;
pub mod layout;
pub mod numbers;
pub mod predictions;
pub mod reading;
pub mod shapes;
pub mod strokes;
