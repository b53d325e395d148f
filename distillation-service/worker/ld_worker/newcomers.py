"""Functions that join a task after its student was trained: events drawn by chance, told in the task's own views.

A new function is pinned because something happened that nobody foresaw. Which event that will be cannot be trained;
what can be is to tell an event that happened from one that is over, is elsewhere or was never told, in the midst of a
view that speaks of other things. So a row's view gets a sentence about a drawn event, and the candidates to read are
functions for this event and for others, in the view's words or in others. Some states know of no event at all, and many
speak of one that is not so: whether is learned apart from which, so what did not happen is often told in the very words
of a candidate. Some functions are for an event at one place only, and the news then may be that it happened elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from ld_worker import procedural, prompts
from ld_worker.packing import Pack, Packer
from ld_worker.procedural import Words
from ld_worker.prompts import Entry
from ld_worker.trajectories import Row, by_stage
from ld_worker.vocabulary import vocabulary

MOST_READ = 3
SAME_WORDS = 0.4
SAID, ALMOST, UNSAID = 0.4, 0.35, 0.25
"""How often a candidate's event has happened, is spoken of without being so, and is not spoken of."""
PLACED = 0.3
"""How often a candidate is for an event at one place."""
FITS = 0.25
"""In what share of the states that new functions join one of them is expected to fit, in service. In the practice it is
more, since those states teach more."""
EASY_SHARE = 0.15
"""Up to this share of a run every event that is told has happened: which one comes before whether."""

_SO = ("{x}", "{x}", "{x}", "{x} now", "since just now {x}", "it is true: {x}")
_NOT_SO = (
    "it is no longer so that {x}",
    "it is not true that {x}",
    "it is over that {x}",
    "that {x} was yesterday",
    "nobody says that {x} any more",
    "elsewhere {x}, not here",
    "soon perhaps: {x}",
)

_ELSEWHERE = (
    "{x}, but not {place}",
    "{x}, but not {place}",
    "{x}, though not {place}",
    "{x}, only not {place}",
    "{x} somewhere, not {place}",
)

_PLACES = (
    "beside me", "near me", "ahead of me", "behind me", "in my corner", "in my row", "on my side", "where I stand",
    "around me", "between us", "within my reach", "next to my partner",
)  # fmt: skip
_OTHER_PLACES = ("on my route", "along my path", "at my place", "close to me")

_TITLES = ("{said}: {do}.", "{said}: {do}, {then}.", "When {lower}: {do}.", "{said}, so {do}.", "If {lower}, {do}.")


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _action(rng: random.Random) -> str:
    words = vocabulary()
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


def case(row: Row, words: Words, rng: random.Random, easy: bool = False, places: Sequence[str] = _PLACES) -> Row:
    """A row whose candidates are new functions alone, of which the one whose event happened is right, or none."""
    events = rng.sample(list(words.events), rng.randint(1, MOST_READ))
    handles = rng.sample(vocabulary()["handles"], len(events))
    drawn = rng.random()
    happened = easy or drawn < SAID
    place = rng.choice(places) if rng.random() < PLACED else ""
    phrase, news = _news(events[0], happened, place, rng) if happened or drawn < SAID + ALMOST else ("", "")
    offered = rng.random() < 0.9 or len(events) == 1
    entries = [_entry(_at(_wanted(events[0], phrase, rng), place), handles[0], rng)] if offered else []
    others = zip(events[1:], handles[1:], strict=True)
    entries += [_entry(rng.choice(said), handle, rng) for (said, _), handle in others]
    chosen = entries[0].name if happened and offered else ""
    view = told(row.view, news, rng) if news else row.view
    if rng.random() < 0.2:
        view = stray(view, _without(words, events), rng)
    return Row(row.episode, row.stage, view, tuple(prompts.canonical(entries)), chosen, row.snapshot)


def _news(event: Sequence[Sequence[str]], happened: bool, place: str, rng: random.Random) -> tuple[str, str]:
    """Words for an event that happened, and the sentence that tells of it or of its not being so."""
    said, almost = event
    phrase = rng.choice(said)
    if happened:
        return phrase, rng.choice(_SO).format(x=_at(phrase, place))
    if place and rng.random() < 0.7:
        return phrase, rng.choice(_ELSEWHERE).format(x=phrase, place=place)
    return phrase, rng.choice(_NOT_SO).format(x=phrase) if rng.random() < 0.4 else rng.choice(almost)


def _at(phrase: str, place: str) -> str:
    return f"{phrase} {place}" if place else phrase


def _wanted(event: Sequence[Sequence[str]], phrase: str, rng: random.Random) -> str:
    """What a function for the event says of it: the words that were told, now and then, else others for the same."""
    reworded = [text for text in event[0] if text != phrase]
    return phrase if phrase and (rng.random() < SAME_WORDS or not reworded) else rng.choice(reworded)


def _without(words: Words, events: Sequence[object]) -> Words:
    left = [event for event in words.events if event not in events]
    return replace(words, events=left)


def pack(packer: Packer, rows: Sequence[Row], words: Words, rng: random.Random, easy: bool = False) -> Pack:
    """One reading prompt over rows of one stage, each with new functions of its own."""
    found = [case(row, words, rng, easy) for row in rows]
    return packer.reading(rows[0].stage, [(row, row.candidates) for row in found])


def batches(
    packer: Packer,
    rows: Sequence[Row],
    states: int,
    size: int,
    count: int,
    rng: random.Random,
    course_from: float = 0.0,
) -> Iterator[list[Pack]]:
    """``count`` batches of ``size`` packs, the stages in turn, with the words that training may use.

    :param course_from: where in the course from easy to hard they begin, from 0 to 1; who knows already which events
        there are would in easy cases only learn that all of them happen
    """
    stages = list(by_stage(rows).values())
    for batch in range(count):
        easy = course_from + (1 - course_from) * batch / count < EASY_SHARE
        yield [
            pack(packer, rng.choices(stages[(batch * size + i) % len(stages)], k=states), procedural.TRAINED, rng, easy)
            for i in range(size)
        ]


def recorded(rows: Sequence[Row], known: Container[str]) -> list[Row]:
    """Recorded rows with those candidates alone that a student does not know: what an engine reads beside known ones.

    :param known: digests of the entries that the student was trained on; rows with no other candidate are left out
    """
    found = []
    for row in rows:
        new = tuple(entry for entry in row.candidates if entry.digest(row.stage) not in known)
        if new:
            chosen = row.chosen if row.chosen in {entry.name for entry in new} else ""
            found.append(replace(row, candidates=new, chosen=chosen))
    return found


def sample(rows: Sequence[Row], seed: int) -> list[Row]:
    """The rows with new functions whose events and places training leaves out, to judge a student on."""
    rng = random.Random(seed)
    return [case(row, procedural.LEFT_OUT, rng, places=_OTHER_PLACES) for row in rows]
