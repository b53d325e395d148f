"""Turns played episodes into the figures that are reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .play import Agreement, Result

RESAMPLES = 2_000


def interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """The 95% interval of the mean, by resampling the episodes with replacement."""
    sample = np.asarray(values, dtype=float)
    drawn = np.random.default_rng(seed).integers(0, len(sample), (RESAMPLES, len(sample)))
    low, high = np.percentile(sample[drawn].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def row(task: str, policy: str, results: Sequence[Result], seed: int) -> dict[str, Any]:
    """One line of the report."""
    rewards, steps = [result.reward for result in results], [result.steps for result in results]
    low, high = interval(rewards, seed)
    steps_low, steps_high = interval(steps, seed)
    stages: dict[str, Agreement] = {}
    for result in results:
        for stage, agreement in result.agreement.items():
            stages[stage] = stages.get(stage, Agreement()) + agreement
    return {
        "task": task,
        "policy": policy,
        "episodes": len(results),
        "reward": round(float(np.mean(rewards)), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "steps": round(float(np.mean(steps)), 2),
        "steps_low": round(steps_low, 2),
        "steps_high": round(steps_high, 2),
        "agreement": round(sum(stages.values(), Agreement()).share, 4),
        "agreement_by_stage": {stage: round(agreement.share, 4) for stage, agreement in stages.items()},
        "p50_ms": round(float(np.median([ms for result in results for ms in result.milliseconds])), 2),
    }
