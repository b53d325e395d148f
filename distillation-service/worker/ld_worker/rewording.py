"""A task's own functions under other names and in other words.

A student that has seen its functions under one name only knows them by heart: renamed, they are strangers to it. In
reading it is therefore shown some of them under names drawn by chance, and with manual entries turned around: what an
entry of the form "condition: action." says can be said in other orders.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from ld_worker import prompts
from ld_worker.prompts import Entry
from ld_worker.trajectories import Row
from ld_worker.vocabulary import vocabulary

TURNED = 0.6
"""How often an entry that can be turned around is."""

_PARTS = re.compile(r"([^:]+): ([^:]+)\.")
_FORMS = (
    "{Do}, when {when}.",
    "{Do} if {when}.",
    "When {when}: {do}.",
    "If {when}, {do}.",
    "{Do}: {when}.",
    "{When}? Then {do}.",
    "{When}. Then {do}.",
)


def turned(manual: str, rng: random.Random) -> str:
    """The entry in another order; as it is, where it has not the form."""
    found = _PARTS.fullmatch(manual)
    if not found:
        return manual
    when, do = found.groups()
    return rng.choice(_FORMS).format(when=_small(when), When=when, do=_small(do), Do=_capital(do))


def renamed(row: Row, entries: Sequence[Entry], rng: random.Random) -> tuple[Row, list[Entry]]:
    """The entries as if somebody else had written them, and the row with its choice among them."""
    words = vocabulary()
    handles = rng.sample(words["handles"], len(entries))
    others, chosen = [], row.chosen
    for entry, handle in zip(entries, handles, strict=True):
        name = f"{rng.choice(words['verbs'])}_{handle}"
        manual = turned(entry.manual, rng) if rng.random() < TURNED else entry.manual
        others.append(Entry(name, handle, manual))
        if entry.name == row.chosen:
            chosen = name
    return replace(row, chosen=chosen), others


def sample(rows: Sequence[Row], seed: int) -> list[Row]:
    """The rows with all their candidates renamed, to judge a student on."""
    rng = random.Random(seed)
    found = []
    for row in rows:
        other, entries = renamed(row, row.candidates, rng)
        found.append(replace(other, candidates=tuple(prompts.canonical(entries))))
    return found


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
