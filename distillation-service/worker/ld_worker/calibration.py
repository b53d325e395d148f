"""Turning scores into probabilities that mean what they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LOWEST, HIGHEST, STEPS = 0.25, 8.0, 141
FURTHEST_BIAS, BIASES = 4.0, 33
THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)


def probabilities(scores: Sequence[float], temperature: float) -> np.ndarray:
    """Softmax over the candidates and none, none last."""
    scaled = np.asarray(scores, dtype=np.float64) / temperature
    shifted = np.exp(scaled - scaled.max())
    return shifted / shifted.sum()


def loss(
    scores: Sequence[Sequence[float]],
    labels: Sequence[int],
    temperature: float,
    weights: Sequence[float] | None = None,
) -> float:
    """Mean negative log-likelihood of the labels, each row weighing as much as ``weights`` says, or all the same."""
    picked = [probabilities(s, temperature)[y] for s, y in zip(scores, labels, strict=True)]
    return float(np.average(-np.log(np.clip(picked, 1e-12, None)), weights=weights))


def temperature(
    scores: Sequence[Sequence[float]], labels: Sequence[int], weights: Sequence[float] | None = None
) -> float:
    """The temperature of least loss on held-out rows, from a grid: it must not run away where every row is right."""
    grid = np.geomspace(LOWEST, HIGHEST, STEPS)
    return round(float(min(grid, key=lambda t: loss(scores, labels, float(t), weights))), 4)


def weights(fits: Sequence[bool], share: float) -> list[float]:
    """What rows weigh so that in ``share`` of them a candidate fits, as it is where they come from in the end.

    Importance weights for a prior that differs between practice and use (Saerens et al. 2002). All rows weigh the same
    where there is only one kind.

    :param fits: of every row, whether one of its candidates does
    """
    seen = sum(fits) / len(fits) if fits else 0.0
    if seen in (0.0, 1.0):
        return [1.0] * len(fits)
    return [share / seen if one else (1 - share) / (1 - seen) for one in fits]


def biased(scores: Sequence[Sequence[float]], bias: float) -> list[list[float]]:
    """The scores with another score for none, which reading leaves at nought."""
    return [[*row[:-1], bias] for row in scores]


def none_bias(
    scores: Sequence[Sequence[float]], labels: Sequence[int], weights: Sequence[float] | None = None
) -> float:
    """The score of none of least loss on held-out rows, each with the temperature that suits it best.

    By the loss, not by how many rows are right: with a hundred rows the latter has its best value at many scores, and
    the one picked would be chance.
    """
    grid = np.linspace(-FURTHEST_BIAS, FURTHEST_BIAS, BIASES)

    def least(bias: float) -> float:
        found = biased(scores, bias)
        return min(loss(found, labels, float(t), weights) for t in np.geomspace(LOWEST, HIGHEST, STEPS)[::10])

    return round(float(min(grid, key=lambda bias: (round(least(float(bias)), 6), abs(bias)))), 4)


def reading(
    scores: Sequence[Sequence[float]], labels: Sequence[int], weights: Sequence[float] | None = None
) -> tuple[float, float]:
    """Temperature and score of none for scores by reading: first the score of none, then the temperature under it."""
    bias = none_bias(scores, labels, weights)
    return temperature(biased(scores, bias), labels, weights), bias


def agreement(scores: Sequence[Sequence[float]], labels: Sequence[int]) -> float:
    return float(np.mean([int(np.argmax(s)) == y for s, y in zip(scores, labels, strict=True)]))


def expected_calibration_error(
    scores: Sequence[Sequence[float]], labels: Sequence[int], temperature: float, bins: int = 10
) -> float:
    """The mean distance between how sure the top choice is and how often it is right, over bins of sureness."""
    tops = [probabilities(s, temperature) for s in scores]
    sure = np.array([p.max() for p in tops])
    right = np.array([int(p.argmax()) == y for p, y in zip(tops, labels, strict=True)], dtype=float)
    at = np.minimum((sure * bins).astype(int), bins - 1)
    return float(sum(abs(sure[at == b].mean() - right[at == b].mean()) * (at == b).mean() for b in set(at.tolist())))


def cost_curve(
    scores: Sequence[Sequence[float]], labels: Sequence[int], temperature: float
) -> list[dict[str, float | int]]:
    """What a student that decides alone from some sureness on keeps to itself, and how often it is right in that.

    How sure it is, is the probability of its best candidate; where none of them is more probable it keeps nothing.
    """
    tops = [probabilities(s, temperature) for s in scores]
    best = [int(p[:-1].argmax()) for p in tops]
    sure = np.array([p[b] if p[b] >= p[-1] else -1.0 for p, b in zip(tops, best, strict=True)])
    right = np.array([b == y for b, y in zip(best, labels, strict=True)], dtype=bool)
    return [
        {"threshold": t, "kept": int((sure >= t).sum()), "agreed": int((right & (sure >= t)).sum())} for t in THRESHOLDS
    ]
