"""The pursuit game with emergencies: events that its functions know nothing of, and one new function for each."""

from __future__ import annotations

from ..pursuit import Pursuit
from . import expert
from .game import EmergencyEpisode


class Emergencies(Pursuit):
    """Students, rows and heads are those of the pursuit game: none of them has seen an emergency."""

    name = "emergencies"
    learned_in = Pursuit.name
    # An output that was never taught can not be named, and who can not read can not choose what is new.
    helpless = frozenset({"kd", "direct", "untuned"})
    expert = expert

    def start(self, seed: int) -> EmergencyEpisode:
        return EmergencyEpisode(seed)
