//! The pad: a square sheet to draw on with mouse, touch, pen or keyboard.
//!
//! - [`sheet`]: what lies on it, with undo and redo.
//! - [`desk`]: the sheet with its settings, shared by everything around it; asks the model as it changes.
//! - [`surface`]: the canvas element.
//! - [`pen`]: from pointer events to strokes. [`cursor`]: from keys to strokes. [`paint`]: from strokes to pixels.
//! - [`tools`]: the buttons below it, and the keys that do the same.

mod cursor;
pub mod desk;
mod paint;
mod pen;
pub mod sheet;
pub mod surface;
pub mod tools;
