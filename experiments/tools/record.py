"""Records tests/golden/GAME.ndjson anew after a change of the pack, the game or the expert. Needs node on the path.

Run it in experiments/: PYTHONPATH=. python tools/record.py [GAME …]
The tests hold the expert against what the pack's JavaScript answered here, so they need no JavaScript engine.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from node_pack import Node

from ld_experiments.games import Game, folder_of, game_named, games, seed_of
from ld_experiments.packs import load_pack

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"
PER_CHOICE = 12


def record(node: Node, game: Game, state: dict[str, Any], stages: dict[str, list[str]]) -> dict[str, Any]:
    """What the expert chooses in a state, what the views say, and what every function answers."""
    found: dict[str, Any] = {"state": state, "stages": []}
    earlier: dict[str, Any] = {}
    for stage, functions in stages.items():
        chosen = game.lesson(stage, state, earlier)
        outputs = {function: node.answer("run", function, state, earlier) for function in functions}
        view = node.answer("view", stage, state, earlier)
        found["stages"].append({"stage": stage, "view": view, "chosen": chosen, "outputs": outputs})
        earlier[stage] = outputs[chosen]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("games", nargs="*", metavar="GAME", help="which ones (default: all)")
    for name in parser.parse_args().games or games():
        record_game(game_named(name))


def record_game(game: Game) -> None:
    folder = folder_of(game.name) / "pack"
    pack, dice = load_pack(folder), random.Random(3)
    node = Node(pack)
    stages = {
        stage["name"]: [f["name"] for f in pack.functions if f["stage"] == stage["name"]]
        for stage in pack.task["stages"]
    }
    for function in pack.functions:
        for test in function["tests"]:
            got = node.answer("run", function["name"], test["state"], test["earlier"])
            assert got == test["output"], f"{function['name']} answers {got} to {test}"
    seen: Counter[str] = Counter()
    kept = []
    for index in range(400):
        episode = game.start(seed_of(900, index))
        while not episode.over:
            found = record(node, game, episode.state(), stages)
            chosen = [stage["chosen"] for stage in found["stages"]]
            if dice.random() < 0.1 and any(seen[name] < PER_CHOICE for name in chosen):
                seen.update(chosen)
                kept.append(found)
            output = found["stages"][-1]["outputs"][chosen[-1]]
            episode.play(dice.choice(game.stray()) if dice.random() < 0.3 else output)
        if all(seen[f["name"]] >= PER_CHOICE for f in pack.functions):
            break
    header = {"pack": pack.sha256}
    golden = GOLDEN / f"{game.name}.ndjson"
    golden.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in [header, *kept]))
    print(f"{golden.name}: {len(kept)} states, {dict(seen)}")


if __name__ == "__main__":
    main()
