"""Functions that join a task after its student was trained: events drawn by chance, told in the task's own views.

A new function is pinned because something happened that nobody foresaw. Which event that will be cannot be trained;
what can be is to tell an event that happened from one that is over, is elsewhere or was never told, in the midst of a
view that speaks of other things. So a row's view gets a sentence about a drawn event, and the candidates to read are
functions for this event and for others, in other words than the view's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from ld_worker import procedural, prompts
from ld_worker.packing import Pack, Packer
from ld_worker.procedural import Words
from ld_worker.prompts import Entry
from ld_worker.trajectories import Row, by_stage

MOST_READ = 3
SAME_WORDS = 0.15
EASY_SHARE = 0.15
"""Up to this share of a run every event that is told has happened: which one comes before whether."""

_TITLES = ("{said}: {do}.", "{said}: {do}, {then}.", "When {lower}: {do}.", "{said}, so {do}.", "If {lower}, {do}.")


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _action(rng: random.Random) -> str:
    words = procedural.vocabulary()
    return f"{rng.choice(words['verbs'])} {rng.choice(words['objects'])}"


def _entry(said: str, handle: str, rng: random.Random) -> Entry:
    do = _action(rng)
    manual = rng.choice(_TITLES).format(said=_capital(said), lower=said, do=do, then=_action(rng))
    return Entry(f"{do.split()[0]}_{handle}", handle, manual)


def told(view: str, sentence: str, rng: random.Random) -> str:
    """The view with a sentence of news: mostly after it, now and then before it."""
    news = f"{_capital(sentence)}."
    return f"{view} {news}" if rng.random() < 0.85 else f"{news} {view}"


def stray(view: str, words: Words, rng: random.Random) -> str:
    """The view with news that concern none of its candidates."""
    happened, almost = rng.choice(words.events)
    return told(view, rng.choice(rng.choice((happened, almost))), rng)


def case(row: Row, words: Words, rng: random.Random, easy: bool = False) -> Row:
    """A row whose candidates are new functions alone, of which the one whose event happened is right, or none."""
    events = rng.sample(list(words.events), rng.randint(1, MOST_READ))
    handles = rng.sample(procedural.vocabulary()["handles"], len(events))
    happened, almost = events[0]
    is_so = easy or rng.random() < 0.5
    news = rng.choice(happened if is_so else almost)
    reworded = [text for text in happened if text != news]
    wanted = news if is_so and rng.random() < SAME_WORDS else rng.choice(reworded)
    offered = rng.random() < 0.9 or len(events) == 1
    entries = [_entry(wanted, handles[0], rng)] if offered else []
    others = zip(events[1:], handles[1:], strict=True)
    entries += [_entry(rng.choice(said), handle, rng) for (said, _), handle in others]
    chosen = entries[0].name if is_so and offered else ""
    view = told(row.view, news, rng)
    if rng.random() < 0.2:
        view = stray(view, _without(words, events), rng)
    return Row(row.episode, row.stage, view, tuple(prompts.canonical(entries)), chosen, row.snapshot)


def _without(words: Words, events: Sequence[object]) -> Words:
    left = [event for event in words.events if event not in events]
    return Words(words.subjects, words.ladders, words.quantities, words.contenders, left)


def pack(packer: Packer, rows: Sequence[Row], words: Words, rng: random.Random, easy: bool = False) -> Pack:
    """One reading prompt over rows of one stage, each with new functions of its own."""
    found = [case(row, words, rng, easy) for row in rows]
    return packer.reading(rows[0].stage, [(row, row.candidates) for row in found])


def batches(
    packer: Packer, rows: Sequence[Row], states: int, size: int, count: int, rng: random.Random
) -> Iterator[list[Pack]]:
    """``count`` batches of ``size`` packs, the stages in turn, with the words that training may use."""
    stages = list(by_stage(rows).values())
    for batch in range(count):
        easy = batch < count * EASY_SHARE
        yield [
            pack(packer, rng.choices(stages[(batch * size + i) % len(stages)], k=states), procedural.TRAINED, rng, easy)
            for i in range(size)
        ]


def sample(rows: Sequence[Row], seed: int) -> list[Row]:
    """The rows with new functions whose events training leaves out, to judge a student on."""
    rng = random.Random(seed)
    return [case(row, procedural.LEFT_OUT, rng) for row in rows]
