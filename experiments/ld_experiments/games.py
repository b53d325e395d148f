"""What an experiment has to bring, and which experiments there are."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from .errors import ExperimentError

ROOT = Path(__file__).resolve().parent.parent
GENERAL = "general"
"""The student of no game, the task that it says it is of, and the folder that it lies in."""


class Episode(Protocol):
    """One game in progress."""

    step: int

    @property
    def over(self) -> bool: ...

    @property
    def reward(self) -> float: ...

    def state(self) -> dict[str, Any]:
        """The state that the next decision is asked for."""
        ...

    def play(self, output: Mapping[str, Any]) -> None:
        """Goes on with the output of a decision."""
        ...


class Game(Protocol):
    """A game, its expert and the folder of its pack and students."""

    name: str
    measure: str
    """What the reward of an episode counts, as the title of a column."""
    solved: bool
    """Whether the best play is known exactly, so that `optimum` can be asked."""
    learned_in: str
    """The game whose trajectories its students and cheap heads learned from."""

    helpless: frozenset[str]
    """Policies that the game leaves no way to do well: which of them does worst is chance, so no order is expected."""

    def start(self, seed: int) -> Episode: ...

    def lesson(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
        """The function that the expert chooses, given what the earlier stages answered."""
        ...

    def covers(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
        """Whether the task has a function for the situation; where it has not, `lesson` names the least bad one."""
        ...

    def foresee(
        self, stage: str, function: str, state: Mapping[str, Any], earlier: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a function of an earlier stage will answer, so that the choices of all stages fit into one request."""
        ...

    def stray(self) -> list[dict[str, Any]]:
        """Outputs to play instead of the expert's, so that a student sees how to recover from a wrong one."""
        ...

    def optimum(self, state: Mapping[str, Any], expert: Mapping[str, str]) -> dict[str, str]:
        """Choices that lead to the best output there is, given the expert's, in a solved game."""
        ...


def games() -> dict[str, Game]:
    from .emergencies import Emergencies
    from .pursuit import Pursuit
    from .twenty_one import TwentyOne

    return {game.name: game for game in (Pursuit(), Emergencies(), TwentyOne())}


def game_named(name: str) -> Game:
    found = games()
    if name not in found:
        raise ExperimentError(f"There is no experiment '{name}'; there are: {', '.join(sorted(found))}.")
    return found[name]


def rows_of(game: str) -> Path:
    """The bundled trajectories of a game's expert, on which the cheap heads are trained."""
    return ROOT / game / "rows.ndjson.gz"


def outputs_of(game: str) -> str:
    """The task in which the outputs of a game are themselves what is chosen: the way of plain distillation."""
    return f"{game}-outputs"


def output_named(output: Mapping[str, Any]) -> str:
    """The function of the task of outputs that answers with an output."""
    (value,) = output.values()
    return str(value)


def sources_of(game: Game) -> Path:
    """Where the rules and the expert of a game are written."""
    return Path(inspect.getfile(type(game))).parent


def folder_of(game: str) -> Path:
    """Where the pack and the students of a game lie."""
    return ROOT / game


def seed_of(seed: int, index: int) -> int:
    """The seed of one episode; different values of --seed never share an episode below a million episodes."""
    return seed * 1_000_000 + index


def expert_choices(
    game: Game, stages: list[str], state: Mapping[str, Any], forced: Mapping[str, str]
) -> dict[str, str]:
    """A function for every stage: the forced one where there is one, else the expert's answer to what came before."""
    choices: dict[str, str] = {}
    earlier: dict[str, Any] = {}
    for stage in stages:
        choices[stage] = forced.get(stage) or game.lesson(stage, state, earlier)
        if stage != stages[-1]:
            earlier[stage] = game.foresee(stage, choices[stage], state, earlier)
    return choices
