//! What pages are made of: the frame around them, and the parts more than one of them uses.

pub mod answer;
pub mod bars;
pub mod copy;
pub mod dialog;
pub mod icons;
pub mod model_choice;
pub mod pad;
pub mod seen;
pub mod shell;
pub mod table_scroll;
pub mod toast;
