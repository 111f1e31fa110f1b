//! What a lab's page is made of. Nothing here knows a lab: all of it follows the spec and the events.
//!
//! - [`run_view`]: a run's events, turned into what can be drawn. [`live`]: a run that is looked at.
//! - [`state`]: what the page knows and can do.
//! - [`knobs`], [`own_file`], [`run_predictions`], [`place`], [`cost`]: the form. [`kept_file`]: a file that a field of it holds.
//!   [`changes`]: what was set otherwise than by default.
//! - [`run_bar`], [`notices`], [`goals`], [`preset`], [`actions`]: the run. [`figures`]: what it came to, in words.
//! - [`curves`], [`compare`]: its charts, and other runs beside it.
//! - [`panels`], [`in_turn`], [`matrix`], [`confusion`], [`images`], [`picture`]: what else it shows.
//! - [`own_drawing`]: the lab on the learner's own drawing, without a run.
//! - [`run_file`]: a run as one file.
//! - [`segmented`]: one of a few, as a row of buttons. [`speed`]: how fast earlier runs were.

pub mod actions;
pub mod changes;
pub mod compare;
pub mod confusion;
pub mod cost;
pub mod curves;
pub mod figures;
pub mod goals;
pub mod images;
pub mod in_turn;
pub mod kept_file;
pub mod knobs;
pub mod live;
pub mod matrix;
pub mod notices;
pub mod own_drawing;
pub mod own_file;
pub mod panels;
pub mod picture;
pub mod place;
pub mod preset;
pub mod run_bar;
pub mod run_file;
pub mod run_predictions;
pub mod run_view;
pub mod segmented;
pub mod speed;
pub mod state;
