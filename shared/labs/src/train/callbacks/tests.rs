//! The same steps as Keras took on 1,000 random traces (`tests/goldens/keras_callbacks.py`).

use serde::Deserialize;

use super::{EarlyStopping, Mode, ModelCheckpoint, Monitor, ReduceOnPlateau};

#[derive(Deserialize)]
struct Golden {
    traces: Vec<String>,
}

/// SplitMix64, as `tests/goldens/splitmix.py` has it.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 33) % bound
    }

    fn choose<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The next value of a trace: a walk, a walk in coarse steps with ties, or steps too small for an f32.
    fn metric(&mut self, kind: u64, last: &mut f64) -> f64 {
        if self.below(40) == 0 {
            return f64::NAN;
        }
        *last += match kind {
            0 => (self.unit() - 0.6) * 0.1,
            1 => (self.below(5) as f64 - 2.0) * 0.125,
            _ => (self.unit() - 0.5) * 1e-7,
        };
        *last
    }
}

/// FNV-1a over little-endian u64.
struct Hash(u64);

impl Hash {
    fn add(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }

    fn add_float(&mut self, number: Option<f64>) {
        self.add(match number {
            None => 1,
            Some(number) if number.is_nan() => 2,
            Some(number) => number.to_bits(),
        });
    }
}

fn trace(seed: u64) -> String {
    let random = &mut Numbers(seed);
    let mode = if random.below(2) == 1 { Mode::Max } else { Mode::Min };
    let min_delta = random.choose(&[0.0, 1e-4, 0.01, -0.125]);
    let mut rate: f32 = random.choose(&[0.1, 0.01, 0.003]);
    let least = random.choose(&[0.0, 0.001, 0.05]);
    let factor = random.choose(&[0.1, 0.5, 0.9]);
    let baseline = random.choose(&[None, Some(0.75)]);
    let (patience, cooldown) = (random.below(4), random.below(4));
    let mut plateau = ReduceOnPlateau::new(Monitor::new(mode, min_delta), factor, patience, cooldown, least);
    let (patience, start_from_epoch) = (random.below(5), random.below(4));
    let mut stopping = EarlyStopping::new(Monitor::new(mode, min_delta), patience, true);
    (stopping.baseline, stopping.start_from_epoch) = (baseline, start_from_epoch);
    let mut checkpoint = ModelCheckpoint { monitor: Monitor::new(mode, 0.0) };
    let (kind, mut last) = (random.below(3), 1.0);
    let (mut events, mut sums) = (String::new(), Hash(0xCBF2_9CE4_8422_2325));
    for epoch in 0..8 + random.below(17) {
        let value = random.metric(kind, &mut last);
        let before = rate;
        rate = plateau.epoch_ended(value, rate).unwrap_or(rate);
        let verdict = stopping.epoch_ended(epoch, value);
        let saved = checkpoint.epoch_ended(value);
        let flags = [rate != before, verdict.stop, saved, verdict.keep];
        let event: u32 = flags.iter().enumerate().map(|(bit, &flag)| u32::from(flag) << bit).sum();
        events += &format!("{event:x}");
        sums.add_float(Some(f64::from(rate)));
        let (wait, cooldown) = plateau.counters();
        let epochs = [stopping.best_epoch(), stopping.stopped_at()].map(|epoch| epoch.unwrap_or(0));
        [wait, cooldown, stopping.wait(), epochs[0], epochs[1]].iter().for_each(|&number| sums.add(number));
        for monitor in [&plateau.monitor, &stopping.monitor, &checkpoint.monitor] {
            sums.add_float(monitor.best());
        }
    }
    format!("{events} {:016x}", sums.0)
}

#[test]
fn a_thousand_random_traces_go_step_for_step_as_in_keras() {
    let golden = include_str!("../../../../../tests/goldens/keras_callbacks.json");
    let golden: Golden = serde_json::from_str(golden).expect("the golden file");
    assert_eq!(golden.traces.len(), 1000);
    for (seed, expected) in golden.traces.iter().enumerate() {
        assert_eq!(&trace(seed as u64), expected, "trace {seed}");
    }
}

#[test]
fn where_the_least_rate_is_above_the_rate_nothing_happens() {
    let mut plateau = ReduceOnPlateau::new(Monitor::new(Mode::Min, 0.0), 0.1, 1, 0, 0.02);
    let rates: Vec<_> = (0..9).map(|_| plateau.epoch_ended(1.0, 0.01)).collect();
    assert_eq!(rates, [None; 9]);
    assert_eq!(plateau.counters(), (8, 0), "but it goes on counting");
}
