"""Plays episodes through the public API and counts how a policy does."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .api import Api
from .games import Game
from .policies import Policy


@dataclass
class Agreement:
    """How often the choice at a stage was the expert's."""

    same: int = 0
    asked: int = 0

    def count(self, same: bool) -> None:
        self.same += same
        self.asked += 1

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(self.same + other.same, self.asked + other.asked)

    @property
    def share(self) -> float:
        return self.same / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class Result:
    """One episode, played to its end."""

    seed: int
    reward: float
    steps: int
    agreement: dict[str, Agreement]
    milliseconds: list[float] = field(repr=False)


def functions_of(snapshot: dict[str, Any]) -> dict[str, list[str]]:
    """The functions of every stage of a snapshot, in the order of the stages."""
    stages = [stage["name"] for stage in snapshot["definition"]["stages"]]
    return {
        stage: sorted(function["name"] for function in snapshot["functions"] if function["stage"] == stage)
        for stage in stages
    }


def play_episode(
    api: Api, game: Game, policy: Policy, seed: int, snapshot: str, clock: Callable[[], float] = time.perf_counter
) -> Result:
    """Every decision of the episode is asked of the platform, with the snapshot fixed for the whole experiment."""
    running = game.start(seed)
    group = str(uuid.uuid4())
    agreement: dict[str, Agreement] = {}
    milliseconds = []
    while not running.over:
        state = running.state()
        request = {"state": state, "episode": group, "snapshot": snapshot} | policy(state)
        begun = clock()
        decision = api.post(f"/tasks/{game.name}/decisions", request)
        milliseconds.append((clock() - begun) * 1000)
        _compare(game, state, decision, agreement)
        running.play(decision["output"])
    return Result(seed, running.reward, running.step, agreement, milliseconds)


def _compare(game: Game, state: dict[str, Any], decision: dict[str, Any], agreement: dict[str, Agreement]) -> None:
    earlier: dict[str, Any] = {}
    for stage in decision["stages"]:
        name = stage["stage"]
        agreement.setdefault(name, Agreement()).count(stage["chosen"] == game.lesson(name, state, earlier))
        earlier[name] = stage["output"]
