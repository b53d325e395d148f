"""The expert policy of 21 Points: the teacher that a student learns from.

The first rule that applies decides. Every fact that a rule asks for is also stated by the view of its stage, or no
student could learn it; so the later stages go by what the earlier ones answered, right or wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .functions import WEAK, rival_out, worth_raising
from .odds import BEST, NATURAL, hand_of, table_of


def choose_count(state: Mapping[str, Any]) -> str:
    """The function that counts my hand."""
    hand = hand_of(state["me"]["cards"])
    if hand.rank == NATURAL:
        return "natural_hand"
    if hand.cards == 4:
        return "long_hand"
    if hand.soft:
        return "soft_hand"
    return "strong_start" if hand.doubles else "hard_hand"


def choose_risk(state: Mapping[str, Any], count: Mapping[str, Any]) -> str:
    """The function that says what to aim for."""
    table = table_of(state)
    if count["kind"] == "long":
        return "fifth_card"
    if count["total"] == BEST:
        return "beyond_reach"
    if count["kind"] == "start" and worth_raising(count["total"], table):
        return "chance_to_raise"
    if not table.done:
        return "rival_draws"
    if table.rival.rank >= 17:
        return "rival_rests"
    if count["kind"] == "soft":
        return "soft_room"
    return "dealer_breaks" if rival_out(table) and table.dealer in WEAK else "dealer_lasts"


def choose_act(state: Mapping[str, Any], count: Mapping[str, Any], risk: Mapping[str, Any]) -> str:
    """The function that plays."""
    table = table_of(state)
    total, aim = count["total"], risk["aim"]
    if risk["by"] == "raise":
        return "double_up"
    if total >= aim:
        if risk["by"] == "breaks" and total < 17:
            return "wait_out"
        return "protect_lead" if table.done and 0 < table.rival.rank < total else "stand_made"
    if risk["by"] == "five":
        return "reach_five"
    if risk["bust"] == "none":
        return "take_free"
    return "chase_rival" if risk["by"] == "rival" else "draw_more"
