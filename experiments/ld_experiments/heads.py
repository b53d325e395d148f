"""Cheap heads on bags of words: what choosing takes without a language model. A student has to be better than these."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .errors import ExperimentError

Rows = Sequence[Mapping[str, Any]]

STEPS, RATE, DECAY = 300, 0.1, 1e-4


class Bag:
    """Turns a view into weights of its words and pairs of neighbouring words, as learnt from the training views."""

    def __init__(self, views: Sequence[str]) -> None:
        counted = Counter(term for view in views for term in set(_terms(view)))
        self._place = {term: place for place, term in enumerate(sorted(counted))}
        rarity = [np.log((1 + len(views)) / (1 + counted[term])) + 1 for term in sorted(counted)]
        self._rarity = np.asarray(rarity, dtype=np.float32)

    def __call__(self, views: Sequence[str]) -> np.ndarray:
        """One row of unit length for every view; terms that training never showed are left out."""
        found = np.zeros((len(views), len(self._place)), dtype=np.float32)
        for row, view in enumerate(views):
            for term in _terms(view):
                if term in self._place:
                    found[row, self._place[term]] += 1
        found *= self._rarity
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


class Scorer(Protocol):
    """The scores of the functions of one stage for a view."""

    names: Sequence[str]

    def scores(self, view: str) -> np.ndarray: ...


class Nearest:
    """A function scores as its most similar training view does."""

    def __init__(self, views: Sequence[str], chosen: Sequence[str]) -> None:
        self.names = sorted(set(chosen))
        self._bag = Bag(views)
        known = self._bag(views)
        self._known = [known[[function == name for function in chosen]] for name in self.names]

    def scores(self, view: str) -> np.ndarray:
        (asked,) = self._bag([view])
        return np.asarray([float((known @ asked).max()) for known in self._known])


class Logistic:
    """Multinomial logistic regression on the same features, fitted by Adam from zero: no randomness."""

    def __init__(self, views: Sequence[str], chosen: Sequence[str]) -> None:
        self.names = sorted(set(chosen))
        self._bag = Bag(views)
        inputs = _with_constant(self._bag(views))
        wanted = np.asarray([[name == function for name in self.names] for function in chosen], dtype=np.float32)
        self._weights = _fit(inputs, wanted)

    def scores(self, view: str) -> np.ndarray:
        return (_with_constant(self._bag([view])) @ self._weights)[0]


class Head:
    """One scorer for every stage."""

    def __init__(self, scorers: Mapping[str, Scorer], commonest: Mapping[str, str] | None = None) -> None:
        self._scorers = scorers
        self._commonest = commonest or {}

    def commonest(self, stage: str) -> str | None:
        return self._commonest.get(stage)

    def choose(self, stage: str, view: str, offered: Sequence[str]) -> str:
        """The best of the offered functions; one that training never showed is chosen only for want of another."""
        scorer = self._scorers.get(stage)
        if scorer is None:
            return offered[0]
        scores = dict(zip(scorer.names, scorer.scores(view), strict=True))
        return max(offered, key=lambda name: scores.get(name, -np.inf))


def train(policy: str, rows: Rows) -> Head:
    kind = {"nearest": Nearest, "logistic": Logistic}[policy]
    scorers, commonest = {}, {}
    for stage in dict.fromkeys(row["stage"] for row in rows):
        views = [row["view"] for row in rows if row["stage"] == stage]
        chosen = [row["chosen"] for row in rows if row["stage"] == stage]
        scorers[stage] = kind(views, chosen)
        commonest[stage] = Counter(chosen).most_common(1)[0][0]
    return Head(scorers, commonest)


def load_rows(path: Path) -> tuple[Rows, str]:
    """Trajectories, one JSON object a line, gzipped or not; and the hash of the file's lines."""
    try:
        content = path.read_bytes()
        lines = gzip.decompress(content) if path.suffix == ".gz" else content
        rows = [json.loads(line) for line in lines.splitlines()]
        assert all(isinstance(row[key], str) for row in rows for key in ("stage", "view", "chosen"))
    except OSError as error:
        raise ExperimentError(f"The trajectories {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise ExperimentError(f"{path} does not hold trajectories, one JSON object a line.") from error
    if not rows:
        raise ExperimentError(f"{path} holds no trajectories.")
    return rows, hashlib.sha256(lines).hexdigest()


def _terms(view: str) -> Iterable[str]:
    words = re.findall(r"\w+", view.lower())
    return [*words, *(f"{one} {other}" for one, other in itertools.pairwise(words))]


def _with_constant(inputs: np.ndarray) -> np.ndarray:
    return np.hstack([inputs, np.ones((len(inputs), 1), dtype=np.float32)])


def _fit(inputs: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    weights = np.zeros((inputs.shape[1], wanted.shape[1]), dtype=np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        logits = inputs @ weights
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = inputs.T @ (shares - wanted) / len(inputs) + DECAY * weights
        mean += 0.1 * (slope - mean)
        square += 0.001 * (slope**2 - square)
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights
