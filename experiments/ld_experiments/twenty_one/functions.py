"""The pack's functions once more, in Python: what a function answers has to be known before the platform runs it.

The tests hold every answer against what the JavaScript answered when the golden file was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .odds import BEST, FIVE, NATURAL, OUT, Hand, Table, hand_of, table_of

Earlier = Mapping[str, Any]
Function = Callable[[Hand, Table, Earlier], dict[str, Any]]

UNCLEAR_AIM = 12
WEAK = range(2, 7)
STIFF = range(12, 16)


def answer(stage: str, function: str, state: Mapping[str, Any], earlier: Earlier) -> dict[str, Any]:
    return FUNCTIONS[stage][function](hand_of(state["me"]["cards"]), table_of(state), earlier)


def _count(kind: str, fits: Callable[[Hand], bool]) -> Function:
    """A count that holds in its situation; elsewhere every ace is taken as one and the kind is unclear."""

    def run(hand: Hand, table: Table, earlier: Earlier) -> dict[str, Any]:
        sure = fits(hand)
        total = hand.total if sure else hand.low
        return {"kind": kind if sure else "unclear", "total": total, "room": BEST - hand.low}

    return run


def _risk(by: str, bar: Callable[[Hand, Mapping[str, Any], Table], int | None]) -> Function:
    """The total to aim for in a function's situation; elsewhere one that no card has put at risk yet."""

    def run(hand: Hand, table: Table, earlier: Earlier) -> dict[str, Any]:
        aim = bar(hand, earlier["count"], table)
        room = earlier["count"]["room"]
        bust = "none" if room >= 10 else "low" if room >= 8 else "even" if room >= 6 else "high"
        return {"by": "unclear" if aim is None else by, "aim": UNCLEAR_AIM if aim is None else aim, "bust": bust}

    return run


def _act(action: Callable[[Hand, Mapping[str, Any], Mapping[str, Any], Table], str]) -> Function:
    return lambda hand, table, earlier: {"action": action(hand, earlier["count"], earlier["risk"], table)}


def _rests_bar(hand: Hand, count: Mapping[str, Any], table: Table) -> int | None:
    rank = table.rival.rank
    if not table.done or rank < 17:
        return None
    if count["kind"] == "soft":
        return max(19, rank if hand.cards == 2 else rank + 1)
    return 18 if rank == 17 and table.dealer not in range(3, 7) else rank


def _draws_bar(hand: Hand, count: Mapping[str, Any], table: Table) -> int | None:
    if table.done:
        return None
    if count["kind"] == "soft":
        return 19 if hand.cards == 2 else 20
    return 17 if stiff(table) and 2 <= table.dealer <= 7 else 18


def _breaks_bar(hand: Hand, count: Mapping[str, Any], table: Table) -> int | None:
    return 13 if rival_out(table) and table.dealer in WEAK else None


def _lasts_bar(hand: Hand, count: Mapping[str, Any], table: Table) -> int | None:
    return 17 if table.done and table.rival.rank < 17 else None


def _soft_bar(hand: Hand, count: Mapping[str, Any], table: Table) -> int | None:
    if count["kind"] != "soft":
        return None
    return 18 if hand.cards == 2 and 2 <= table.dealer <= 8 else 19


def _long_bar(hand: Hand, count: Mapping[str, Any], table: Table) -> int | None:
    if count["kind"] != "long":
        return None
    if count["room"] >= 10:
        return FIVE
    if not table.done:
        return 18
    return max(17 if 2 <= table.dealer <= 7 else 18, table.rival.rank)


def _raise_bar(hand: Hand, count: Mapping[str, Any], table: Table) -> int | None:
    return BEST if count["kind"] == "start" and worth_raising(count["total"], table) else None


def rival_out(table: Table) -> bool:
    return table.done and table.rival.rank == OUT


def stiff(table: Table) -> bool:
    """Whether the rival has to draw to a hand that one card often breaks."""
    return not table.done and table.rival.total in STIFF and not table.rival.soft


def worth_raising(total: int, table: Table) -> bool:
    """Whether a start of nine, ten or eleven is worth doubling the stakes."""
    if rival_out(table):
        return table.dealer != 1 and (total >= 10 or table.dealer < 10)
    return total >= 10 and 2 <= table.dealer <= 9 and (stiff(table) or (table.done and table.rival.rank == 16))


FUNCTIONS: dict[str, dict[str, Function]] = {
    "count": {
        "hard_hand": _count("hard", lambda hand: not hand.soft and hand.cards < 4 and not hand.doubles),
        "soft_hand": _count("soft", lambda hand: hand.soft and hand.cards < 4 and hand.rank != NATURAL),
        "natural_hand": _count("natural", lambda hand: hand.rank == NATURAL),
        "strong_start": _count("start", lambda hand: hand.doubles),
        "long_hand": _count("long", lambda hand: hand.cards == 4),
    },
    "risk": {
        "beyond_reach": _risk("crown", lambda hand, count, table: BEST if count["total"] == BEST else None),
        "rival_rests": _risk("rival", _rests_bar),
        "rival_draws": _risk("draws", _draws_bar),
        "dealer_breaks": _risk("breaks", _breaks_bar),
        "dealer_lasts": _risk("lasts", _lasts_bar),
        "soft_room": _risk("soft", _soft_bar),
        "fifth_card": _risk("five", _long_bar),
        "chance_to_raise": _risk("raise", _raise_bar),
    },
    "act": {
        "stand_made": _act(lambda hand, count, risk, table: "stand"),
        "wait_out": _act(lambda hand, count, risk, table: "stand" if table.dealer in WEAK else "hit"),
        "protect_lead": _act(
            lambda hand, count, risk, table: "stand" if table.done and count["total"] > table.rival.rank else "hit"
        ),
        "chase_rival": _act(
            lambda hand, count, risk, table: "hit" if table.done and count["total"] <= table.rival.rank else "stand"
        ),
        "take_free": _act(lambda hand, count, risk, table: "hit" if risk["bust"] == "none" else "stand"),
        "reach_five": _act(lambda hand, count, risk, table: "hit" if hand.cards == 4 else "stand"),
        "draw_more": _act(lambda hand, count, risk, table: "hit"),
        "double_up": _act(lambda hand, count, risk, table: "double" if hand.doubles else "hit"),
    },
}
