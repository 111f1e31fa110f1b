"""Whole numbers and scales of symmetric quantisation, in NumPy's float32.

    python -m venv venv && venv/bin/pip install numpy==2.4.6
    venv/bin/python tests/goldens/quantisation.py > tests/goldens/quantisation.json
"""

import json

import numpy as np

ONE = np.float32(1)


def codes(weights, scale, levels):
    return np.clip(np.rint(weights / scale), -levels, levels).astype(np.int32)


def scale_of(weights, levels, calibration):
    largest = np.abs(weights).max()
    if largest == 0:
        return ONE
    if calibration == "none":
        return ONE / levels
    if calibration == "largest":
        return largest / levels
    # The least squared error among ranges from the whole down to a fifth of it; of equals the widest.
    scales = [largest / levels * (np.float32(part) / np.float32(20)) for part in range(20, 3, -1)]
    errors = [np.square(weights - codes(weights, scale, levels) * scale, dtype=np.float64).sum() for scale in scales]
    return scales[int(np.argmin(errors))]


def case(weights, bits, per_channel, calibration):
    levels = np.float32(2 ** (bits - 1) - 1)
    channels = weights.T if per_channel else [weights]
    scales = np.array([scale_of(channel, levels, calibration) for channel in channels], np.float32)
    spread = scales if per_channel else scales[0]
    numbers = codes(weights, spread, levels)
    return {
        "bits": bits,
        "per_channel": per_channel,
        "calibration": calibration,
        "scales": scales.tolist(),
        "codes": numbers.ravel().tolist(),
    }


def main():
    random = np.random.default_rng(10)
    # Four output units of very different width, and one that was pruned away.
    weights = (random.normal(size=(9, 5)) * [0.01, 0.1, 1.0, 3.0, 0.0]).astype(np.float32)
    # Halves of the eight-bit scale of one unit: they are rounded to even.
    weights[:5, 1] = np.array([127, 0.5, 1.5, -2.5, -3.5], np.float32) / np.float32(512)
    weights[5:, 1] = 0
    cases = [
        case(weights, bits, per_channel, calibration)
        for bits in [8, 4]
        for per_channel in [False, True]
        for calibration in ["none", "largest", "least-squares"]
    ]
    print(json.dumps({"shape": list(weights.shape), "weights": weights.ravel().tolist(), "cases": cases}))


main()
