"""Weights after symmetric quantisation, in NumPy's float32.

    python -m venv venv && venv/bin/pip install numpy==2.4.6
    venv/bin/python tests/goldens/quantisation.py > tests/goldens/quantisation.json
"""

import json

import numpy as np

ONE = np.float32(1)
# Weights that share a scale where there is one for each block, in the order of the file.
BLOCK = 32


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


def case(weights, bits, share, calibration):
    """Weights share a scale over the whole "tensor", a "channel" (an output unit) or a "block"."""
    levels = np.float32(2 ** (bits - 1) - 1)
    place = np.arange(weights.size)
    owner = {"tensor": 0 * place, "channel": place % weights.shape[1], "block": place // BLOCK}[share]
    flat = weights.ravel()
    scales = np.array(
        [scale_of(flat[owner == index], levels, calibration) for index in range(owner.max() + 1)], np.float32
    )
    return {
        "bits": bits,
        "share": share,
        "calibration": calibration,
        "values": (codes(flat, scales[owner], levels) * scales[owner]).astype(np.float32).tolist(),
    }


def main():
    random = np.random.default_rng(10)
    # Four output units of very different width, and one that was pruned away.
    weights = (random.normal(size=(9, 5)) * [0.01, 0.1, 1.0, 3.0, 0.0]).astype(np.float32)
    # Halves of the eight-bit scale of one unit: they are rounded to even.
    weights[:5, 1] = np.array([127, 0.5, 1.5, -2.5, -3.5], np.float32) / np.float32(512)
    weights[5:, 1] = 0
    cases = [
        case(weights, bits, share, calibration)
        for bits in [8, 4]
        for share in ["tensor", "channel", "block"]
        for calibration in ["none", "largest", "least-squares"]
    ]
    print(json.dumps({"shape": list(weights.shape), "weights": weights.ravel().tolist(), "cases": cases}))


main()
