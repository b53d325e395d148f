"""Tasks drawn by chance, from which a general student learns to read: which condition holds in which situation.

Every pack is a task that was never there before: subjects and what may be said of them, a situation in words, and
functions with a condition each. Conditions name categories by the word that the situation uses or by another one,
negate, except, compare numbers, rank, join, offer alternatives, and ask for events that a situation may mention without
their being so. At most one function fits.

Nothing here comes from the bundled games. `KINDS` names what a condition can be made of, so that a student can be
judged on kinds that its training left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ld_worker import prompts
from ld_worker.packing import Pack
from ld_worker.prompts import Entry, Tokens
from ld_worker.trajectories import Row
from ld_worker.vocabulary import vocabulary

STAGE = "*"  # any stage of any task
OFTEN = 4  # times as many conditions ask for one category as use any other kind
ALTERNATIVES = 0.15  # of the conditions are offered together with another one, of which either is enough
WORDINGS = ("{rule}: {do}.",) * 5 + ("when {rule}: {do}.", "if {rule}, {do}.", "{do} if {rule}.", "{do} when {rule}.")
KINDS = ("is", "is not", "either", "neither", "number", "between", "beyond", "rank", "event", "unless", "or")
HELD_OUT_KINDS = ("neither", "beyond")
HELD_OUT_SHARE = 4  # every fourth subject, ladder, quantity, state and event is left out of training


@dataclass(frozen=True)
class Words:
    """The part of the vocabulary that tasks are drawn from."""

    subjects: Sequence[str]
    ladders: Sequence[Any]
    quantities: Sequence[str]
    contenders: Sequence[Any]
    events: Sequence[Any]
    states: Sequence[str]

    @classmethod
    def part(cls, held_out: bool) -> Words:
        def of(name: str) -> list[Any]:
            return [word for i, word in enumerate(vocabulary()[name]) if (i % HELD_OUT_SHARE == 0) == held_out]

        ladders = of("ladders")
        if held_out:
            trained = {word for ladder in cls.part(False).ladders for rung in ladder for word in rung}
            ladders = [ladder for ladder in ladders if not trained & {word for rung in ladder for word in rung}]
        return cls(of("subjects"), ladders, of("quantities"), of("contenders"), of("events"), of("states"))


@dataclass(frozen=True)
class Level:
    """How hard a task is: which words and kinds of conditions, how many traits, how many conditions a function joins.

    ``plain`` is for what share of the categories a condition uses the word that the situation uses.
    """

    words: Words
    kinds: Sequence[str]
    traits: Sequence[type]
    fewest: int
    most: int
    joins: Sequence[int]
    plain: float = 0.0

    @property
    def short(self) -> bool:
        """Whether a case is so short that twice as many of them cost as much."""
        return self.most <= 4 and max(self.joins) == 1


Holds = Callable[[Any], bool]


@dataclass(frozen=True)
class Condition:
    """A condition on one trait: its text, and for which values it holds.

    ``subject`` is what the text begins with where the rest can stand behind another condition on the same subject.
    ``last`` is said of an exception, which stands behind all other conditions.
    """

    trait: int
    text: str
    holds: Holds
    subject: str = ""
    last: bool = False

    @property
    def predicate(self) -> str:
        return self.text[len(self.subject) :].strip()


def _spoken(number: int, rng: random.Random) -> str:
    words = vocabulary()["numbers"]
    return words[number] if number < len(words) and rng.random() < 0.5 else str(number)


def said_of(subject: str, what: str, style: int) -> str:
    return (f"{subject} {what}", f"the {subject} is {what}", f"{subject}: {what}")[style]


class Ladder:
    """A subject that is in one of a few conditions: path blocked, path clear. One subject may be on several ladders."""

    def __init__(self, words: Words, rng: random.Random, plain: bool = False) -> None:
        self.subject = rng.choice(words.subjects)
        drawn = rng.choice(words.ladders)
        if plain and rng.random() < 0.4:
            # Categories that nobody ever put side by side: what counts is the word itself, not what it means.
            drawn = [rng.choice(ladder)[:1] for ladder in rng.sample(words.ladders, rng.randint(2, 4))]
        self._rungs = [rung[:1] if plain else rung for rung in drawn]

    @property
    def words(self) -> set[str]:
        return {word for rung in self._rungs for word in rung}

    @property
    def name(self) -> str:
        return f"{self.subject} {self._rungs[0][0]}"

    def draw(self, rng: random.Random) -> int:
        return rng.randrange(len(self._rungs))

    def word(self, value: int, rng: random.Random) -> str:
        return self._rungs[value][0] if rng.random() < 0.8 else rng.choice(self._rungs[value])

    def say(self, value: int, style: int, rng: random.Random) -> str:
        return said_of(self.subject, self.word(value, rng), style)

    def conditions(self, trait: int, kinds: Sequence[str], rng: random.Random) -> list[Condition]:
        wanted, other = rng.sample(range(len(self._rungs)), 2)
        word, second = rng.choice(self._rungs[wanted]), rng.choice(self._rungs[other])
        found = []
        if "is" in kinds:
            found += [self._condition(trait, word, lambda value: value == wanted, rng)] * OFTEN
        if "is not" in kinds:
            found.append(self._condition(trait, f"not {word}", lambda value: value != wanted, rng))
        if "either" in kinds and len(self._rungs) > 2:
            found.append(self._condition(trait, f"{word} or {second}", lambda value: value in (wanted, other), rng))
        if "neither" in kinds and len(self._rungs) > 2:
            found.append(
                self._condition(trait, f"neither {word} nor {second}", lambda v: v not in (wanted, other), rng)
            )
        if "unless" in kinds:
            said = rng.choice(("unless the {0} is {1}", "except when the {0} is {1}", "but not with {0} {1}"))
            said = said.format(self.subject, word)
            found.append(Condition(trait, said, lambda value: value != wanted, last=True))
        return found

    def _condition(self, trait: int, said: str, holds: Holds, rng: random.Random) -> Condition:
        subject = rng.choice((self.subject, f"the {self.subject} is"))
        return Condition(trait, f"{subject} {said}", holds, subject)


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
            said = rng.choice(("{0} from {1} to {2}", "{0} of {1} to {2}", "{0} between {1} and {2}"))
            said = said.format(self.name, number, _spoken(far, rng))
            found.append(Condition(trait, said, lambda value: bound <= value <= far))
        if "beyond" in kinds:
            said = f"{self.name} below {number} or above {_spoken(far, rng)}"
            found.append(Condition(trait, said, lambda value: value < bound or value > far))
        return found


class Presence:
    """Something that is there or is not: no crane, a crane."""

    def __init__(self, words: Words, rng: random.Random, _: bool = False) -> None:
        self.name = rng.choice(words.subjects)
        self._article = "an" if self.name[0] in "aeiou" else "a"

    def draw(self, rng: random.Random) -> bool:
        return rng.random() < 0.5

    def say(self, value: bool, style: int, rng: random.Random) -> str:
        if value:
            return rng.choice((f"{self._article} {self.name}", f"there is {self._article} {self.name}"))
        return rng.choice((f"no {self.name}", f"there is no {self.name}"))

    def conditions(self, trait: int, kinds: Sequence[str], rng: random.Random) -> list[Condition]:
        there = rng.choice((f"{self._article} {self.name}", f"with {self._article} {self.name}"))
        absent = rng.choice((f"no {self.name}", f"without {self._article} {self.name}"))
        found = [Condition(trait, there, bool)] if "is" in kinds else []
        return [*found, Condition(trait, absent, lambda value: not value)] if "is not" in kinds else found


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
        self._true, self._almost = self._made(words, rng) if rng.random() < 0.4 else rng.choice(words.events)
        if plain:
            self._true = self._true[:1]
        self.name = self._true[0]

    @staticmethod
    def _made(words: Words, rng: random.Random) -> tuple[list[str], list[str]]:
        """What happened to a thing, and what is said of one to which it did not happen, or no more."""
        thing, state = rng.choice(words.subjects), rng.choice(words.states)
        so = [f"the {thing} was {state}", f"the {thing} has been {state}", f"somebody had the {thing} {state}"]
        almost = [
            f"the {thing} was nearly {state}",
            f"the {thing} was not {state}",
            f"the {thing} is no longer {state}",
            f"the {thing} was {state} and is as before",
            f"the {thing} will be {state} some day",
            f"another {thing} was {state}, far away",
        ]
        return so, almost

    def draw(self, rng: random.Random) -> int:
        return rng.choice((self.HAPPENED, self.ALMOST, self.UNSAID))

    def say(self, value: int, style: int, rng: random.Random) -> str:
        return "" if value == self.UNSAID else rng.choice(self._almost if value else self._true)

    def conditions(self, trait: int, kinds: Sequence[str], rng: random.Random) -> list[Condition]:
        if "event" not in kinds:
            return []
        said = rng.choice(self._true)
        so = Condition(trait, said, lambda value: value == self.HAPPENED)
        return [so, so, so, Condition(trait, f"not so that {said}", lambda value: value != self.HAPPENED)]


ALL_TRAITS = (Ladder,) * 6 + (Presence, Quantity, Quantity, Ranking, Event, Event)
TRAINED, LEFT_OUT = Words.part(False), Words.part(True)
TRAINED_KINDS = tuple(kind for kind in KINDS if kind not in HELD_OUT_KINDS)

JOINS = (1, 1, 2, 2, 2, 3, 3, 4)
PLAIN = 0.7
TRAINING = Level(TRAINED, TRAINED_KINDS, ALL_TRAITS, 3, 7, JOINS, PLAIN)
OTHER_WORDS = Level(LEFT_OUT, TRAINED_KINDS, ALL_TRAITS, 3, 7, JOINS, PLAIN)
OTHER_KINDS = Level(LEFT_OUT, HELD_OUT_KINDS, (Ladder, Ladder, Quantity), 3, 6, (1, 1, 1, 2, 2, 3), PLAIN)

FACTS = (Ladder, Ladder, Presence)
SIMPLE = ("is", "is not", "either", "unless")
COURSE = (
    (0.06, Level(TRAINED, ("is",), (Ladder,), 2, 4, (1,), plain=1.0)),
    (0.20, Level(TRAINED, ("is",), FACTS, 3, 6, (1, 2, 2, 3), plain=1.0)),
    (0.35, Level(TRAINED, SIMPLE, FACTS, 3, 6, (1, 2, 2, 3), plain=1.0)),
    (0.50, Level(TRAINED, TRAINED_KINDS, (*FACTS, *FACTS, Quantity, Event), 3, 6, (1, 2, 2, 3), plain=0.9)),
    (1.00, TRAINING),
)
"""Up to which share of a run its tasks are how hard: a student that begins with hard ones learns nothing from them.

What is learned first is to hold several words of a condition against those of the situation: that is most of what
manuals ask for, and it is learned in a few hundred cases. Other words for the same take many more.
"""


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
        self._draw_traits()
        setting, instruction = rng.choice(vocabulary()["settings"]), rng.choice(vocabulary()["instructions"])
        self.prefix = prompts.prefix_text(setting.format(*rng.sample(list(level.words.subjects), 2)), instruction)

    def _draw_traits(self) -> None:
        """Traits of different names. Some ladders share their subject, as facts about one thing do."""
        level, rng = self._level, self._rng
        for kind in rng.choices(level.traits, k=rng.randint(level.fewest, level.most)):
            trait = kind(level.words, rng, rng.random() < level.plain)
            others = [other for other in self._traits if isinstance(other, Ladder)]
            if isinstance(trait, Ladder) and others and rng.random() < 0.4:
                shared = rng.choice(others)
                if not trait.words & {w for other in others if other.subject == shared.subject for w in other.words}:
                    trait.subject = shared.subject
            if not self._taken(trait):
                self._traits.append(trait)

    def _taken(self, trait: Any) -> bool:
        """Whether something else is said under the same name already, or both of a thing and of its being there."""
        presence = {other.name for other in self._traits if isinstance(other, Presence)}
        subjects = {other.subject for other in self._traits if isinstance(other, Ladder)}
        if isinstance(trait, Presence) and trait.name in subjects:
            return True
        if isinstance(trait, Ladder) and trait.subject in presence:
            return True
        return trait.name in {other.name for other in self._traits}

    def _view(self, values: Sequence[Any]) -> str:
        rng = self._rng
        of_subjects: dict[str, list[str]] = {}
        said = []
        for i in rng.sample(range(len(values)), len(values)):
            trait = self._traits[i]
            if not isinstance(trait, Ladder):
                said.append(trait.say(values[i], self._style, rng))
                continue
            word = trait.word(values[i], rng)
            if trait.subject in of_subjects:
                of_subjects[trait.subject].append(word)
            else:
                of_subjects[trait.subject] = [word]
                said.append(trait.subject)
        parts = [said_of(s, ", ".join(of_subjects[s]), self._style) if s in of_subjects else s for s in said]
        text = self._join.join(part for part in parts if part) or "nothing is known"
        return text[0].upper() + text[1:] + "."

    def _condition(self) -> Condition | None:
        trait = self._rng.randrange(len(self._traits))
        found = self._traits[trait].conditions(trait, self._level.kinds, self._rng)
        return self._rng.choice(found) if found else None

    def _alternative(self, part: Condition, values: Sequence[Any], wanted: bool) -> Condition:
        """The condition, or it and another one of which either is enough, together as true as the first alone."""
        if "or" not in self._level.kinds or part.last or self._rng.random() >= ALTERNATIVES:
            return part
        other = self._condition()
        if (
            other is None
            or other.last
            or other.trait == part.trait
            or (other.holds(values[other.trait]) and not wanted)
        ):
            return part
        pair = [part, other]
        self._rng.shuffle(pair)
        text = self._rng.choice(("{0} or {1}", "either {0} or {1}")).format(*(each.text for each in pair))
        return Condition(part.trait, text, part.holds)

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
                return [self._alternative(part, values, part.holds(values[part.trait])) for part in parts]
        return None

    def _manual(self, rule: Sequence[Condition], do: str) -> str:
        """A rule and what to do as one sentence, in one of several wordings."""
        rng = self._rng
        parts: list[str] = []
        before = ""
        for part in (part for part in rule if not part.last):
            again = part.subject and part.subject == before and rng.random() < 0.7
            parts.append(f"{parts.pop()} and {part.predicate}" if again else part.text)
            before = part.subject
        text = rng.choice((", ", ", ", " and ")).join(parts) or rng.choice(("always", "whatever comes", "in any case"))
        text = ", ".join([text, *(part.text for part in rule if part.last)])
        bystanders = [
            t.subject for t in self._traits if isinstance(t, Ladder) and not any(t.subject in p.text for p in rule)
        ]
        if bystanders and rng.random() < 0.1:
            text += f", {rng.choice(bystanders)} whatever"
        written = rng.choice(WORDINGS).format(rule=text, do=do)
        return written[0].upper() + written[1:]

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
            name = f"{verb}_{handle}" if rng.random() < 0.3 else handle
            entries.append(Entry(name, handle, self._manual(rule, f"{verb} {item}")))
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
