"""How often a student chooses as its teacher did, and how well its probabilities mean it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ld_worker import calibration, devices, scoring
from ld_worker.package import StageResult
from ld_worker.packing import Pack, Packer
from ld_worker.prompts import READING, Entry, canonical
from ld_worker.trajectories import Row, by_stage

STATES = {"recall": 16, "reading": 4}
NAME = 10
"""hexadecimal digits that name a judged row; the registry reads as many"""


@dataclass(frozen=True)
class Scored:
    """A row with the scores of its candidates in canonical order, none last, before any temperature."""

    row: Row
    way: str
    candidates: list[Entry]
    scores: list[float]
    label: int

    @property
    def agrees(self) -> bool:
        return max(range(len(self.scores)), key=self.scores.__getitem__) == self.label

    @property
    def question(self) -> str:
        """Names what was asked and what would have been right: the same for every student, in whichever way."""
        return question(self.row, self.candidates, self.label)


def question(row: Row, candidates: Sequence[Entry], label: int) -> str:
    said = [row.stage, row.view, *(entry.digest(row.stage) for entry in candidates), str(label)]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:NAME]


def spread(rows: Sequence[Row], per_stage: int) -> list[Row]:
    """At most ``per_stage`` rows of every stage, by their names and not by a seed.

    Students of other seeds, and of later versions of the dataset, are judged on the same ones as far as that goes.
    """
    return [
        row
        for found in by_stage(rows).values()
        for row in sorted(found, key=lambda row: question(row, canonical(row.candidates), 0))[:per_stage]
    ]


def sample(rows: Sequence[Row], per_stage: int, seed: int) -> list[Row]:
    """At most ``per_stage`` rows of every stage, the same ones for the same seed."""
    rng = random.Random(seed)
    return [row for found in by_stage(rows).values() for row in rng.sample(found, min(per_stage, len(found)))]


def score(model: Any, packer: Packer, way: str, rows: Sequence[Row], half: bool, batch: int = 4) -> list[Scored]:
    """Scores rows with the candidates they were recorded with; ``half`` computes in BF16 where the device can."""
    return score_packs(model, packer.as_recorded(way, rows, STATES[way]), half, batch)


def score_packs(model: Any, packs: Iterable[tuple[Pack, list[Row]]], half: bool, batch: int = 4) -> list[Scored]:
    """Scores packs, each with the rows that its states come from."""
    packs = sorted(packs, key=lambda found: len(found[0].prompt))
    scored = []
    was_training = model.training
    model.eval()
    with torch.inference_mode(), devices.half(devices.of(model), half):
        for start in range(0, len(packs), batch):
            chunk = packs[start : start + batch]
            for (pack, own), states in zip(chunk, _scores(model, [p for p, _ in chunk]), strict=True):
                for row, entries, found, label in zip(own, pack.candidates, states, pack.labels, strict=True):
                    scored.append(Scored(row, pack.way, entries, found.tolist(), label))
    model.train(was_training)
    return scored


def _scores(model: Any, packs: Sequence[Pack]) -> list[list[torch.Tensor]]:
    """All at once, or in halves where there is no memory for that."""
    found, why = devices.shrinking(lambda: scoring.pack_scores(model, packs))
    if why is None:
        return found
    if len(packs) == 1:
        raise MemoryError(f"no memory to score a single prompt: {why}")
    middle = len(packs) // 2
    return _scores(model, packs[:middle]) + _scores(model, packs[middle:])


SURE = 0.9
"""A right choice of less probability than this is hard: it may be another one in eight bits, or behind a new word."""


def hard(scored: Iterable[Scored]) -> list[Row]:
    """The rows that a student chooses wrongly, or rightly but without being sure."""
    return [one.row for one in scored if calibration.probabilities(one.scores, 1.0)[one.label] < SURE]


def agreements(scored: Sequence[Scored]) -> dict[str, float]:
    """The share of rows that agree, by stage."""
    right: dict[str, list[bool]] = {}
    for one in scored:
        right.setdefault(one.row.stage, []).append(one.agrees)
    return {stage: sum(found) / len(found) for stage, found in right.items()}


def calibrate(fitted_on: Sequence[Scored], judged_on: Sequence[Scored]) -> dict[str, StageResult]:
    """Temperatures, and the score of none for reading, from one set of held-out rows; figures by stage from another."""
    results = {}
    for stage in sorted({one.row.stage for one in judged_on}):
        fit = [one for one in fitted_on if one.row.stage == stage]
        judge = [one for one in judged_on if one.row.stage == stage]
        fitted, wanted = [o.scores for o in fit], [o.label for o in fit]
        scores, labels = [o.scores for o in judge], [o.label for o in judge]
        bias = 0.0
        if fit and fit[0].way == READING:
            temperature, bias = calibration.reading(fitted, wanted)
            scores = calibration.biased(scores, bias)
        else:
            temperature = calibration.temperature(fitted, wanted) if fit else 1.0
        results[stage] = StageResult(
            agreement=calibration.agreement(scores, labels),
            rows=len(judge),
            expected_calibration_error=calibration.expected_calibration_error(scores, labels, temperature),
            temperature=temperature,
            none_bias=bias,
            curve=calibration.cost_curve(scores, labels, temperature),
            judged={one.question: one.agrees for one in judge},
        )
    return results


def joining(scored: Sequence[Scored], fits: float | None = None) -> dict[str, dict[str, float]]:
    """By stage, the temperature and none's score for functions that are read beside others that are recalled.

    :param scored: rows whose candidates are such functions alone
    :param fits: in what share of the states that they join one of them is expected to fit; if it is left out, as often
        as in the rows
    """
    found = {}
    for stage in sorted({one.row.stage for one in scored}):
        own = [one for one in scored if one.row.stage == stage]
        scores, labels = [one.scores for one in own], [one.label for one in own]
        labelled = [one.label < len(one.scores) - 1 for one in own]
        weights = None if fits is None else calibration.weights(labelled, fits)
        temperature, bias = calibration.reading(scores, labels, weights)
        found[stage] = {"temperature": temperature, "noneBias": bias}
    return found


def preferred(results: Mapping[str, Mapping[str, StageResult]], tolerance: float = 0.01) -> str:
    """Recall where it is as good as reading: it costs the state's tokens only."""

    def worst(way: str) -> float:
        return min((r.agreement for r in results.get(way, {}).values()), default=0.0)

    return "recall" if worst("recall") >= worst(READING) - tolerance and "recall" in results else READING
