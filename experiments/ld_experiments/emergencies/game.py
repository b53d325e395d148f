"""The pursuit game in which something unforeseen happens.

In every episode several events follow each other. Each is in force for some steps, is still spoken of for some more,
and is then forgotten. What an event is depends on the seed, where it strikes on the game so far too.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..pursuit.game import Board, Cell, Episode

FROZEN, DECOY, CORRIDOR, WHISTLE, GATE = "frozen", "decoy", "corridor", "whistle", "gate"
LASTS = {FROZEN: (6, 10), DECOY: (8, 12), CORRIDOR: (8, 12), WHISTLE: (1, 2), GATE: (6, 9)}
SPOKEN_OF = 2
SITS_OUT = 5


@dataclass(frozen=True)
class Event:
    """In force while `start <= step < end`, spoken of until `forgotten`; the rest says where it strikes."""

    kind: str
    start: int
    end: int
    chaser: int | None = None
    target: str | None = None
    cells: tuple[Cell, ...] = ()

    @property
    def forgotten(self) -> int:
        return self.end + SPOKEN_OF

    def as_json(self, step: int) -> dict[str, Any]:
        said: dict[str, Any] = {"kind": self.kind, "now": step < self.end}
        if self.target is not None:
            said["target"] = self.target
        if self.cells:
            said["cells"] = [{"x": x, "y": y} for x, y in self.cells]
        return said


class EmergencyEpisode(Episode):
    """- frozen: one chaser cannot move and is not asked.
    - decoy: one target cannot be caught; whoever tries finds it elsewhere.
    - corridor: some cells are closed for all, and the state's obstacles do not name them; a chaser that walks into them
      sits out some steps.
    - whistle: a chaser that moves is put back to where it began the game and sits out some steps.
    - gate: targets run to it whatever the chasers do, and whoever gets through is gone and not caught.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._news = random.Random(f"emergencies:{seed}")
        self._homes = list(self.chasers)
        self._open = self.board
        self.event: Event | None = None
        self._next = self._news.randint(1, 3)
        self._kinds: list[str] = []
        self._escaped = 0
        self._back: dict[int, int] = {}

    @property
    def reward(self) -> float:
        """The share of evaders caught so far."""
        return super().reward - self._escaped / 2

    def state(self) -> dict[str, Any]:
        seen = super().state() | {"obstacles": [{"x": x, "y": y} for x, y in sorted(self._open.obstacles)]}
        return seen | {"event": self.event.as_json(self.step)} if self.event else seen

    def play(self, output: Mapping[str, Any]) -> None:
        if self.in_force(WHISTLE) and output["move"] != "stay":
            self.chasers[self.chaser] = self._homes[self.chaser]
            self._back[self.chaser] = self.step + SITS_OUT
            output = {"move": "stay"}
        elif self._runs_into_closed(output["move"]):
            self._back[self.chaser] = self.step + SITS_OUT
        self._play(output)
        while not self.over and self._cannot_move():
            self._play({"move": "stay"})

    def _runs_into_closed(self, move: str) -> bool:
        there = self._open.moved(self.chasers[self.chaser], move)
        return self.event is not None and self.in_force(CORRIDOR) and there in self.event.cells

    def _cannot_move(self) -> bool:
        frozen = self.event.chaser if self.event and self.in_force(FROZEN) else None
        return self.chaser == frozen or self.step < self._back.get(self.chaser, 0)

    def in_force(self, kind: str) -> bool:
        return self.event is not None and self.event.kind == kind and self.step < self.event.end

    def _play(self, output: Mapping[str, Any]) -> None:
        before = self.step
        super().play(output)
        if self.step != before and self.evaders:
            self._turn_page()

    def _turn_page(self) -> None:
        if self.event and self.in_force(GATE):
            through = [name for name, cell in self.evaders.items() if cell == self.event.cells[0]]
            self._escaped += len(through)
            self.evaders = {name: cell for name, cell in self.evaders.items() if name not in through}
        if self.event and self.step >= self.event.forgotten:
            self.event = None
            self._next = self.step + self._news.randint(0, 2)
        if self.event is None and self.step >= self._next:
            self.event = self._draw_event()
        closed = self.event.cells if self.event and self.in_force(CORRIDOR) else ()
        self.board = self._with(closed) if closed else self._open

    def _draw_event(self) -> Event:
        if not self._kinds:
            self._kinds = self._news.sample(sorted(LASTS), len(LASTS))
        kind = self._kinds.pop()
        if kind == DECOY and len(self.evaders) < 2:
            kind = WHISTLE
        end = self.step + self._news.randint(*LASTS[kind])
        if kind == FROZEN:
            return Event(kind, self.step, end, chaser=self._news.randrange(2))
        if kind == DECOY:
            return Event(kind, self.step, end, target=self._news.choice(sorted(self.evaders)))
        if kind == CORRIDOR:
            return Event(kind, self.step, end, cells=self._draw_corridor())
        if kind == GATE:
            return Event(kind, self.step, end, cells=(self._draw_gate(),))
        return Event(kind, self.step, end)

    def _draw_corridor(self) -> tuple[Cell, ...]:
        """Cells in a row that part some chaser from some target, and leave a way round."""
        empty = set(self._empty())
        rows = [
            tuple((x + i * dx, y + i * dy) for i in range(length))
            for x, y in sorted(empty)
            for dx, dy in ((1, 0), (0, 1))
            for length in (3, 4)
        ]
        fitting = [row for row in rows if empty.issuperset(row)]
        self._news.shuffle(fitting)
        connected = [row for row in fitting[:60] if self._with(row).connected()]
        parting = [row for row in connected if self._parts(row)]
        return (parting or connected or [tuple(sorted(empty))[:1]])[0]

    def _draw_gate(self) -> Cell:
        """A cell at the edge that a chaser reaches well before a target, if there is one."""
        last_x, last_y = self._open.width - 1, self._open.height - 1
        edge = [(x, y) for x, y in self._empty() if x in (0, last_x) or y in (0, last_y)]

        def lead(cell: Cell) -> int:
            theirs = min(self._open.distance(cell, evader) for evader in self.evaders.values())
            return min(theirs - min(self._open.distance(cell, chaser) for chaser in self.chasers), 3)

        self._news.shuffle(edge)
        return max(edge, key=lead)

    def _parts(self, row: tuple[Cell, ...]) -> bool:
        closed = self._with(row)
        return any(
            closed.distance(chaser, evader) > self._open.distance(chaser, evader)
            for chaser in self.chasers
            for evader in self.evaders.values()
        )

    def _with(self, closed: tuple[Cell, ...]) -> Board:
        return Board(self._open.width, self._open.height, self._open.obstacles | frozenset(closed))

    def _empty(self) -> list[Cell]:
        taken = {*self.chasers, *self.evaders.values()}
        cells = ((x, y) for x in range(self._open.width) for y in range(self._open.height))
        return [cell for cell in cells if self._open.free(cell) and cell not in taken]

    def _capture(self) -> None:
        decoy = self.event.target if self.in_force(DECOY) and self.event else None
        if decoy in self.evaders and self.evaders[decoy] in self.chasers:
            self.evaders[decoy] = self._news.choice(self._empty())
        super()._capture()
        if decoy and len(self.evaders) < 2:
            self.event = None
            self._next = self.step + 1

    def _flee(self, cell: Cell) -> Cell:
        if self.in_force(GATE) and self.event:
            gate = self.event.cells[0]
            return min([cell, *self.board.neighbours(cell)], key=lambda other: self.board.distance(other, gate))
        return super()._flee(cell)
