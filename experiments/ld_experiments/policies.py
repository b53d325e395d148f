"""The policies that an experiment compares. A policy asks the platform until it has the decision to be played."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from .errors import ExperimentError
from .games import GENERAL, Game, expert_choices, outputs_of
from .heads import Head

State = Mapping[str, Any]
Decision = dict[str, Any]


class Table(Protocol):
    """The platform as a policy sees it while one state is to be decided."""

    def ask(self, carried: Mapping[str, Any], task: str | None = None) -> Decision:
        """A decision on the state, in the game's task unless another is named.

        :param carried: what this policy's request holds beside the state
        """
        ...

    def first_hit(self, stage: str, earlier: Mapping[str, Any]) -> str:
        """The function that the platform's search puts first for a stage of the state."""
        ...


Policy = Callable[[State, Table], Decision]

POLICIES = (
    "random",
    "direct",
    "kd",
    "untuned",
    "general",
    "retriever",
    "nearest",
    "logistic",
    "ld",
    "teacher",
    "optimum",
)
HEADS = ("nearest", "logistic")
QUICK = {"random": 10, "kd": 10, "untuned": 3, "ld": 10, "teacher": 10}
"""The policies of a quick run and how many episodes each plays. What the untuned model does shows in a few: every one
of its decisions is asked of the model, and its episodes are the longest."""
NAME_OUTPUTS = ("direct", "kd")
"""The policies that name the output of a decision themselves and choose no function."""


def student_of(policy: str, game: Game) -> str | None:
    """The student that a policy names, if it asks a model at all."""
    own = {"ld": f"{game.learned_in}-ld", "kd": f"{game.learned_in}-kd", "general": GENERAL}
    return own.get(policy, "untuned" if policy in ("untuned", "direct") else None)


def taught_for(policy: str, game: Game) -> str:
    """The task that the student of a policy is registered under: a general student is of no game."""
    return GENERAL if policy == "general" else task_of(policy, game)


def task_of(policy: str, game: Game) -> str:
    """The task that a policy asks to decide."""
    return outputs_of(game.name) if policy in NAME_OUTPUTS else game.name


def usual(game: Game) -> list[str]:
    """The policies that a run compares unless it is told otherwise."""
    return [name for name in POLICIES if name != "optimum" or game.solved]


def policy_named(
    name: str,
    game: Game,
    functions: Mapping[str, Sequence[str]],
    seed: int,
    heads: Mapping[str, Head] | None = None,
    asked: str | None = None,
) -> Policy:
    """A policy for one episode.

    :param functions: the functions of every stage, by the stages' order
    :param heads: the trained heads, by the names of their policies
    :param asked: the student to ask, if not the newest one that has the policy's name
    """
    stages = list(functions)
    student = asked or student_of(name, game)
    if student is not None:
        return lambda state, table: table.ask({"student": student}, task_of(name, game))
    if name in HEADS:
        return Settling((heads or {}).get(name) or Head({}), stages)
    if name == "retriever":
        return lambda state, table: table.ask({"choices": _first_hits(game, stages, state, table)})
    if name == "teacher":
        return lambda state, table: table.ask({"choices": expert_choices(game, stages, state, {})})
    if name == "optimum" and game.solved:
        return lambda state, table: table.ask({"choices": game.optimum(state, expert_choices(game, stages, state, {}))})
    if name == "random":
        dice = random.Random(f"random:{seed}")
        return lambda state, table: table.ask(
            {"choices": {stage: dice.choice(names) for stage, names in functions.items()}}
        )
    raise ExperimentError(f"There is no policy '{name}' of {game.name}; there are: {', '.join(usual(game))}.")


class Settling:
    """Imposes what a head chooses by the views, which only a decision shows.

    So it decides with a guess, the choices of the state before, reads the views, and decides again until what was
    imposed is what the head chooses. A stage's view depends on the stages before it, so each round settles one stage
    at least, and the last decision is the one that an informed client would have asked for at once.
    """

    def __init__(self, head: Head, stages: Sequence[str]) -> None:
        self._head = head
        self._guess = {stage: head.commonest(stage) for stage in stages if head.commonest(stage)}

    def __call__(self, state: State, table: Table) -> Decision:
        while True:
            decision = table.ask({"choices": self._guess})
            chosen: dict[str, str] = {}
            settled = True
            for stage in decision["stages"]:
                name = stage["stage"]
                chosen[name] = self._head.choose(name, stage["view"], _offered(stage)) if settled else stage["chosen"]
                settled = settled and chosen[name] == stage["chosen"]
            if settled:
                return decision
            self._guess = chosen


def _offered(stage: Mapping[str, Any]) -> list[str]:
    """What retrieval offers, as a student sees it; a function that is there because it was imposed does not count."""
    names = [candidate["function"] for candidate in stage["candidates"] if candidate["origin"] != "pinned"]
    return names or [candidate["function"] for candidate in stage["candidates"]]


def _first_hits(game: Game, stages: Sequence[str], state: State, table: Table) -> dict[str, str]:
    choices: dict[str, str] = {}
    earlier: dict[str, Any] = {}
    for stage in stages:
        choices[stage] = table.first_hit(stage, earlier)
        if stage != stages[-1]:
            earlier[stage] = game.foresee(stage, choices[stage], state, earlier)
    return choices
