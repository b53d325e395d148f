"""The policies that an experiment compares. A policy only decides what a decision request carries."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import ExperimentError
from .games import Game, expert_choices

Request = dict[str, Any]
Policy = Callable[[Mapping[str, Any]], Request]

POLICIES = ("random", "untuned", "ld", "teacher")


def student_of(policy: str, task: str) -> str | None:
    """The student that a policy names, if it asks a model at all."""
    return {"untuned": "untuned", "ld": f"{task}-ld"}.get(policy)


def policy_named(name: str, game: Game, functions: Mapping[str, Sequence[str]], seed: int) -> Policy:
    """A policy for one episode.

    :param functions: the functions of every stage, by the stages' order
    """
    student = student_of(name, game.name)
    if student is not None:
        return lambda state: {"student": student}
    if name == "teacher":
        return lambda state: {"choices": expert_choices(game, list(functions), state, {})}
    if name == "random":
        dice = random.Random(f"random:{seed}")
        return lambda state: {"choices": {stage: dice.choice(names) for stage, names in functions.items()}}
    raise ExperimentError(f"There is no policy '{name}'; there are: {', '.join(POLICIES)}.")
