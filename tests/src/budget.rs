//! The design's budgets of time and memory, told in one form that `cargo xtask test` gathers into a table.

/// Prints what was measured. A test machine may be busy, so only ten times the budget is a failure: time is
/// shown here, and proved by nobody's deadline.
pub fn report(what: &str, measured: f64, limit: f64, unit: &str) {
    println!("budget: {what} | {measured:.0} {unit} | {limit:.0} {unit}");
    assert!(measured < 10.0 * limit, "{what}: {measured:.0} {unit}, ten times over {limit:.0} {unit}");
}
