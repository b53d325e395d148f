"""The expert of the game with emergencies: a new function where its event is in force, else the pursuit expert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..pursuit import expert as pursuit
from ..pursuit.game import Board, board_of, cell_of
from .game import CORRIDOR, DECOY, FROZEN, GATE, WHISTLE

NEW = {FROZEN: "alone", DECOY: "genuine", CORRIDOR: "detour", WHISTLE: "stand_still", GATE: "ambush"}


def choose_target(state: Mapping[str, Any]) -> str:
    kind = _in_force(state)
    return NEW[kind] if kind in (FROZEN, DECOY) else pursuit.choose_target(state)


def target_of(function: str, state: Mapping[str, Any]) -> str:
    """The evader that a function of the target stage answers with."""
    if function == "genuine":
        decoy = state.get("event", {}).get("target")
        return next((target["id"] for target in state["targets"] if target["id"] != decoy), state["targets"][0]["id"])
    return pursuit.target_of("nearest" if function == "alone" else function, state)


def choose_approach(state: Mapping[str, Any], target: str) -> str:
    kind = _in_force(state)
    if kind in (WHISTLE, GATE) or (kind == CORRIDOR and on_my_way(state, target)):
        return NEW[kind]
    return pursuit.choose_approach(state, target)


def on_my_way(state: Mapping[str, Any], target: str) -> bool:
    """Whether the closed cells make the way to the target longer."""
    board, me = board_of(state), cell_of(state["me"])
    prey = next(cell_of(entry) for entry in state["targets"] if entry["id"] == target)
    closed = frozenset(cell_of(cell) for cell in state["event"]["cells"])
    return Board(board.width, board.height, board.obstacles | closed).distance(me, prey) > board.distance(me, prey)


def _in_force(state: Mapping[str, Any]) -> str | None:
    event = state.get("event")
    return event["kind"] if event and event["now"] else None
