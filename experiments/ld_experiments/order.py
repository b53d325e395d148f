"""Checks the order that a run is expected to show, so that a comparison can fail a build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from . import figures
from .play import OUTPUT, Agreement, Result


def contradictions(
    order: Sequence[str],
    results: Mapping[str, Sequence[Result]],
    seed: int,
    helpless: frozenset[str] = frozenset(),
) -> list[str]:
    """What speaks against an order of policies, best first; nothing where it holds.

    It holds if each policy answers as the teacher would more often than the next one does, and no policy earns
    more than the one before it on the same episodes, beyond the 95% interval of the difference. Few episodes
    settle agreement, as every decision counts; rewards they can only contradict. They do not where the worse policy
    earns more than the teacher itself: who learned from the teacher can not be blamed for that.

    :param helpless: policies among which no order is expected
    """
    missing = [policy for policy in order if policy not in results]
    if missing:
        return [f"{policy} was not played" for policy in missing]
    found = []
    for better, worse in pairwise(order):
        if {better, worse} <= helpless:
            continue
        more, less = (_agreement(results[policy]) for policy in (better, worse))
        if not more > less:
            found.append(f"{better} answers as the teacher in {more:.3f} of the decisions, {worse} in {less:.3f}")
        pair = figures.paired(results[worse], results[better], seed)
        if pair["low"] > 0 and not _beats_the_teacher(results, worse):
            gain = f"{pair['difference']:.3f} [{pair['low']:.3f}, {pair['high']:.3f}]"
            found.append(f"{worse} earns {gain} more than {better} on the same episodes")
    return found


def _beats_the_teacher(results: Mapping[str, Sequence[Result]], policy: str) -> bool:
    taught = {result.seed: result.reward for result in results.get("teacher", [])}
    return sum(r.reward - taught[r.seed] for r in results[policy] if r.seed in taught) > 0


def _agreement(results: Sequence[Result]) -> float:
    return sum((result.agreement.get(OUTPUT, Agreement()) for result in results), Agreement()).share
