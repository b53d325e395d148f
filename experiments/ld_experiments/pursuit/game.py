"""The rules of the pursuit game and its scripted evaders.

Coordinates start at the north-west corner: x grows to the east, y grows to the south. All randomness of an
episode comes from the generator that its seed makes, so two policies that get the same seed get the same board.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Cell = tuple[int, int]

MOVES: dict[str, Cell] = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0), "stay": (0, 0)}
UNREACHABLE = 1_000


@dataclass(frozen=True)
class Rules:
    """What an episode is drawn from. The defaults are the game that every reported figure is about."""

    smallest: int = 8
    largest: int = 10
    obstacles: tuple[int, int] = (6, 10)
    step_limit: int = 30
    skill: float = 0.9
    rest: float = 0.2


@dataclass(frozen=True)
class Board:
    """A grid with obstacles; answers questions about cells and walking distances."""

    width: int
    height: int
    obstacles: frozenset[Cell]
    _distances: dict[Cell, dict[Cell, int]] = field(default_factory=dict, compare=False, repr=False)

    def free(self, cell: Cell) -> bool:
        return 0 <= cell[0] < self.width and 0 <= cell[1] < self.height and cell not in self.obstacles

    def neighbours(self, cell: Cell) -> list[Cell]:
        around = [(cell[0] + dx, cell[1] + dy) for dx, dy in MOVES.values() if (dx, dy) != (0, 0)]
        return [other for other in around if self.free(other)]

    def exits(self, cell: Cell) -> int:
        return len(self.neighbours(cell))

    def distance(self, start: Cell, end: Cell) -> int:
        """Steps to walk from one cell to another around the obstacles."""
        if start not in self._distances:
            self._distances[start] = self._walk(start)
        return self._distances[start].get(end, UNREACHABLE)

    def moved(self, cell: Cell, move: str) -> Cell:
        """Where a move leads; a move into an obstacle or off the grid leads nowhere."""
        dx, dy = MOVES[move]
        there = (cell[0] + dx, cell[1] + dy)
        return there if self.free(there) else cell

    def connected(self) -> bool:
        cells = [(x, y) for x in range(self.width) for y in range(self.height) if self.free((x, y))]
        return len(self._walk(cells[0])) == len(cells)

    def _walk(self, start: Cell) -> dict[Cell, int]:
        steps = {start: 0}
        queue = deque([start])
        while queue:
            cell = queue.popleft()
            for other in self.neighbours(cell):
                if other not in steps:
                    steps[other] = steps[cell] + 1
                    queue.append(other)
        return steps


class Episode:
    """One game in progress. The chasers move one after the other, then the evaders answer."""

    def __init__(self, seed: int, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.random = random.Random(f"pursuit:{seed}")
        self.board = self._draw_board()
        places = self._draw_places()
        self.chasers: list[Cell] = places[:2]
        self.evaders: dict[str, Cell] = {"a": places[2], "b": places[3]}
        self.step = 0
        self.chaser = 0

    @property
    def over(self) -> bool:
        return not self.evaders or self.step >= self.rules.step_limit

    @property
    def reward(self) -> float:
        """The share of evaders caught so far."""
        return 1 - len(self.evaders) / 2

    def state(self) -> dict[str, Any]:
        """What the chaser whose turn it is sees; valid against the state schema of the task."""
        me, partner = self.chasers[self.chaser], self.chasers[1 - self.chaser]
        return {
            "grid": {"width": self.board.width, "height": self.board.height},
            "obstacles": [_point(cell) for cell in sorted(self.board.obstacles)],
            "me": _point(me),
            "partner": _point(partner),
            "targets": [{"id": name, **_point(cell)} for name, cell in sorted(self.evaders.items())],
            "step": self.step,
        }

    def play(self, output: Mapping[str, Any]) -> None:
        """Moves the chaser whose turn it is; after the second chaser the evaders move and the step ends."""
        here = self.board.moved(self.chasers[self.chaser], output["move"])
        self.chasers[self.chaser] = here
        self._capture()
        if self.chaser == 0 and self.evaders:
            self.chaser = 1
            return
        self.chaser = 0
        for name in sorted(self.evaders):
            self.evaders[name] = self._flee(self.evaders[name])
        self._capture()
        self.step += 1

    def _capture(self) -> None:
        self.evaders = {name: cell for name, cell in self.evaders.items() if cell not in self.chasers}

    def _flee(self, cell: Cell) -> Cell:
        """Rests now and then, else runs well with the chance named skill and anywhere otherwise."""
        if self.random.random() < self.rules.rest:
            return cell
        options = [cell, *(other for other in self.board.neighbours(cell) if other not in self.chasers)]
        if self.random.random() >= self.rules.skill:
            return self.random.choice(options)
        self.random.shuffle(options)

        def safety(option: Cell) -> tuple[int, int, int]:
            away = sorted(self.board.distance(chaser, option) for chaser in self.chasers)
            return away[0], self.board.exits(option), away[1]

        return max(options, key=safety)

    def _draw_board(self) -> Board:
        while True:
            width = self.random.randint(self.rules.smallest, self.rules.largest)
            height = self.random.randint(self.rules.smallest, self.rules.largest)
            cells = [(x, y) for x in range(width) for y in range(height)]
            count = self.random.randint(*self.rules.obstacles)
            board = Board(width, height, frozenset(self.random.sample(cells, count)))
            if board.connected():
                return board

    def _draw_places(self) -> list[Cell]:
        """Two chasers and two evaders on different free cells, no evader within three steps of a chaser."""
        cells = [(x, y) for x in range(self.board.width) for y in range(self.board.height) if self.board.free((x, y))]
        while True:
            places = self.random.sample(cells, 4)
            if all(self.board.distance(chaser, evader) > 3 for chaser in places[:2] for evader in places[2:]):
                return places


def board_of(state: Mapping[str, Any]) -> Board:
    """The board that a state describes."""
    return Board(
        state["grid"]["width"], state["grid"]["height"], frozenset(cell_of(obstacle) for obstacle in state["obstacles"])
    )


def cell_of(point: Mapping[str, Any]) -> Cell:
    return point["x"], point["y"]


def _point(cell: Cell) -> dict[str, int]:
    return {"x": cell[0], "y": cell[1]}
