"""Turns played episodes into the figures that are reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .play import OUTPUT, Agreement, Calibration, Confusion, Result, no_calibration

RESAMPLES = 2_000


def interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """The 95% interval of the mean, by resampling the episodes with replacement."""
    sample = np.asarray(values, dtype=float)
    drawn = np.random.default_rng(seed).integers(0, len(sample), (RESAMPLES, len(sample)))
    low, high = np.percentile(sample[drawn].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def paired(results: Sequence[Result], base: Sequence[Result], seed: int) -> dict[str, Any]:
    """How much more a policy gets than another on the same episodes.

    The pairs are resampled and not the two sides, so what makes an episode hard for both falls out.
    """
    other = {result.seed: result.reward for result in base}
    gains = [result.reward - other[result.seed] for result in results if result.seed in other]
    low, high = interval(gains, seed)
    mean = float(np.mean(gains))
    return {"difference": round(mean, 4), "low": round(low, 4), "high": round(high, 4), "episodes": len(gains)}


def row(task: str, policy: str, results: Sequence[Result], seed: int) -> dict[str, Any]:
    """One line of the report."""
    rewards, steps = [result.reward for result in results], [result.steps for result in results]
    low, high = interval(rewards, seed)
    steps_low, steps_high = interval(steps, seed)
    stages: dict[str, Agreement] = {}
    for result in results:
        for stage, agreement in result.agreement.items():
            stages[stage] = stages.get(stage, Agreement()) + agreement
    chosen = sum((agreement for stage, agreement in stages.items() if stage != OUTPUT), Agreement())
    milliseconds = [ms for result in results for ms in result.milliseconds]
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
        "agreement": round(chosen.share, 4) if chosen.asked else None,
        "agreement_by_stage": {stage: round(agreement.share, 4) for stage, agreement in stages.items()},
        "p50_ms": round(float(np.median(milliseconds)), 2),
        "p99_ms": round(float(np.percentile(milliseconds, 99)), 2),
        "mean_ms": round(float(np.mean(milliseconds)), 2),
    }


def price_of_1000(row: dict[str, Any], hourly: float) -> float:
    """What a thousand decisions cost, one after the other, on a machine that costs so much an hour."""
    seconds = row["mean_ms"]
    return seconds / 3600 * hourly


def stages_of(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What agreement is told of: the stages of all policies, the output last."""
    found = list(dict.fromkeys(stage for row in rows for stage in row["agreement_by_stage"]))
    return sorted(found, key=lambda stage: stage == OUTPUT)


def share(value: float | None, digits: int = 3) -> str:
    """A share as it is printed; a policy that has none, because it does not choose there, has a blank."""
    return "" if value is None else f"{value:.{digits}f}"


def confusion(results: Sequence[Result]) -> Confusion:
    """By stage, what was chosen where the expert chose what."""
    total: Confusion = {}
    for result in results:
        for stage, by_lesson in result.confusion.items():
            for lesson, by_chosen in by_lesson.items():
                counted = total.setdefault(stage, {}).setdefault(lesson, {})
                for chosen, count in by_chosen.items():
                    counted[chosen] = counted.get(chosen, 0) + count
    return total


def pinned(results: Sequence[Result], functions: Iterable[str]) -> dict[str, Any]:
    """By pinned function: in how many states the expert chose it, in what share of them the policy did, and in what
    share of the other states of its stage the policy did so wrongly. A share of no states is 0."""
    found: dict[str, Any] = {}
    for by_lesson in confusion(results).values():
        for name in functions:
            if not any(name in (lesson, *by_chosen) for lesson, by_chosen in by_lesson.items()):
                continue
            wanted = sum(by_lesson.get(name, {}).values())
            others = sum(count for by_chosen in by_lesson.values() for count in by_chosen.values()) - wanted
            chosen = by_lesson.get(name, {}).get(name, 0)
            wrongly = sum(by_chosen.get(name, 0) for by_chosen in by_lesson.values()) - chosen
            found[name] = {
                "states": wanted,
                "chosen": round(chosen / max(wanted, 1), 4),
                "wrongly": round(wrongly / max(others, 1), 4),
            }
    return found


def none(results: Sequence[Result]) -> dict[str, Any] | None:
    """How often a model said "none of these" where no candidate fitted, and where one did; nothing if no one asked."""
    fitting, wrongly, unfitting, rightly = (
        sum(counted[place] for result in results for counted in result.none.values()) for place in range(4)
    )
    if not fitting + unfitting:
        return None
    return {
        "states": unfitting,
        "said": round(rightly / max(unfitting, 1), 4),
        "others": fitting,
        "wrongly": round(wrongly / max(fitting, 1), 4),
    }


def calibration(results: Sequence[Result]) -> dict[str, Any] | None:
    """How far a student's probabilities can be trusted; nothing where no student was asked."""
    total: Calibration = no_calibration()
    for result in results:
        for summed, counted in zip(total, result.calibration, strict=True):
            for place, value in enumerate(counted):
                summed[place] += value
    asked = sum(counted for counted, _, _ in total)
    if not asked:
        return None
    bins = [
        {"choices": int(n), "probability": round(sure / n, 4), "agreement": round(same / n, 4)}
        for n, sure, same in total
        if n
    ]
    error = sum(abs(sure - same) for _, sure, same in total) / asked
    return {"expected_error": round(error, 4), "bins": bins}
