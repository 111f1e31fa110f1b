"""Makes shapley.json: what the shap library says of a small network, by three of its explainers.

    pip install shap==0.51.0 numpy==2.4.6 tensorflow-cpu==2.21.0
    python tests/goldens/shapley.py > tests/goldens/shapley.json

The network has one hidden layer and two classes; explained are the log-odds of the second class and its probability.
`exact` is ExactExplainer's and, as a check, a sum over all orders of the features; `kernel` KernelExplainer's with all
coalitions; `deep` DeepExplainer's, for the log-odds alone.
"""

import itertools
import json
import math
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import shap
import tensorflow as tf

INPUTS, HIDDEN, CLASSES, BACKGROUND, ROWS = 7, 5, 2, 6, 4
random = np.random.default_rng(20)


def drawn(*shape):
    return np.round(random.normal(scale=0.6, size=shape), 3)


first, first_bias = drawn(INPUTS, HIDDEN), drawn(HIDDEN)
second, second_bias = drawn(HIDDEN, CLASSES), drawn(CLASSES)
background, rows = drawn(BACKGROUND, INPUTS), drawn(ROWS, INPUTS)


def log_odds(x):
    logits = np.maximum(x @ first + first_bias, 0) @ second + second_bias
    return logits[:, 1] - logits[:, 0]


def probability(x):
    return 1 / (1 + np.exp(-log_odds(x)))


def by_orders(model, row):
    """The definition: a feature's mean step over all orders in which features may come."""
    value = {}
    for size in range(INPUTS + 1):
        for members in itertools.combinations(range(INPUTS), size):
            mixed = background.copy()
            mixed[:, members] = row[list(members)]
            value[frozenset(members)] = model(mixed).mean()
    values = np.zeros(INPUTS)
    for order in itertools.permutations(range(INPUTS)):
        before = frozenset()
        for feature in order:
            values[feature] += value[before | {feature}] - value[before]
            before |= {feature}
    return values / math.factorial(INPUTS)


def explained(model):
    exact = shap.ExactExplainer(model, shap.maskers.Independent(background, max_samples=BACKGROUND))(rows).values
    orders = np.array([by_orders(model, row) for row in rows])
    assert np.abs(exact - orders).max() < 1e-9, np.abs(exact - orders).max()
    kernel = shap.KernelExplainer(model, background)
    kernel = kernel.shap_values(rows, nsamples=2**INPUTS, l1_reg=0, silent=True)
    return {"answers": model(rows).tolist(), "exact": exact.tolist(), "kernel": kernel.tolist()}


def deep():
    inputs = tf.keras.Input((INPUTS,))
    one, two = tf.keras.layers.Dense(HIDDEN, activation="relu"), tf.keras.layers.Dense(CLASSES)
    model = tf.keras.Model(inputs, two(one(inputs)))
    one.set_weights([first, first_bias])
    two.set_weights([second, second_bias])
    values = shap.DeepExplainer(model, background.astype("f4")).shap_values(rows.astype("f4"))
    return (values[..., 1] - values[..., 0]).tolist()


json.dump(
    {
        "made_with": {"shap": shap.__version__, "numpy": np.__version__, "tensorflow": tf.__version__},
        "first": first.flatten().tolist(),
        "first_bias": first_bias.tolist(),
        "second": second.flatten().tolist(),
        "second_bias": second_bias.tolist(),
        "background": background.tolist(),
        "rows": rows.tolist(),
        "log_odds": {**explained(log_odds), "deep": deep()},
        "probability": explained(probability),
    },
    sys.stdout,
)
print()
