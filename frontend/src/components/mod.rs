//! What pages are made of: the frame around them, and the parts more than one of them uses.

pub mod shell;
