//! What a person reads while they wait: one line a step, with its time, and sizes in units people use.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs a step between two lines, so that nobody wonders what is going on or how long it took.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {title}");
    let start = Instant::now();
    let result = work();
    let word = if result.is_ok() { "done" } else { "FAILED" };
    eprintln!("    {word} in {}", time(start.elapsed()));
    result
}

pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 90.0 { format!("{seconds:.1} s") } else { format!("{:.1} min", seconds / 60.0) }
}

/// Decimal units, as network panels show them.
pub fn size(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{:.1} KB", bytes as f64 / 1e3) } else { format!("{:.2} MB", bytes as f64 / 1e6) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_change_where_people_expect() {
        assert_eq!(size(1_500), "1.5 KB");
        assert_eq!(size(20_700_000), "20.70 MB");
        assert_eq!(time(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(time(Duration::from_secs(120)), "2.0 min");
    }
}
