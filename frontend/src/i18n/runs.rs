//! Words of the table of runs.
