//! The generator that the golden tests share with their Python scripts, so that cases need not be stored.

/// SplitMix64 (Steele, Lea and Flood 2014), as `tests/goldens/splitmix.py` has it.
pub struct SplitMix(pub u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 33) % bound
    }
}

/// One number that no value can change without it: the sum of values times 1, 1.1, 1.2, ...
pub fn fingerprint(values: &[f64]) -> f64 {
    values.iter().enumerate().map(|(place, value)| value * (1.0 + 0.1 * place as f64)).sum()
}

/// The numbers of a JSON list.
pub fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}
