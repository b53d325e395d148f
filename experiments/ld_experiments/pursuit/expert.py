"""The expert policy of the pursuit game: the teacher that a student learns from.

It reads the raw state, never the worded view, and names one function per stage. The first rule that applies decides;
every fact that a rule asks for is also stated by the view of its stage, or no student could learn it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .game import Board, Cell, board_of, cell_of

ADJACENT = 1
CLOSE = 4
PARTNER_NEAR = 4


def choose_target(state: Mapping[str, Any]) -> str:
    """The function that decides which evader to go for."""
    if len(state["targets"]) == 1:
        return "last_one"
    board, me, partner = board_of(state), cell_of(state["me"]), cell_of(state["partner"])
    targets = {target["id"]: cell_of(target) for target in state["targets"]}
    mine, theirs = _nearest(board, me, targets), _nearest(board, partner, targets)
    reach, partner_reach = board.distance(me, targets[mine]), board.distance(partner, targets[theirs])
    if reach <= ADJACENT:
        return "nearest"
    corners = [cell for cell in targets.values() if board.exits(cell) <= 2]
    if len(corners) == 1 and board.distance(me, corners[0]) <= CLOSE:
        return "cornered"
    if partner_reach < reach:
        return "help_partner"
    return "together" if mine == theirs else "nearest"


def target_of(function: str, state: Mapping[str, Any]) -> str:
    """The evader that a function of the target stage answers with. The first of the list wins a tie."""
    board, me, partner = board_of(state), cell_of(state["me"]), cell_of(state["partner"])
    targets = {target["id"]: cell_of(target) for target in state["targets"]}
    if function == "last_one":
        return list(targets)[-1]
    rank = {
        "nearest": lambda cell: board.distance(me, cell),
        "help_partner": lambda cell: board.distance(partner, cell),
        "together": lambda cell: board.distance(me, cell) + board.distance(partner, cell),
        "cornered": board.exits,
    }[function]
    return min(targets, key=lambda name: rank(targets[name]))


def choose_approach(state: Mapping[str, Any], target: str) -> str:
    """The function that decides how to move on the evader that was chosen."""
    board, me, partner = board_of(state), cell_of(state["me"]), cell_of(state["partner"])
    prey = next(cell_of(entry) for entry in state["targets"] if entry["id"] == target)
    reach, partner_reach = board.distance(me, prey), board.distance(partner, prey)
    if reach <= ADJACENT:
        return "pounce"
    if reach <= CLOSE:
        return _close_in(board, me, partner, prey, partner_reach <= PARTNER_NEAR)
    if partner_reach <= PARTNER_NEAR:
        return "cut_off"
    return _travel(board, me, prey)


def _close_in(board: Board, me: Cell, partner: Cell, prey: Cell, partner_near: bool) -> str:
    exits = board.exits(prey)
    if exits > 3:
        same_side = (me[0] - prey[0]) * (partner[0] - prey[0]) + (me[1] - prey[1]) * (partner[1] - prey[1]) > 0
        return "squeeze" if partner_near and not same_side else "flank"
    if partner_near:
        return "squeeze"
    return "guard_exit" if exits <= 2 else "pin_to_wall"


def _travel(board: Board, me: Cell, prey: Cell) -> str:
    dx, dy = prey[0] - me[0], prey[1] - me[1]
    vertical = abs(dy) >= abs(dx)
    ahead = (me[0], me[1] + (1 if dy > 0 else -1)) if vertical else (me[0] + (1 if dx > 0 else -1), me[1])
    if not board.free(ahead):
        return "go_around"
    return "close_rows" if vertical else "close_columns"


def _nearest(board: Board, start: Cell, targets: dict[str, Cell]) -> str:
    return min(targets, key=lambda name: board.distance(start, targets[name]))
