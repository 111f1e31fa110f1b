"""Makes comparisons.json: tests of a difference, their power and their distributions by SciPy and statsmodels.

    pip install scipy==1.17.1 statsmodels==0.15.0 numpy==2.4.6
    python tests/goldens/comparisons.py > tests/goldens/comparisons.json

Each case is its inputs, drawn from a seed, and what the libraries make of them; read by
`shared/statistics/src/golden_comparisons.rs`.
"""

import json

import numpy as np
from scipy import integrate, stats
from statsmodels.stats import proportion
from statsmodels.stats.contingency_tables import mcnemar

from splitmix import SplitMix

CASES = 40


def proportions(random):
    n = [2 + random.below(5000), 2 + random.below(5000)]
    k = [1 + random.below(count - 1) for count in n]
    z, p = proportion.proportions_ztest(k, n)
    low, high = proportion.confint_proportions_2indep(*[x for pair in zip(k, n) for x in pair], method="wald", alpha=0.1)
    return [k[0], n[0], k[1], n[1], z, p, low, high]


def t_tests(random):
    samples = [[random.below(1000) / 100 for _ in range(3 + random.below(12))] for _ in range(2)]
    results = []
    for equal in [False, True]:
        found = stats.ttest_ind(*samples, equal_var=equal)
        interval = found.confidence_interval(0.95)
        results += [found.statistic, found.pvalue, found.df, interval.low, interval.high]
    shorter = min(map(len, samples))
    found = stats.ttest_rel(samples[0][:shorter], samples[1][:shorter])
    results += [found.statistic, found.pvalue]
    return [samples[0], samples[1], results]


def pairs(random):
    size = [4, 30, 400][random.below(3)]
    b, c = random.below(size), random.below(size)
    table = [[50, b], [c, 20]]
    exact = mcnemar(table, exact=True).pvalue
    tested = [mcnemar(table, exact=False, correction=correction) for correction in [True, False]]
    # What statsmodels leaves undefined, nobody differing, is no difference.
    clean = [value if b + c else default for found in tested for value, default in [(found.statistic, 0.0), (found.pvalue, 1.0)]]
    # statsmodels squares |b - c| - 1 also where b equals c; Edwards' correction never goes beyond equality.
    if b == c:
        clean[:2] = [0.0, 1.0]
    mid = 2 * stats.binom.cdf(min(b, c), b + c, 0.5) - stats.binom.pmf(min(b, c), b + c, 0.5)
    return [b, c, exact if b + c else 1.0, min(mid, 1.0), *clean]


def planned(random):
    base, effect = (5 + random.below(60)) / 100, (1 + random.below(20)) / 200
    alpha, power, samples = (1 + random.below(10)) / 100, (50 + random.below(45)) / 100, 10 + random.below(4000)
    found = proportion.power_proportions_2indep(effect, base, samples, alpha=alpha, return_results=False)
    needed = proportion.samplesize_proportions_2indep_onetail(effect, base, power, alpha=alpha)
    return [base, effect, alpha, power, samples, found, needed]


def mixture(random):
    """The likelihood ratio against zero, averaged over a normal mean, integrated numerically."""
    mean, variance = (random.below(200) - 100) / 1000, (1 + random.below(30)) / 10
    count, spread = 1 + random.below(1000), (1 + random.below(20)) / 100
    error = np.sqrt(variance / count)

    def ratio(theta):
        return stats.norm.pdf(mean, theta, error) / stats.norm.pdf(mean, 0, error) * stats.norm.pdf(theta, 0, spread)

    edges = sorted([mean, 0.0, mean + 6 * error, mean - 6 * error, -6 * spread, 6 * spread])
    whole = integrate.quad(ratio, edges[0] - 8 * spread, edges[-1] + 8 * spread, points=edges, epsabs=0, epsrel=1e-12, limit=500)[0]
    return [mean, variance, count, spread, min(1.0, 1.0 / whole)]


def tails(random):
    x, freedom = (random.below(1200) - 600) / 100, [1, 2, 5, 30.5, 1000, 1e6][random.below(6)]
    q, n, p = (1 + random.below(998)) / 1000, 1 + random.below(3000), (1 + random.below(98)) / 100
    k = random.below(n + 1)
    return [
        x, freedom, q, k, n, p,
        stats.norm.sf(x), stats.norm.isf(q), 2 * stats.t.sf(abs(x), freedom), stats.t.isf(q / 2, freedom),
        stats.chi2.sf(abs(x), 1), stats.binom.pmf(k, n, p), stats.binom.cdf(k, n, p),
    ]


def percentiles(random):
    values = [random.below(1000) / 10 for _ in range(2 + random.below(30))]
    return [values, list(np.percentile(values, [5, 95]))]


def main():
    result = {}
    for place, make in enumerate([proportions, t_tests, pairs, planned, mixture, tails, percentiles]):
        result[make.__name__] = [make(SplitMix(1000 * place + seed)) for seed in range(CASES)]
    print(json.dumps(result, separators=(",", ":"), default=float))


main()
