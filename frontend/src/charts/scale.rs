//! From values to pixels and back, and where the ticks stand.

/// No log scale reaches below it, nor above one over it: the ratio of its ends would be no number.
const LEAST_OF_LOG: f64 = 1e-100;

/// One axis: an interval of values laid on an interval of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub log: bool,
    /// Pixel of `low` and of `high`; the second is the smaller one for an axis that runs upwards.
    pub pixels: (f64, f64),
}

impl Scale {
    /// Wraps all finite values, with a little air. A log scale leaves out what is not above zero, and its ends are no
    /// further than `LEAST_OF_LOG` lets them.
    pub fn around(values: impl Iterator<Item = f64>, log: bool, pixels: (f64, f64)) -> Scale {
        let usable = values.filter(|value| value.is_finite() && (!log || *value > 0.0));
        let usable = usable.map(|value| if log { value.clamp(LEAST_OF_LOG, 1.0 / LEAST_OF_LOG) } else { value });
        let (low, high) = usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            let (low, high) = if log { (0.1, 1.0) } else { (0.0, 1.0) };
            return Scale { low, high, log, pixels };
        }
        let (low, high) = if log {
            let air = (high / low).powf(0.05).max(1.05);
            (low / air, high * air)
        } else {
            let air = if high > low { (high - low) * 0.06 } else { high.abs().max(1.0) * 0.1 };
            // A curve of positive values starts at a floor, not below it.
            (if low >= 0.0 { (low - air).max(0.0) } else { low - air }, high + air)
        };
        Scale { low, high, log, pixels }
    }

    /// The pixel of a value; nothing for a value that has no place on this axis.
    pub fn pixel(&self, value: f64) -> Option<f64> {
        let share = if self.log {
            (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln())
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.is_finite().then_some(self.pixels.0 + share * (self.pixels.1 - self.pixels.0))
    }

    pub fn value(&self, pixel: f64) -> f64 {
        let share = (pixel - self.pixels.0) / (self.pixels.1 - self.pixels.0);
        if self.log {
            (self.low.ln() + share * (self.high.ln() - self.low.ln())).exp()
        } else {
            self.low + share * (self.high - self.low)
        }
    }

    /// About `count` round values inside the interval.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        if self.log { self.log_ticks(count) } else { self.linear_ticks(count) }
    }

    fn linear_ticks(&self, count: usize) -> Vec<f64> {
        let step = round_up((self.high - self.low) / count.max(1) as f64);
        if !step.is_finite() || step <= 0.0 {
            return Vec::new();
        }
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|index| index as f64 * step).collect()
    }

    /// 1, 2 and 5 of each decade where there is room, whole decades where there is not.
    fn log_ticks(&self, count: usize) -> Vec<f64> {
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let within = |value: &f64| (self.low..=self.high).contains(value);
        let of_decades = |digits: &[f64]| -> Vec<f64> {
            decades
                .clone()
                .flat_map(|ten| digits.iter().map(move |digit| digit * 10f64.powi(ten)))
                .filter(within)
                .collect()
        };
        let fine = of_decades(&[1.0, 2.0, 5.0]);
        let coarse = of_decades(&[1.0]);
        if fine.len() < 2 {
            return self.linear_ticks(count);
        }
        if fine.len() <= count * 2 || coarse.len() < 2 { fine } else { coarse }
    }
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten.
fn round_up(step: f64) -> f64 {
    let ten = 10f64.powf(step.log10().floor());
    let digit = [1.0, 2.0, 2.5, 5.0].into_iter().find(|digit| digit * ten >= step * 0.999_999).unwrap_or(10.0);
    digit * ten
}

/// A number as an axis or a cross-hair says it: short, without noise digits.
pub fn short(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return if value.is_nan() { "NaN".into() } else { "∞".into() };
    }
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.1e}").replace(".0e", "e");
    }
    let text = match size {
        _ if size >= 100.0 => format!("{value:.0}"),
        _ if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_values_are_inverse() {
        for log in [false, true] {
            let scale = Scale { low: 0.01, high: 2.5, log, pixels: (200.0, 10.0) };
            for value in [0.01, 0.3, 2.5] {
                assert!((scale.value(scale.pixel(value).unwrap()) - value).abs() < 1e-9);
            }
            assert_eq!(scale.pixel(0.01), Some(200.0));
        }
    }

    #[test]
    fn what_has_no_place_has_no_pixel() {
        let log = Scale { low: 0.1, high: 1.0, log: true, pixels: (0.0, 1.0) };
        assert_eq!(log.pixel(0.0), None);
        assert_eq!(log.pixel(-1.0), None);
        assert_eq!(log.pixel(f64::NAN), None);
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale { low: 0.0, high: 1.07, log: false, pixels: (0.0, 100.0) };
        let ticks: Vec<String> = scale.ticks(5).into_iter().map(short).collect();
        assert_eq!(ticks, ["0", "0.25", "0.5", "0.75", "1"]);
        let log = Scale { low: 0.009, high: 2.6, log: true, pixels: (0.0, 100.0) };
        let ticks: Vec<String> = log.ticks(5).into_iter().map(short).collect();
        assert_eq!(ticks, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]);
    }

    #[test]
    fn a_scale_around_nothing_or_one_value_can_be_drawn() {
        for log in [false, true] {
            for values in [vec![], vec![f64::NAN], vec![3.0], vec![0.0], vec![-2.0, -2.0]] {
                let scale = Scale::around(values.iter().copied(), log, (0.0, 100.0));
                assert!(scale.low < scale.high && scale.low.is_finite(), "{values:?} {scale:?}");
                assert!(scale.ticks(5).len() <= 12);
            }
        }
        assert_eq!(Scale::around([0.0, 1.0].into_iter(), false, (0.0, 1.0)).low, 0.0);
    }

    #[test]
    fn a_log_scale_around_the_smallest_and_the_largest_number_has_ends() {
        for values in [[1e-320, 1e10], [f64::MIN_POSITIVE, f64::MAX], [f64::MAX, f64::MAX]] {
            let scale = Scale::around(values.into_iter(), true, (0.0, 100.0));
            assert!(0.0 < scale.low && scale.low < scale.high && scale.high.is_finite(), "{values:?} {scale:?}");
            assert!(scale.ticks(5).len() < 300);
            assert!(values.into_iter().all(|value| scale.pixel(value).is_some()));
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(0.1 + 0.2), "0.3");
        assert_eq!(short(1200.0), "1200");
        assert_eq!(short(100.0), "100");
        assert_eq!(short(0.00012), "1.2e-4");
        assert_eq!(short(0.0), "0");
        assert_eq!(short(97.5), "97.5");
        assert_eq!(short(f64::NAN), "NaN");
    }
}
