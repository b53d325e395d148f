"""Collects function trajectories: the expert plays through the public API, and its choices are written down."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from .api import Api
from .errors import ExperimentError
from .games import Game, expert_choices

Row = dict[str, Any]


def collect_episode(api: Api, game: Game, snapshot: Mapping[str, Any], seed: int, explore: float) -> list[Row]:
    """The rows of one episode.

    With the chance `explore` an earlier stage is given a function at random (its row is left out, for it is not the
    expert's), and with the same chance the game goes on with another output than the one decided. So the rows also show
    what the expert does in states that it would not have come to.
    """
    dice = random.Random(f"explore:{seed}")
    by_stage: dict[str, list[str]] = {}
    for stage in snapshot["definition"]["stages"]:
        by_stage[stage["name"]] = sorted(f["name"] for f in snapshot["functions"] if f["stage"] == stage["name"])
    stages = list(by_stage)
    running, group, rows = game.start(seed), str(uuid.uuid4()), []
    while not running.over:
        state, step = running.state(), running.step
        forced = {stage: dice.choice(by_stage[stage]) for stage in stages[:-1] if dice.random() < explore}
        request = {
            "state": state,
            "episode": group,
            "snapshot": snapshot["snapshot"],
            "choices": expert_choices(game, stages, state, forced),
        }
        decision = api.post(f"/tasks/{game.name}/decisions", request)
        rows += _lessons(game, snapshot, decision, state, f"{game.name}-{seed}", step)
        stray = dice.random() < explore
        running.play(dice.choice(game.stray()) if stray else decision["output"])
    return rows


def _lessons(
    game: Game,
    snapshot: Mapping[str, Any],
    decision: Mapping[str, Any],
    state: Mapping[str, Any],
    episode: str,
    step: int,
) -> Iterator[Row]:
    manuals = {function["name"]: function["manual"] for function in snapshot["functions"]}
    earlier: dict[str, Any] = {}
    for stage in decision["stages"]:
        name = stage["stage"]
        if stage["chosen"] == game.lesson(name, state, earlier):
            yield {
                "episode": episode,
                "step": step,
                "task": game.name,
                "snapshot": decision["snapshot"],
                "stage": name,
                "view": stage["view"],
                "candidates": [
                    {"function": c["function"], "handle": c["handle"], "manual": manuals[c["function"]]}
                    for c in sorted(stage["candidates"], key=lambda candidate: candidate["handle"])
                ],
                "chosen": stage["chosen"],
                "output": stage["output"],
            }
        earlier[name] = stage["output"]


class Distinct:
    """Lets every view of a stage through once, and refuses a teacher that contradicts itself."""

    def __init__(self) -> None:
        self._chosen: dict[tuple[str, str], str] = {}

    def admit(self, row: Row) -> bool:
        key, chosen = (row["stage"], row["view"]), row["chosen"]
        if key not in self._chosen:
            self._chosen[key] = chosen
            return True
        if self._chosen[key] != chosen:
            raise ExperimentError(
                f"The expert chose {self._chosen[key]} and {chosen} for one and the same view of stage {row['stage']}: "
                f"'{row['view']}' The view leaves out a fact that the expert decides on."
            )
        return False
