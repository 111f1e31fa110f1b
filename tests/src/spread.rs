//! Median and quartiles of repeated measurements.

use serde_json::{Value, json};

/// Where the middle half of some measurements lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub lower: f64,
    pub upper: f64,
    pub count: usize,
}

impl Spread {
    /// Quartiles between two measurements are interpolated. Without any measurement all are NaN.
    pub fn of(values: &[f64]) -> Spread {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = part * sorted.len().saturating_sub(1) as f64;
            let (below, above) = (sorted.get(place.floor() as usize), sorted.get(place.ceil() as usize));
            let (Some(below), Some(above)) = (below, above) else { return f64::NAN };
            below + (above - below) * place.fract()
        };
        Spread { median: at(0.5), lower: at(0.25), upper: at(0.75), count: sorted.len() }
    }

    pub fn json(self) -> Value {
        json!({ "median": self.median, "lowerQuartile": self.lower, "upperQuartile": self.upper, "count": self.count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_interpolated() {
        assert_eq!(Spread::of(&[4.0, 1.0, 3.0, 2.0]), Spread { median: 2.5, lower: 1.75, upper: 3.25, count: 4 });
        assert_eq!(Spread::of(&[7.0]), Spread { median: 7.0, lower: 7.0, upper: 7.0, count: 1 });
        assert!(Spread::of(&[]).median.is_nan());
    }
}
