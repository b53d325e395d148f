"""Writes GAME/rows.ndjson.gz: what the expert chooses for which view, for the cheap heads. Needs node on the path.

Run it in experiments/: PYTHONPATH=. python tools/rows.py [GAME …]
It explores as `collect` does, on the seed that `collect` uses; a view of a stage is written once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator

from node_pack import Node

from ld_experiments.collect import Distinct
from ld_experiments.games import Game, expert_choices, folder_of, game_named, games, rows_of, seed_of
from ld_experiments.packs import load_pack

SEED, EPISODES, EXPLORE = 100, 600, 0.3


def rows_of_episode(game: Game, node: Node, stages: dict[str, list[str]], seed: int) -> Iterator[dict[str, str]]:
    dice, names, episode = random.Random(f"explore:{seed}"), list(stages), game.start(seed)
    while not episode.over:
        state = episode.state()
        forced = {stage: dice.choice(stages[stage]) for stage in names[:-1] if dice.random() < EXPLORE}
        choices, earlier = expert_choices(game, names, state, forced), {}
        for stage in names:
            lesson = game.lesson(stage, state, earlier)
            yield {"stage": stage, "view": node.answer("view", stage, state, earlier), "chosen": lesson}
            earlier[stage] = node.answer("run", choices[stage], state, earlier)
        stray = dice.random() < EXPLORE
        episode.play(dice.choice(game.stray()) if stray else earlier[names[-1]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("games", nargs="*", metavar="GAME", help="which ones (default: all)")
    parser.add_argument("--episodes", type=int, default=EPISODES)
    arguments = parser.parse_args()
    for name in arguments.games or [game.name for game in games().values() if game.learned_in == game.name]:
        game, folder = game_named(name), folder_of(name) / "pack"
        pack, distinct = load_pack(folder), Distinct()
        node = Node(pack)
        stages = {
            stage["name"]: sorted(f["name"] for f in pack.functions if f["stage"] == stage["name"])
            for stage in pack.task["stages"]
        }
        lines = [
            json.dumps(row, separators=(",", ":")) + "\n"
            for index in range(arguments.episodes)
            for row in rows_of_episode(game, node, stages, seed_of(SEED, index))
            if distinct.admit(row)
        ]
        # Without a time of writing, so that the same rows give the same file.
        rows_of(name).write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
        print(f"{name}: {len(lines)} rows, {rows_of(name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
