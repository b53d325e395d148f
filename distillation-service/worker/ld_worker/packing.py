"""From rows to packed training examples: which candidates each row is shown with, and which rows share a prompt.

Rows that share a prompt pay for its prefix (and, in recall, for its entries) once. They do not see each other, so
packing changes no score.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ld_worker import prompts, rewording
from ld_worker.prompts import Entry, Prompt, Tokens
from ld_worker.trajectories import Row, Task, by_stage


@dataclass(frozen=True)
class Sampling:
    """How candidates vary, in shares of the rows.

    ``recorded`` keep the candidates that they were recorded with, the search's own and so the ones most alike; the
    others get some of their stage. ``fewer`` lose some, ``none`` the chosen one.

    Reading shows at most ``reading`` candidates: its blocks do not see each other, so a few say as much per token.
    ``other_words`` of the rows that are read are shown with their functions renamed and in other words. ``hard`` of the
    rows of a stage are drawn from those known to be hard, as far as there are any.
    """

    recorded: float = 0.5
    fewer: float = 0.15
    none: float = 0.08
    reading: int = 3
    other_words: float = 0.0
    hard: float = 0.0


@dataclass(frozen=True)
class Pack:
    """``labels`` gives per state the index of the right candidate in canonical order; one past the last means none."""

    way: str
    stage: str
    prompt: Prompt
    options: list[int]
    candidates: list[list[Entry]]
    labels: list[int]


def halves(pack: Pack) -> list[Pack]:
    """The pack as two, each with half of the states and what those see; itself if it holds a single state."""
    count = len(pack.labels)
    if count < 2:
        return [pack]
    parts = (range(count // 2), range(count // 2, count))
    return [
        Pack(
            pack.way,
            pack.stage,
            prompts.only(pack.prompt, part),
            pack.options,
            [pack.candidates[state] for state in part],
            [pack.labels[state] for state in part],
        )
        for part in parts
    ]


def label(entries: Sequence[Entry], chosen: str) -> int:
    names = [entry.name for entry in entries]
    return names.index(chosen) if chosen in names else len(names)


class Packer:
    def __init__(self, task: Task, tokens: Tokens, longest: int = prompts.LONGEST_ENTRY) -> None:
        self._task = task
        self.tokens = tokens
        self._longest = longest

    def recall(self, stage: str, entries: Sequence[Entry], rows: Sequence[Row]) -> Pack:
        ordered = prompts.canonical(entries)
        built = prompts.recall(self.tokens, self._task.prefix(stage), ordered, [r.view for r in rows], self._longest)
        options = prompts.recall_tokens(self.tokens, ordered)
        labels = [label(ordered, row.chosen) for row in rows]
        return Pack(prompts.RECALL, stage, built, options, [ordered] * len(rows), labels)

    def reading(self, stage: str, sets: Sequence[tuple[Row, Sequence[Entry]]]) -> Pack:
        ordered = [prompts.canonical(entries) for _, entries in sets]
        views = [(row.view, entries) for (row, _), entries in zip(sets, ordered, strict=True)]
        built = prompts.reading(self.tokens, self._task.prefix(stage), views)
        labels = [label(entries, row.chosen) for (row, _), entries in zip(sets, ordered, strict=True)]
        return Pack(prompts.READING, stage, built, prompts.reading_tokens(self.tokens), ordered, labels)

    def as_recorded(self, way: str, rows: Sequence[Row], states: int) -> list[tuple[Pack, list[Row]]]:
        """The rows with exactly the candidates they were recorded with, for evaluation."""
        packs = []
        for stage, found in by_stage(rows).items():
            if way == prompts.READING:
                for start in range(0, len(found), states):
                    chunk = found[start : start + states]
                    packs.append((self.reading(stage, [(row, row.candidates) for row in chunk]), chunk))
                continue
            alike: dict[tuple[Entry, ...], list[Row]] = {}
            for row in found:
                alike.setdefault(row.candidates, []).append(row)
            for entries, same in alike.items():
                for start in range(0, len(same), states):
                    chunk = same[start : start + states]
                    packs.append((self.recall(stage, entries, chunk), chunk))
        return packs


def offered(row: Row, entries: Sequence[Entry], k: int, sampling: Sampling, rng: random.Random) -> list[Entry]:
    """A candidate set for one row: its recorded candidates, or its choice among others of the whole stage."""
    others = [entry for entry in entries if entry.name != row.chosen]
    if len(entries) > k and rng.random() >= sampling.recorded:
        shown = [row.choice, *rng.sample(others, k - 1)]
    else:
        shown = list(row.candidates)
    if len(shown) > 3 and rng.random() < sampling.fewer:
        wrong = [entry for entry in shown if entry.name != row.chosen]
        shown = [row.choice, *rng.sample(wrong, rng.randint(2, len(wrong) - 1))]
    if rng.random() < sampling.none:
        shown = [entry for entry in shown if entry.name != row.chosen]
    return shown


def recall_packs(
    packer: Packer,
    stage: str,
    rows: Sequence[Row],
    entries: Sequence[Entry],
    k: int,
    states: int,
    sampling: Sampling,
    rng: random.Random,
) -> list[Pack]:
    """One pass over the rows. A pack's candidates are drawn for its first row; rows whose choice is among them join."""
    waiting = deque(rng.sample(list(rows), len(rows)))
    packs = []
    while waiting:
        first = waiting.popleft()
        shown = offered(first, entries, k, sampling, rng)
        names = {entry.name for entry in shown}
        joined, passed = [first], []
        while waiting and len(joined) < states:
            row = waiting.popleft()
            if row.chosen in names or rng.random() < sampling.none:
                joined.append(row)
            else:
                passed.append(row)
        waiting.extendleft(reversed(passed))
        packs.append(packer.recall(stage, shown, joined))
    return packs


def reading_packs(
    packer: Packer,
    stage: str,
    rows: Sequence[Row],
    entries: Sequence[Entry],
    k: int,
    states: int,
    sampling: Sampling,
    rng: random.Random,
) -> list[Pack]:
    """One pass over the rows, each with candidates of its own."""
    shuffled = rng.sample(list(rows), len(rows))
    sets = []
    for row in shuffled:
        shown = offered(row, entries, k, sampling, rng)
        right = [entry for entry in shown if entry.name == row.chosen]
        wrong = [entry for entry in shown if entry.name != row.chosen]
        read = right + rng.sample(wrong, min(len(wrong), sampling.reading - len(right)))
        if sampling.other_words and rng.random() < sampling.other_words:
            row, read = rewording.renamed(row, read, rng)
        sets.append((row, read))
    return [packer.reading(stage, sets[start : start + states]) for start in range(0, len(sets), states)]


HARD_REPEATS = 4
"""How often a hard row comes in one pass at most: more often, it would be learned by heart."""


def some_hard(
    rows: Sequence[Row], hard: Sequence[Row], count: int, sampling: Sampling, rng: random.Random
) -> list[Row]:
    """``count`` rows of one stage, of which a share is hard."""
    again = list(hard) * HARD_REPEATS
    first = rng.sample(again, min(len(again), round(count * sampling.hard)))
    return first + rng.sample(list(rows), count - len(first))


def batches(
    packer: Packer,
    task: Task,
    rows: Sequence[Row],
    entries: dict[str, list[Entry]],
    way: str,
    states: int,
    size: int,
    sampling: Sampling,
    rng: random.Random,
    hard: Sequence[Row] = (),
) -> Iterator[list[Pack]]:
    """Batches of ``size`` packs of one way without end. Every pass draws afresh, as many rows of each stage.

    :param hard: those of the rows that come more often, see :class:`Sampling`
    """
    build = recall_packs if way == prompts.RECALL else reading_packs
    left: list[Pack] = []
    while True:
        drawn = []
        shared, tough = by_stage(rows), by_stage(hard)
        fewest = min(len(found) for found in shared.values())
        for stage, found in shared.items():
            shown = some_hard(found, tough.get(stage, ()), fewest, sampling, rng)
            drawn += build(packer, stage, shown, entries[stage], task.stage(stage).k, states, sampling, rng)
        rng.shuffle(drawn)
        left += drawn
        while len(left) >= size:
            yield left[:size]
            left = left[size:]
