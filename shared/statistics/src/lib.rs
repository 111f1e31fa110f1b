//! What predictions are worth, and what a difference between two of them means. Plain numbers in and out, no burn: the
//! page works with it while somebody drags a threshold, and the labs report by it.
//!
//! In reading order:
//!
//! - [`confusion`]: the matrix, and what is read from it: precision, recall, F1, averages, Matthews, kappa.
//! - [`curves`]: precision-recall and ROC, their areas.
//! - [`calibration`]: is a probability of 0.8 right in 8 of 10 cases?
//! - [`cost`]: what the mistakes cost at each threshold.
//! - [`distributions`]: normal, Student's t, binomial.
//! - [`comparisons`]: tests of a difference: z, t, McNemar, bootstrap.
//! - [`sequential`]: tests that may be looked at while they run.
//! - [`power`]: how many samples a difference needs.
//!
//! Logarithms and the like come from `libm`, so that every machine gets the same bits.

pub mod calibration;
pub mod comparisons;
pub mod confusion;
pub mod cost;
pub mod curves;
pub mod distributions;
#[cfg(test)]
mod golden_comparisons;
#[cfg(test)]
mod golden_metrics;
pub mod power;
pub mod sequential;
#[cfg(test)]
mod testing;
