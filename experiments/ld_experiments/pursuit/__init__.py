"""The pursuit game: two chasers, two evaders, a small grid with obstacles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import expert
from .game import MOVES, Episode


class Pursuit:
    """The pursuit game as the experiments see it."""

    name = "pursuit"
    measure = "captured"
    solved = False
    learned_in = "pursuit"
    helpless = frozenset[str]()
    expert = expert
    """Where the game's teacher is written: `choose_target`, `choose_approach` and `target_of`."""

    def start(self, seed: int) -> Episode:
        return Episode(seed)

    def lesson(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
        if stage == "target":
            return self.expert.choose_target(state)
        return self.expert.choose_approach(state, earlier["target"]["target"])

    def covers(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
        return True

    def foresee(
        self, stage: str, function: str, state: Mapping[str, Any], earlier: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {"target": self.expert.target_of(function, state)}

    def stray(self) -> list[dict[str, Any]]:
        return [{"move": move} for move in MOVES]

    def optimum(self, state: Mapping[str, Any], expert: Mapping[str, str]) -> dict[str, str]:
        raise NotImplementedError("The game is too large to be solved.")
