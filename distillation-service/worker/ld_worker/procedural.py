"""Tasks drawn by chance, from which a general student learns to read: which condition holds in which situation.

Every pack is a task that was never there before: subjects and what may be said of them, a situation in words, and
functions with a condition each. Conditions name categories by other words than the situation does, negate, compare
numbers, rank, join, and ask for events that a situation may mention without their being so. At most one function fits.

Nothing here comes from the bundled games. `KINDS` names what a condition can be made of, so that a student can be
judged on kinds that its training left out.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ld_worker import prompts
from ld_worker.packing import Pack
from ld_worker.prompts import Entry, Tokens
from ld_worker.trajectories import Row

STAGE = "*"  # any stage of any task
KINDS = ("is", "is not", "either", "number", "between", "rank", "event", "unless")
HELD_OUT_KINDS = ("between", "unless")
HELD_OUT_SHARE = 4  # every fourth subject, ladder, quantity and event is left out of training


@cache
def vocabulary() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "vocabulary.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Words:
    """The part of the vocabulary that tasks are drawn from."""

    subjects: Sequence[str]
    ladders: Sequence[Any]
    quantities: Sequence[str]
    contenders: Sequence[Any]
    events: Sequence[Any]

    @classmethod
    def part(cls, held_out: bool) -> Words:
        def of(name: str) -> list[Any]:
            return [word for i, word in enumerate(vocabulary()[name]) if (i % HELD_OUT_SHARE == 0) == held_out]

        return cls(of("subjects"), of("ladders"), of("quantities"), of("contenders"), of("events"))


@dataclass(frozen=True)
class Level:
    """How hard a task is: which words and kinds of conditions, how many traits, how many conditions a function joins.

    Where ``plain``, a condition names a category by the word that the situation uses.
    """

    words: Words
    kinds: Sequence[str]
    traits: Sequence[type]
    fewest: int
    most: int
    joins: Sequence[int]
    plain: bool = False


Holds = Callable[[Any], bool]


@dataclass(frozen=True)
class Condition:
    """A condition on one trait: its text, and for which values it holds."""

    trait: int
    text: str
    holds: Holds


def _spoken(number: int, rng: random.Random) -> str:
    words = vocabulary()["numbers"]
    return words[number] if number < len(words) and rng.random() < 0.5 else str(number)


class Ladder:
    """A subject that is in one of a few conditions: path blocked, path clear."""

    def __init__(self, words: Words, rng: random.Random, plain: bool = False) -> None:
        self.name = rng.choice(words.subjects)
        self._rungs = [rung[:1] if plain else rung for rung in rng.choice(words.ladders)]

    def draw(self, rng: random.Random) -> int:
        return rng.randrange(len(self._rungs))

    def say(self, value: int, style: int, rng: random.Random) -> str:
        word = self._rungs[value][0] if rng.random() < 0.8 else rng.choice(self._rungs[value])
        return (f"{self.name} {word}", f"the {self.name} is {word}", f"{self.name}: {word}")[style]

    def conditions(self, trait: int, kinds: Sequence[str], rng: random.Random) -> list[Condition]:
        wanted, other = rng.sample(range(len(self._rungs)), 2)
        word, second = rng.choice(self._rungs[wanted]), rng.choice(self._rungs[other])
        found = []
        if "is" in kinds:
            said = rng.choice((f"{self.name} {word}", f"the {self.name} is {word}"))
            found.append(Condition(trait, said, lambda value: value == wanted))
            found.append(found[-1])
        if "is not" in kinds:
            said = rng.choice((f"{self.name} not {word}", f"the {self.name} is not {word}"))
            found.append(Condition(trait, said, lambda value: value != wanted))
        if "either" in kinds and len(self._rungs) > 2:
            found.append(Condition(trait, f"{self.name} {word} or {second}", lambda value: value in (wanted, other)))
        if "unless" in kinds:
            found.append(Condition(trait, f"whatever comes, unless the {self.name} is {word}", lambda v: v != wanted))
        return found


class Quantity:
    """A number with its unit: total fourteen points."""

    def __init__(self, words: Words, rng: random.Random, _: bool = False) -> None:
        self.name, self._unit = rng.choice(words.quantities)
        self._top = rng.choice((9, 21, 30, 60))

    def draw(self, rng: random.Random) -> int:
        return rng.randint(0, self._top)

    def say(self, value: int, style: int, rng: random.Random) -> str:
        number = _spoken(value, rng)
        return (f"{self.name} {number}", f"the {self.name} is {number} {self._unit}", f"{self.name}: {number}")[style]

    def conditions(self, trait: int, kinds: Sequence[str], rng: random.Random) -> list[Condition]:
        bound = rng.randint(1, self._top - 1)
        far = rng.randint(bound, self._top)
        number = _spoken(bound, rng)
        found = []
        if "number" in kinds:
            found += rng.sample(
                [
                    Condition(trait, f"{self.name} at least {number}", lambda value: value >= bound),
                    Condition(trait, f"{self.name} below {number}", lambda value: value < bound),
                    Condition(trait, f"{self.name} above {number}", lambda value: value > bound),
                    Condition(trait, f"{self.name} at most {number}", lambda value: value <= bound),
                    Condition(trait, f"{self.name} exactly {number}", lambda value: value == bound),
                ],
                2,
            )
        if "between" in kinds:
            said = f"{self.name} from {number} to {_spoken(far, rng)}"
            found.append(Condition(trait, said, lambda value: bound <= value <= far))
        return found


class Ranking:
    """Three that are compared: north 4, east 7, south 2."""

    def __init__(self, words: Words, rng: random.Random, _: bool = False) -> None:
        self._names = rng.choice(words.contenders)
        self.name, self._unit = rng.choice(words.quantities)

    def draw(self, rng: random.Random) -> tuple[int, ...]:
        return tuple(rng.sample(range(1, 20), len(self._names)))

    def say(self, value: tuple[int, ...], style: int, rng: random.Random) -> str:
        listed = ", ".join(f"{name} {number}" for name, number in zip(self._names, value, strict=True))
        return f"{self.name} {listed}" if style != 1 else f"the {self.name} by name, {listed}"

    def conditions(self, trait: int, kinds: Sequence[str], rng: random.Random) -> list[Condition]:
        if "rank" not in kinds:
            return []
        one, two = rng.sample(range(len(self._names)), 2)
        first, second = self._names[one], self._names[two]
        return rng.sample(
            [
                Condition(trait, f"{first} has the highest {self.name}", lambda v: v[one] == max(v)),
                Condition(trait, f"{first} has the lowest {self.name}", lambda v: v[one] == min(v)),
                Condition(trait, f"{first} has more {self.name} than {second}", lambda v: v[one] > v[two]),
                Condition(trait, f"{first} has less {self.name} than {second}", lambda v: v[one] < v[two]),
            ],
            2,
        )


class Event:
    """Something that happened, that is spoken of without its being so, or that goes unsaid."""

    HAPPENED, ALMOST, UNSAID = range(3)

    def __init__(self, words: Words, rng: random.Random, plain: bool = False) -> None:
        self._true, self._almost = rng.choice(words.events)
        if plain:
            self._true = self._true[:1]
        self.name = self._true[0]

    def draw(self, rng: random.Random) -> int:
        return rng.choice((self.HAPPENED, self.ALMOST, self.UNSAID))

    def say(self, value: int, style: int, rng: random.Random) -> str:
        return "" if value == self.UNSAID else rng.choice(self._almost if value else self._true)

    def conditions(self, trait: int, kinds: Sequence[str], rng: random.Random) -> list[Condition]:
        if "event" not in kinds:
            return []
        said = rng.choice(self._true)
        return [
            Condition(trait, said, lambda value: value == self.HAPPENED),
            Condition(trait, said, lambda value: value == self.HAPPENED),
            Condition(trait, f"it is not so that {said}", lambda value: value != self.HAPPENED),
        ]


ALL_TRAITS = (Ladder, Ladder, Ladder, Quantity, Ranking, Event, Event)
TRAINED, LEFT_OUT = Words.part(False), Words.part(True)
TRAINED_KINDS = tuple(kind for kind in KINDS if kind not in HELD_OUT_KINDS)

TRAINING = Level(TRAINED, TRAINED_KINDS, ALL_TRAITS, 3, 7, (1, 1, 2, 2, 3))
OTHER_WORDS = Level(LEFT_OUT, TRAINED_KINDS, ALL_TRAITS, 3, 7, (1, 1, 2, 2, 3))
OTHER_KINDS = Level(LEFT_OUT, HELD_OUT_KINDS, (Ladder, Ladder, Quantity), 3, 7, (1, 1, 2, 2, 3))

COURSE = (
    (0.12, Level(TRAINED, ("is",), (Ladder,), 2, 4, (1,), plain=True)),
    (0.45, Level(TRAINED, ("is", "event"), (Ladder, Ladder, Event), 2, 5, (1,))),
    (
        0.70,
        Level(TRAINED, ("is", "is not", "either", "event", "number"), (Ladder, Ladder, Event, Quantity), 3, 6, (1, 2)),
    ),
    (1.00, TRAINING),
)
"""Up to which share of a run its tasks are how hard: a student that begins with hard ones learns nothing from them."""


def level_at(share: float) -> Level:
    """The level of the course at a point of the run, from 0 to 1."""
    return next(level for until, level in COURSE if share < until or until == 1.0)


@dataclass(frozen=True)
class Case:
    """A situation in words with functions of which the one named ``right`` fits, or none."""

    view: str
    entries: list[Entry]
    right: str | None

    @property
    def label(self) -> int:
        names = [entry.name for entry in prompts.canonical(self.entries)]
        return names.index(self.right) if self.right else len(names)


class World:
    """One task: its traits, its wording, and cases drawn from it."""

    def __init__(self, level: Level, rng: random.Random) -> None:
        self._level, self._rng = level, rng
        self._style = rng.randrange(3)
        self._join = rng.choice((", ", ". ", "; "))
        self._traits: list[Any] = []
        for kind in rng.choices(level.traits, k=rng.randint(level.fewest, level.most)):
            trait = kind(level.words, rng, level.plain)
            if trait.name not in {other.name for other in self._traits}:
                self._traits.append(trait)
        setting, instruction = rng.choice(vocabulary()["settings"]), rng.choice(vocabulary()["instructions"])
        self.prefix = prompts.prefix_text(setting.format(*rng.sample(list(level.words.subjects), 2)), instruction)

    def _view(self, values: Sequence[Any]) -> str:
        order = self._rng.sample(range(len(values)), len(values))
        said = [self._traits[i].say(values[i], self._style, self._rng) for i in order]
        text = self._join.join(part for part in said if part) or "nothing is known"
        return text[0].upper() + text[1:] + "."

    def _condition(self) -> Condition | None:
        trait = self._rng.randrange(len(self._traits))
        found = self._traits[trait].conditions(trait, self._level.kinds, self._rng)
        return self._rng.choice(found) if found else None

    def _rule(self, values: Sequence[Any], fits: bool) -> list[Condition] | None:
        """Conditions on different traits that hold all, or of which one or more fail."""
        size = self._rng.choice(self._level.joins)
        parts: list[Condition] = []
        for _ in range(60):
            found = self._condition()
            if found is None or found.trait in {part.trait for part in parts}:
                continue
            holds = found.holds(values[found.trait])
            # A rule that does not fit fails in its last part alone as a rule: almost right is what teaches.
            wanted = fits or len(parts) < size - 1
            if holds == wanted:
                parts.append(found)
            if len(parts) == size:
                self._rng.shuffle(parts)
                return parts
        return None

    def case(self, functions: int, none: float) -> Case | None:
        rng = self._rng
        values = [trait.draw(rng) for trait in self._traits]
        fitting = rng.random() >= none
        handles = rng.sample(vocabulary()["handles"], functions)
        entries, right = [], None
        for i, handle in enumerate(handles):
            rule = self._rule(values, fitting and i == 0)
            if rule is None:
                return None
            verb, item = rng.choice(vocabulary()["verbs"]), rng.choice(vocabulary()["objects"])
            text = ", ".join(part.text for part in rule)
            name = f"{verb}_{item.split()[-1]}_{handle}" if rng.random() < 0.5 else f"{verb}_{handle}"
            entries.append(Entry(name, handle, f"{text[0].upper()}{text[1:]}: {verb} {item}."))
            if fitting and i == 0:
                right = name
        return Case(self._view(values), entries, right)


def cases(level: Level, rng: random.Random, states: int, functions: int, none: float) -> tuple[str, list[Case]]:
    """The prefix of a fresh task and ``states`` cases of it."""
    while True:
        world = World(level, rng)
        found = [world.case(functions, none) for _ in range(states)]
        if all(found):
            return world.prefix, [case for case in found if case]


def pack(
    tokens: Tokens, level: Level, rng: random.Random, states: int, functions: int, none: float = 0.15
) -> tuple[Pack, list[Row]]:
    """Several cases of one fresh task as a reading prompt, and the cases as rows."""
    prefix, found = cases(level, rng, states, functions, none)
    built = prompts.reading(tokens, prefix, [(case.view, case.entries) for case in found])
    ordered = [prompts.canonical(case.entries) for case in found]
    options = prompts.reading_tokens(tokens)
    rows = [Row("", STAGE, case.view, tuple(case.entries), case.right or "", "") for case in found]
    return Pack(prompts.READING, STAGE, built, options, ordered, [case.label for case in found]), rows
