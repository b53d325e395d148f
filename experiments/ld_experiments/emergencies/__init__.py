"""The pursuit game with emergencies: events that its functions know nothing of, and one new function for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..pursuit import Pursuit
from ..pursuit.expert import target_of
from .expert import choose_approach, choose_target
from .game import EmergencyEpisode


class Emergencies(Pursuit):
    """Students, rows and heads are those of the pursuit game: none of them has seen an emergency."""

    name = "emergencies"
    learned_in = "pursuit"

    def start(self, seed: int) -> EmergencyEpisode:
        return EmergencyEpisode(seed)

    def lesson(self, stage: str, state: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
        if stage == "target":
            return choose_target(state)
        return choose_approach(state, earlier["target"]["target"])

    def foresee(
        self, stage: str, function: str, state: Mapping[str, Any], earlier: Mapping[str, Any]
    ) -> dict[str, Any]:
        if function == "genuine":
            decoy = state.get("event", {}).get("target")
            return {"target": next((t["id"] for t in state["targets"] if t["id"] != decoy), state["targets"][0]["id"])}
        return {"target": target_of("nearest" if function == "alone" else function, state)}
