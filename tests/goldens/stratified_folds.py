"""Makes stratified_folds.json: the fold of each row by scikit-learn's `StratifiedKFold`, for labels drawn from a seed.

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python tests/goldens/stratified_folds.py > tests/goldens/stratified_folds.json

Read by `shared/labs/src/labs/hyperparameter_search/tests.rs`.
"""

import json
import warnings

import numpy as np
from sklearn.model_selection import StratifiedKFold

CASES = 60

# Classes with fewer rows than folds are among the cases.
warnings.simplefilter("ignore")
random = np.random.default_rng(4)
cases = []
for case in range(CASES):
    classes, folds = [2, 3, 7][case % 3], 2 + case % 9
    rows = int(random.integers(folds * classes, 160))
    labels = random.choice(classes, rows, p=random.dirichlet(np.ones(classes)))
    # Fewer rows of every class than folds are refused.
    labels[: folds] = labels[0]
    of_row = np.zeros(rows, dtype=int)
    for fold, (_, judged) in enumerate(StratifiedKFold(folds).split(np.zeros(rows), labels)):
        of_row[judged] = fold
    cases.append({"classes": labels.tolist(), "folds": folds, "of_row": of_row.tolist()})
print(json.dumps(cases, separators=(",", ":")))
