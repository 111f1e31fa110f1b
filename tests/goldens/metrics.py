"""Makes metrics.json: what scikit-learn says of 1,000 random cases, ties and absent classes among them.

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python tests/goldens/metrics.py > tests/goldens/metrics.json

The cases are not stored: `shared/statistics/src/golden_metrics.rs` draws the same ones from the same seeds. Of each case
the file holds one number, a weighted sum of all its values, and of the first ten cases the values themselves.
"""

import json
import warnings

import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

from splitmix import SplitMix, fingerprint

CASES, IN_FULL, BINS = 1000, 10, 10
warnings.filterwarnings("ignore")


def matrix_values(random):
    count, classes = 1 + random.below(40), 2 + random.below(4)
    present = 1 + random.below(classes)
    truth = [random.below(present) for _ in range(count)]
    predicted = [true if random.below(2) == 0 else random.below(classes) for true in truth]
    values = [
        metrics.accuracy_score(truth, predicted),
        metrics.balanced_accuracy_score(truth, predicted),
        metrics.matthews_corrcoef(truth, predicted),
        metrics.cohen_kappa_score(truth, predicted, replace_undefined_by=0.0),
    ]
    for average in ["micro", "macro", "weighted"]:
        values += metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)[:3]
    labels = list(range(classes))
    each = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)[:3]
    cells = metrics.multilabel_confusion_matrix(truth, predicted, labels=labels)
    for label in labels:
        (tn, fp), _ = cells[label]
        values += [scores[label] for scores in each] + [tn / (tn + fp) if tn + fp else 0.0]
    rows = [[1 + random.below(9) for _ in labels] for _ in truth]
    values.append(metrics.log_loss(truth, [np.array(row) / sum(row) for row in rows], labels=labels))
    return values


def score_values(random):
    count = 1 + random.below(40)
    rare, steps = 1 + random.below(6), 2 + random.below(19)
    truth = np.array([int(random.below(rare) == 0) for _ in range(count)])
    scores = np.array([random.below(steps + 1) / steps for _ in range(count)])
    both = 0 < truth.sum() < count
    values = [
        metrics.roc_auc_score(truth, scores) if both else -1.0,
        metrics.average_precision_score(truth, scores) if truth.any() else 0.0,
        metrics.brier_score_loss(truth, scores, labels=[0, 1], pos_label=1),
    ]
    said, was = calibration_curve(truth, scores, n_bins=BINS)[::-1]
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], scores)
    shares = np.bincount(bins, minlength=BINS)
    values.append(float((shares[shares > 0] * np.abs(said - was)).sum() / count))
    values += list(said) + list(was)
    false_positive, true_positive, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    values += list(np.nan_to_num(false_positive)) + list(np.nan_to_num(true_positive))
    precision, recall, _ = metrics.precision_recall_curve(truth, scores)
    values += list(recall[:-1][::-1]) + list(precision[:-1][::-1])
    return values


def main():
    cases = []
    for seed in range(CASES):
        random = SplitMix(seed)
        cases.append([float(value) for value in matrix_values(random) + score_values(random)])
    result = {"prints": [fingerprint(values) for values in cases], "values": cases[:IN_FULL]}
    print(json.dumps(result, separators=(",", ":")))


main()
