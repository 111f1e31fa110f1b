"""Votes of scikit-learn's VotingClassifier on random members, ties among them.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6
    venv/bin/python tests/goldens/voting.py > tests/goldens/voting.json
"""

import json

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import VotingClassifier


class Member(ClassifierMixin, BaseEstimator):
    """Says of row i of the data what row i of its table says."""

    def __init__(self, table):
        self.table = table

    def fit(self, _, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, x):
        return np.asarray(self.table)[x[:, 0].astype(int)]

    def predict(self, x):
        return self.classes_[np.argmax(self.predict_proba(x), axis=1)]


def case(random):
    members, classes, samples = random.integers(1, 6), random.integers(2, 5), 5
    # Few distinct values, so that votes are often level.
    raw = random.integers(1, 4, (members, samples, classes)).astype(float)
    tables = raw / raw.sum(axis=2, keepdims=True)
    weights = None if random.random() < 0.4 else random.integers(0, 4, members).astype(float) / 2
    if weights is not None and weights.sum() == 0:
        weights[0] = 1.0
    x = np.arange(samples)[:, None].astype(float)
    # Every class must be known; which row has which is no matter.
    y = np.arange(samples) % classes
    out = {"classes": int(classes), "members": [table.ravel().tolist() for table in tables]}
    out["weights"] = None if weights is None else weights.tolist()
    for voting in ["hard", "soft"]:
        named = [(str(place), Member(table)) for place, table in enumerate(tables)]
        vote = VotingClassifier(named, voting=voting, weights=weights).fit(x, y)
        out[voting] = vote.predict(x).tolist()
        if voting == "soft":
            out["probabilities"] = vote.predict_proba(x).ravel().tolist()
    return out


random = np.random.default_rng(22)
print(json.dumps([case(random) for _ in range(40)]))
