"""`python -m ld_experiments.states GAME NUMBER`: states of a game, one a line and each another, to measure with.

No platform is asked: chance plays, so boards are those that the game draws and places such as nobody would choose.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from typing import Any

from .games import Game, game_named


def drawn(game: Game, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Without end; the same ones for the same seed."""
    dice, seen = random.Random(f"states:{seed}"), set()
    while True:
        running = game.start(seed)
        seed += 1
        while not running.over:
            state = running.state()
            written = json.dumps(state, sort_keys=True)
            if written not in seen:
                seen.add(written)
                yield state
            running.play(dice.choice(game.stray()))


def main() -> None:
    name, number = sys.argv[1:]
    states = drawn(game_named(name))
    for _ in range(int(number)):
        print(json.dumps(next(states)))


if __name__ == "__main__":
    main()
