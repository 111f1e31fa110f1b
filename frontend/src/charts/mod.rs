//! Curves, drawn as SVG without a library.
//!
//! - [`curve`]: points, and the few of them worth drawing. [`scale`]: values to pixels, ticks.
//! - [`plot`]: everything a chart draws, worked out without a document.
//! - [`chart`]: the component. [`cross_hair`]: pointing at it. [`legend`], [`table`]: the same in words. [`toolbar`]: what all charts of a page share.
//! - [`export`]: CSV, PNG and SVG files. [`save`]: their buttons. [`width`]: how wide a drawing may be.

pub mod chart;
pub mod cross_hair;
pub mod curve;
pub mod export;
pub mod legend;
pub mod plot;
pub mod save;
pub mod scale;
pub mod table;
pub mod toolbar;
pub mod width;
