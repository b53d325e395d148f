"""Collects function trajectories: the expert plays through the public API, and its choices are written down."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from .api import Api
from .errors import ExperimentError
from .games import Game, expert_choices, output_named, outputs_of

Row = dict[str, Any]
Decision = list[Row]
"""What the expert chose at the stages of one state."""


def collect(
    api: Api, game: Game, snapshots: Mapping[str, Mapping[str, Any]], seed: int, explore: float, outputs: bool
) -> list[Decision]:
    """The rows of one episode, decision by decision: functions that were chosen, or for plain distillation outputs.

    :param snapshots: by task: of the game, and for outputs of its task of outputs
    """
    if outputs:
        return collect_outputs(api, game, snapshots, seed, explore)
    return collect_episode(api, game, snapshots[game.name], seed, explore)


def collect_episode(api: Api, game: Game, snapshot: Mapping[str, Any], seed: int, explore: float) -> list[Decision]:
    """The rows of one episode, decision by decision.

    With the chance `explore` an earlier stage is given a function at random (its row is left out, for it is not the
    expert's), and with the same chance the game goes on with another output than the one decided. So the rows also show
    what the expert does in states that it would not have come to.
    """
    dice = random.Random(f"explore:{seed}")
    by_stage: dict[str, list[str]] = {}
    for stage in snapshot["definition"]["stages"]:
        by_stage[stage["name"]] = sorted(f["name"] for f in snapshot["functions"] if f["stage"] == stage["name"])
    stages = list(by_stage)
    running, group, decisions = game.start(seed), str(uuid.uuid4()), []
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
        decisions.append(list(_lessons(game, snapshot, decision, state, f"{game.name}-{seed}", step)))
        stray = dice.random() < explore
        running.play(dice.choice(game.stray()) if stray else decision["output"])
    return decisions


def collect_outputs(
    api: Api, game: Game, snapshots: Mapping[str, Mapping[str, Any]], seed: int, explore: float
) -> list[Decision]:
    """The same for a student that names outputs: what the expert's functions answered is what is chosen.

    :param snapshots: of the game's task and of its task of outputs, by task
    """
    dice = random.Random(f"explore:{seed}")
    twin = snapshots[outputs_of(game.name)]
    (stage,) = (stage["name"] for stage in twin["definition"]["stages"])
    stages = [stage["name"] for stage in snapshots[game.name]["definition"]["stages"]]
    running, group, decisions = game.start(seed), str(uuid.uuid4()), []
    while not running.over:
        state, step = running.state(), running.step
        asked = {"state": state, "episode": group}
        imposed = {"snapshot": snapshots[game.name]["snapshot"], "choices": expert_choices(game, stages, state, {})}
        output = api.post(f"/tasks/{game.name}/decisions", asked | imposed)["output"]
        named = {"snapshot": twin["snapshot"], "choices": {stage: output_named(output)}}
        decision = api.post(f"/tasks/{twin['task']}/decisions", asked | named)
        decisions.append([_row(twin, decision, decision["stages"][0], f"{game.name}-{seed}", step)])
        running.play(dice.choice(game.stray()) if dice.random() < explore else output)
    return decisions


def _row(
    snapshot: Mapping[str, Any], decision: Mapping[str, Any], stage: Mapping[str, Any], episode: str, step: int
) -> Row:
    manuals = {function["name"]: function["manual"] for function in snapshot["functions"]}
    return {
        "episode": episode,
        "step": step,
        "task": decision["task"],
        "snapshot": decision["snapshot"],
        "stage": stage["stage"],
        "view": stage["view"],
        "candidates": [
            {"function": c["function"], "handle": c["handle"], "manual": manuals[c["function"]]}
            for c in sorted(stage["candidates"], key=lambda candidate: candidate["handle"])
        ],
        "chosen": stage["chosen"],
        "output": stage["output"],
    }


def _lessons(
    game: Game,
    snapshot: Mapping[str, Any],
    decision: Mapping[str, Any],
    state: Mapping[str, Any],
    episode: str,
    step: int,
) -> Iterator[Row]:
    earlier: dict[str, Any] = {}
    for stage in decision["stages"]:
        name = stage["stage"]
        if stage["chosen"] == game.lesson(name, state, earlier):
            yield _row(snapshot, decision, stage, episode, step)
        earlier[name] = stage["output"]


class Distinct:
    """Lets every view of a stage through once, and refuses a teacher that contradicts itself.

    Where `lenient`, a view comes once with every choice: what a function answers may depend on more than a view says.
    """

    def __init__(self, lenient: bool = False) -> None:
        self._lenient = lenient
        self._chosen: dict[tuple[str, ...], str] = {}

    def admit(self, row: Row) -> bool:
        chosen = row["chosen"]
        key = (row["stage"], row["view"], *([chosen] if self._lenient else []))
        if key not in self._chosen:
            self._chosen[key] = chosen
            return True
        if self._chosen[key] != chosen:
            raise ExperimentError(
                f"The expert chose {self._chosen[key]} and {chosen} for one and the same view of stage {row['stage']}: "
                f"'{row['view']}' The view leaves out a fact that the expert decides on."
            )
        return False
