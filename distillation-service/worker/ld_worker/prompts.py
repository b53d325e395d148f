"""The prompt format "set-v1": how a student sees its candidates as a set.

Pure functions over a tokenizer; the inference engine builds the same prompts, and the golden files under
``tests/golden`` hold both to it.

A prompt is a row of tokens cut into segments. A token sees a token at or before its own index whose segment is
among those that its own segment sees, so one small table describes the whole attention mask. Candidates share
their start position and never see one another: their order cannot matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FORMAT = "set-v1"
LONGEST_ENTRY = 48
RECALL = "recall"
READING = "reading"
WAYS = (RECALL, READING)
YES, NO, NONE = " yes", " no", " none"

Tokens = Callable[[str], list[int]]


@dataclass(frozen=True)
class Entry:
    """One candidate function as a student knows it."""

    name: str
    handle: str
    manual: str

    def digest(self, stage: str) -> str:
        """Names the entry in a student's list of entries it was trained on."""
        return hashlib.sha256(f"{stage}\n{self.handle}\n{self.manual}".encode()).hexdigest()


@dataclass(frozen=True)
class Prompt:
    """``scored`` holds one row of indices per state: the last token (recall), or each block's last token (reading)."""

    ids: list[int]
    positions: list[int]
    segments: list[int]
    sees: list[frozenset[int]]
    scored: list[list[int]]

    def __len__(self) -> int:
        return len(self.ids)


class _Builder:
    def __init__(self) -> None:
        self.ids: list[int] = []
        self.positions: list[int] = []
        self.segments: list[int] = []
        self.sees: list[frozenset[int]] = []

    def add(self, ids: Sequence[int], start: int, sees: frozenset[int]) -> int:
        """Appends a segment that starts at position ``start`` and sees ``sees`` and itself; answers its number."""
        number = len(self.sees)
        self.ids += ids
        self.positions += range(start, start + len(ids))
        self.segments += [number] * len(ids)
        self.sees.append(sees | {number})
        return number

    @property
    def last(self) -> int:
        return len(self.ids) - 1

    def prompt(self, scored: list[list[int]]) -> Prompt:
        return Prompt(self.ids, self.positions, self.segments, self.sees, scored)


def canonical(entries: Sequence[Entry]) -> list[Entry]:
    """Ascending by handle: the order in which every part of the platform lists candidates."""
    return sorted(entries, key=lambda entry: entry.handle)


def prefix_text(rules: str, instruction: str) -> str:
    return f"{rules}\n{instruction}\n"


def recall_entry(entry: Entry) -> str:
    return f"- {entry.handle}: {entry.manual}\n"


def recall_tail(view: str) -> str:
    return f"{view}\nAnswer:"


def reading_view(view: str) -> str:
    return f"{view}\n"


def reading_entry(entry: Entry) -> str:
    return f"- {entry.name}: {entry.manual}\nFits now:"


def recall(
    tokens: Tokens, prefix: str, entries: Sequence[Entry], views: Sequence[str], longest: int = LONGEST_ENTRY
) -> Prompt:
    """Entries first, then the state. Several views may share one row; each sees the prefix, all entries and itself."""
    build = _Builder()
    ids = tokens(prefix)
    root = build.add(ids, 0, frozenset())
    blocks = [build.add(tokens(recall_entry(e))[:longest], len(ids), frozenset({root})) for e in canonical(entries)]
    seen = frozenset({root, *blocks})
    scored = []
    for view in views:
        build.add(tokens(recall_tail(view)), len(ids) + longest, seen)
        scored.append([build.last])
    return build.prompt(scored)


def reading(tokens: Tokens, prefix: str, sets: Sequence[tuple[str, Sequence[Entry]]]) -> Prompt:
    """The state first, then each entry judged in its own block. Several states with their entries may share one row."""
    build = _Builder()
    ids = tokens(prefix)
    root = build.add(ids, 0, frozenset())
    scored = []
    for view, entries in sets:
        words = tokens(reading_view(view))
        state = build.add(words, len(ids), frozenset({root}))
        ends = []
        for entry in canonical(entries):
            build.add(tokens(reading_entry(entry)), len(ids) + len(words), frozenset({root, state}))
            ends.append(build.last)
        scored.append(ends)
    return build.prompt(scored)


def only(prompt: Prompt, states: Sequence[int]) -> Prompt:
    """The prompt with these of its states alone, and the segments that they see."""
    kept: set[int] = set()
    reached = {prompt.segments[end] for state in states for end in prompt.scored[state]}
    while reached - kept:
        kept |= reached
        reached = frozenset().union(*(prompt.sees[segment] for segment in reached))
    numbers = {segment: number for number, segment in enumerate(sorted(kept))}
    indices = [index for index, segment in enumerate(prompt.segments) if segment in kept]
    places = {index: place for place, index in enumerate(indices)}
    return Prompt(
        [prompt.ids[index] for index in indices],
        [prompt.positions[index] for index in indices],
        [numbers[prompt.segments[index]] for index in indices],
        [frozenset(numbers[other] for other in prompt.sees[segment]) for segment in sorted(kept)],
        [[places[end] for end in prompt.scored[state]] for state in states],
    )


class HandleError(ValueError):
    """A handle that is more than one token of the base model's vocabulary, which no student can name in one step."""


def handle_token(tokens: Tokens, handle: str) -> int:
    """The single token of a handle written after a space."""
    ids = tokens(f" {handle}")
    if len(ids) != 1:
        raise HandleError(f"handle '{handle}' is {len(ids)} tokens; a handle must be one token of the vocabulary")
    return ids[0]


def recall_tokens(tokens: Tokens, entries: Sequence[Entry]) -> list[int]:
    """What is scored by recall: each candidate's handle in canonical order, then "none"."""
    return [handle_token(tokens, e.handle) for e in canonical(entries)] + [handle_token(tokens, NONE.strip())]


def reading_tokens(tokens: Tokens) -> list[int]:
    """What is scored by reading at the end of every block: yes, no."""
    return [handle_token(tokens, word.strip()) for word in (YES, NO)]


def visible(prompt: Prompt) -> list[list[bool]]:
    """The attention mask written out: may the row's token see the column's?"""
    return [
        [column <= row and other in prompt.sees[own] for column, other in enumerate(prompt.segments)]
        for row, own in enumerate(prompt.segments)
    ]
