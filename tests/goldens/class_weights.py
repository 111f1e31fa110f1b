"""Makes class_weights.json: `class_weight="balanced"` of scikit-learn for class counts drawn from a seed.

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python tests/goldens/class_weights.py > tests/goldens/class_weights.json

Read by `shared/labs/src/labs/class_imbalance/tests.rs`.
"""

import json

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

CASES = 120

random = np.random.default_rng(2)
cases = []
for case in range(CASES):
    classes = [2, 3, 5][case % 3]
    # From even to one in thousands.
    counts = np.exp(random.uniform(0, 9, classes)).astype(int).clip(1)
    labels = np.repeat(np.arange(classes), counts)
    weights = compute_class_weight("balanced", classes=np.arange(classes), y=labels)
    cases.append({"counts": counts.tolist(), "weights": weights.tolist()})
print(json.dumps({"cases": cases}))
