"""21 Points: a rival, a dealer and me play for a pot; three stages count, weigh the risk and act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expert import choose_act, choose_count, choose_risk
from .functions import answer
from .game import ACTIONS, Episode
from .odds import best_action, hand_of, table_of

PLAIN = {"stand": "stand_made", "hit": "draw_more", "double": "double_up"}


class TwentyOne:
    """21 Points as the experiments see it."""

    name = "twenty-one"
    measure = "won a round"
    solved = True
    learned_in = "twenty-one"
    helpless = frozenset[str]()

    def start(self, seed: int) -> Episode:
        return Episode(seed)

    def lesson(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
        if stage == "count":
            return choose_count(state)
        if stage == "risk":
            return choose_risk(state, earlier["count"])
        return choose_act(state, earlier["count"], earlier["risk"])

    def covers(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
        return True

    def foresee(
        self, stage: str, function: str, state: Mapping[str, Any], earlier: Mapping[str, Any]
    ) -> dict[str, Any]:
        return answer(stage, function, state, earlier)

    def stray(self) -> list[dict[str, Any]]:
        return [{"action": action} for action in ACTIONS]

    def optimum(self, state: Mapping[str, Any], expert: Mapping[str, str]) -> dict[str, str]:
        """The expert's choices where they lead to the best action, else a function that simply takes it."""
        action = best_action(hand_of(state["me"]["cards"]), table_of(state))
        earlier: dict[str, Any] = {}
        for stage in ("count", "risk", "act"):
            earlier[stage] = answer(stage, expert[stage], state, earlier)
        return dict(expert) if earlier["act"]["action"] == action else {**expert, "act": PLAIN[action]}
