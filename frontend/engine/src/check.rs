//! The self-test: every kernel on this device and on the CPU, compared and timed.

use std::future::Future;

use futures::future::{Either, select};
use kindling_labs::burn::tensor::Device;
use kindling_labs::selftest::{KernelCheck, checks};
use kindling_protocol::engine::{Check, FromEngine};

use crate::device::{self, Found};
use crate::page;
use crate::turn::{after, give_way, now_ms};

/// A kernel that takes longer has failed: a lost device may never answer. Far above what compiling and tuning
/// takes: a convolution's gradient, of which a dozen programs are compiled and tried, needs 10 s and more on a
/// rasteriser of two cores, and three times that while others use them. Who does not want to wait can cancel.
const KERNEL_LIMIT_MS: f64 = 180_000.0;
/// The whole test takes no longer; what is left over then was not checked, and so not passed.
const LIMIT_MS: f64 = 600_000.0;
/// Timed runs. The first one, which compiles and tunes, is not among them.
const TIMED_RUNS: usize = 3;
/// Further runs are left out where one takes longer than this.
const SLOW_MS: f64 = 500.0;

/// Runs all checks and tells each as it comes.
pub async fn all(found: &Found) {
    let done = |passed, problem| {
        page::send(&FromEngine::SelfTestDone { passed, adapter: found.adapter.clone(), problem }, &[]);
    };
    if let Some(problem) = &found.problem {
        return done(false, Some(problem.clone()));
    }
    let begun = now_ms();
    let mut failed = Vec::new();
    for kernel in checks() {
        let left_ms = (LIMIT_MS - (now_ms() - begun)).min(KERNEL_LIMIT_MS);
        let check = one(&kernel, &found.device, left_ms).await;
        if !check.passed {
            failed.push(check.name.clone());
        }
        page::send(&FromEngine::Check(check), &[]);
        give_way().await;
    }
    let problem = (!failed.is_empty()).then(|| format!("wrong or too slow: {}", failed.join(", ")));
    done(failed.is_empty(), problem);
}

async fn one(kernel: &KernelCheck, device: &Device, limit_ms: f64) -> Check {
    let mut check = Check {
        name: kernel.name.to_string(),
        shape: kernel.shape.to_string(),
        difference: f64::INFINITY,
        tolerance: f64::from(kernel.tolerance),
        passed: false,
        device_ms: 0.0,
        cpu_ms: 0.0,
        problem: None,
    };
    let cpu = Device::flex();
    let (expected, cpu_ms) = timed(|| (kernel.run)(&cpu)).await;
    check.cpu_ms = cpu_ms;
    let measured = Box::pin(async {
        let measured = timed(|| (kernel.run)(device)).await;
        device::settled().await;
        measured
    });
    let limit = Box::pin(after(limit_ms));
    match select(measured, limit).await {
        Either::Left(((values, device_ms), _)) => {
            check.device_ms = device_ms;
            check.difference = difference(&expected, &values);
            check.passed = check.difference <= check.tolerance;
        }
        Either::Right(_) => check.problem = Some(format!("no result within {:.0} s", limit_ms.max(0.0) / 1000.0)),
    }
    // JSON has no infinity.
    check.difference = check.difference.min(f64::MAX);
    check
}

/// The values, and the median time of a few runs after a first one that may compile.
async fn timed<F: Future<Output = Vec<f32>>>(run: impl Fn() -> F) -> (Vec<f32>, f64) {
    let first = now_ms();
    let values = run().await;
    let first_ms = now_ms() - first;
    let mut times = Vec::new();
    for _ in 0..TIMED_RUNS {
        let begun = now_ms();
        drop(run().await);
        times.push(now_ms() - begun);
        if times[0] > SLOW_MS || first_ms > 10.0 * SLOW_MS {
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    (values, times[times.len() / 2])
}

/// Greatest difference over the greatest value of the reference. Values that are missing or no numbers
/// are infinitely wrong.
fn difference(expected: &[f32], values: &[f32]) -> f64 {
    if expected.len() != values.len() || values.iter().any(|value| !value.is_finite()) {
        return f64::INFINITY;
    }
    let scale = expected.iter().fold(0.0f64, |scale, value| scale.max(f64::from(value.abs())));
    let worst = expected.iter().zip(values).map(|(one, other)| f64::from((one - other).abs())).fold(0.0, f64::max);
    worst / scale.max(f64::from(f32::MIN_POSITIVE))
}
