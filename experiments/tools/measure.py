"""Measures a game without a platform: how strong the policies are, and whether the views say enough.

Run it in experiments/: PYTHONPATH=. python tools/measure.py GAME --episodes 200
The pack's functions and views run in node, which has to be on the path.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from node_pack import Node

from ld_experiments.figures import interval
from ld_experiments.games import Game, expert_choices, folder_of, game_named, games, seed_of
from ld_experiments.packs import load_pack

Choose = Callable[[dict[str, Any], random.Random], dict[str, str]]


class Measured:
    """Plays one policy and keeps what the views said and what the expert would have chosen."""

    def __init__(self, node: Node, game: Game, stages: list[str]) -> None:
        self.node, self.game, self.stages = node, game, stages
        self.visited: Counter[tuple[str, str]] = Counter()
        self.views: dict[tuple[str, str], set[str]] = {}

    def play(self, choose: Choose, seed: int, explore: float) -> tuple[float, int]:
        episode, dice = self.game.start(seed), random.Random(f"measure:{seed}")
        while not episode.over:
            state = episode.state()
            choices, earlier = choose(state, dice), {}
            for stage in self.stages:
                self._note(stage, state, earlier)
                earlier[stage] = self.node.answer("run", choices[stage], state, earlier)
            stray = dice.random() < explore
            episode.play(dice.choice(self.game.stray()) if stray else earlier[self.stages[-1]])
        return episode.reward, episode.step

    def _note(self, stage: str, state: dict[str, Any], earlier: dict[str, Any]) -> None:
        lesson = self.game.lesson(stage, state, earlier)
        self.visited[stage, lesson] += 1
        self.views.setdefault((stage, self.node.answer("view", stage, state, earlier)), set()).add(lesson)


# The best fixed rule that we know for each game: the same function of every stage in every state.
FIXED = {
    "pursuit": {"target": "nearest", "approach": "go_around"},
    "emergencies": {"target": "nearest", "approach": "go_around"},
    "twenty-one": {"count": "natural_hand", "risk": "dealer_lasts", "act": "chase_rival"},
}


def policies_of(game: Game, names: dict[str, list[str]]) -> dict[str, Choose]:
    stages = list(names)

    def teacher(state: dict[str, Any], dice: random.Random) -> dict[str, str]:
        return expert_choices(game, stages, state, {})

    policies: dict[str, Choose] = {
        "teacher": teacher,
        "fixed": lambda state, dice: FIXED[game.name],
        "random": lambda state, dice: {stage: dice.choice(names[stage]) for stage in stages},
    }
    if game.learned_in != game.name:
        earlier = game_named(game.learned_in)
        policies[earlier.name] = lambda state, dice: expert_choices(earlier, stages, state, {})
    if game.solved:
        policies["optimum"] = lambda state, dice: game.optimum(state, teacher(state, dice))
    return policies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("game", choices=sorted(games()))
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=50)
    parser.add_argument("--policies", help="which ones, separated by commas (default: all)")
    arguments = parser.parse_args()
    game = game_named(arguments.game)
    folder = folder_of(game.name) / "pack"
    pack = load_pack(folder)
    stages = [stage["name"] for stage in pack.task["stages"]]
    policies = policies_of(game, {s: [f["name"] for f in pack.functions if f["stage"] == s] for s in stages})
    node, seeds = Node(pack), [seed_of(arguments.seed, index) for index in range(arguments.episodes)]
    for policy in (arguments.policies or ",".join(policies)).split(","):
        choose = policies[policy]
        measured = Measured(node, game, stages)
        rewards, steps = zip(*(measured.play(choose, seed, 0.0) for seed in seeds), strict=True)
        low, high = interval(rewards, 1)
        mean = sum(rewards) / len(rewards)
        print(f"{policy:8} {game.measure} {mean:.3f} [{low:.3f}, {high:.3f}], {sum(steps) / len(steps):.1f} steps")
        if policy == "teacher":
            _shares(measured, stages)
    measured = Measured(node, game, stages)
    for seed in seeds:
        measured.play(policies["teacher"], seed, 0.3)
    torn = sum(len(chosen) > 1 for chosen in measured.views.values())
    distinct = Counter(stage for stage, _ in measured.views)
    print(f"with 30% strayed moves: distinct views {dict(distinct)}; views with two different choices: {torn}")


def _shares(measured: Measured, stages: list[str]) -> None:
    for stage in stages:
        chosen = {name: count for (at, name), count in measured.visited.most_common() if at == stage}
        total = sum(chosen.values())
        print(f"  {stage}: " + ", ".join(f"{name} {count / total:.2f}" for name, count in chosen.items()))


if __name__ == "__main__":
    main()
