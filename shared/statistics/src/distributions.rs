//! The normal distribution, Student's t, chi-squared and the binomial: tails and quantiles.
//!
//! Written here, on `libm`: the crates for it bring more of their own than these few functions are, and a browser and a
//! server must get the same bits. Held against SciPy to 1e-9 relative by `golden_comparisons`.

use std::f64::consts::{LN_2, PI, SQRT_2};

/// P(Z > x).
pub fn normal_tail(x: f64) -> f64 {
    0.5 * libm::erfc(x / SQRT_2)
}

/// The x with P(Z > x) = `tail`, of a tail strictly between 0 and 1.
pub fn normal_quantile(tail: f64) -> f64 {
    invert(tail, 40.0, normal_tail)
}

/// P(|T| > |t|) of Student's t with `freedom` degrees of freedom.
pub fn t_two_sided(t: f64, freedom: f64) -> f64 {
    let square = t * t;
    incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + square), square / (freedom + square))
}

/// The t with P(|T| > t) = `two_sided`.
pub fn t_quantile(two_sided: f64, freedom: f64) -> f64 {
    // A t of few degrees of freedom has heavy tails: with one, P(|T| > 1e9) is 6e-10.
    invert(two_sided / 2.0, 1e12, |t| {
        let half = t_two_sided(t, freedom) / 2.0;
        if t < 0.0 { 1.0 - half } else { half }
    })
}

/// P(X > x) of chi-squared with one degree of freedom: of a squared normal.
pub fn chi_squared_1_tail(x: f64) -> f64 {
    libm::erfc((x.max(0.0) / 2.0).sqrt())
}

/// P(X = k) among `n` with probability `p`.
pub fn binomial_mass(k: u64, n: u64, p: f64) -> f64 {
    if k > n {
        return 0.0;
    }
    let (a, b) = (k as f64, (n - k) as f64);
    // ln C(n, k) = -ln(n + 1) - ln B(k + 1, n - k + 1).
    let choose = -libm::log(n as f64 + 1.0) - ln_beta(a + 1.0, b + 1.0);
    let power = |count: f64, ln: f64| if count == 0.0 { 0.0 } else { count * ln };
    libm::exp(choose + power(a, libm::log(p)) + power(b, libm::log1p(-p)))
}

/// P(X <= k) among `n` with probability `p`.
pub fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 1.0 } else { incomplete_beta((n - k) as f64, k as f64 + 1.0, 1.0 - p, p) }
}

/// The regularised incomplete beta function I_x(a, b), with `y` = 1 - x given apart: where x is near 1 the difference
/// would have lost its digits. The continued fraction by Lentz's method (Numerical Recipes 6.4; DLMF 8.17.22).
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, y, x);
    }
    let ln_x = if x > 0.5 { libm::log1p(-y) } else { libm::log(x) };
    let ln_y = if y > 0.5 { libm::log1p(-x) } else { libm::log(y) };
    let front = libm::exp(a * ln_x + b * ln_y - ln_beta(a, b)) / a;
    let safe = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / safe(1.0 + term * d);
            c = safe(1.0 + term / c);
            step = c * d;
            fraction *= step;
        }
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * fraction
}

/// ln B(a, b). The gammas of large numbers are far larger than their ratio, so there the difference is taken first.
fn ln_beta(a: f64, b: f64) -> f64 {
    let (large, small) = if a > b { (a, b) } else { (b, a) };
    if large < 20.0 {
        return libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    }
    let sum = large + small;
    let ln_gamma_small = if small < 20.0 {
        libm::lgamma(small)
    } else {
        (small - 0.5) * libm::log(small) - small + 0.5 * (LN_2 + libm::log(PI)) + stirling(small)
    };
    ln_gamma_small + stirling(large) - stirling(sum) - (large - 0.5) * libm::log1p(small / large)
        + small * (1.0 - libm::log(sum))
}

/// ln Gamma(a) less its leading terms (a - 1/2) ln a - a + ln sqrt(2 pi), of an a of 20 or more.
fn stirling(a: f64) -> f64 {
    let square = 1.0 / (a * a);
    (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / a
}

/// Where a falling function takes the value, between -`bound` and `bound`: by halving, so that no first guess has to be
/// good and no step can run away.
fn invert(value: f64, bound: f64, falling: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-bound, bound);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if falling(middle) > value { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_known() {
        assert!((normal_quantile(0.025) - 1.959963984540054).abs() < 1e-12);
        assert!((t_quantile(0.05, 10.0) - 2.228138851964939).abs() < 1e-9);
        // One degree of freedom is the Cauchy distribution.
        assert!((t_two_sided(1.0, 1.0) - 0.5).abs() < 1e-14);
        assert!((chi_squared_1_tail(3.841458820694124) - 0.05).abs() < 1e-12);
        assert!((binomial_at_most(2, 5, 0.5) - 0.5).abs() < 1e-14);
        assert!(((0..=30).map(|k| binomial_mass(k, 30, 0.2)).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((binomial_mass(0, 4, 0.0) - 1.0).abs() < 1e-14);
    }
}
