//! Words of the first screen.
