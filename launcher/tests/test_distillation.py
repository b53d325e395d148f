"""Logic Distillation as its users do it: an expert plays, two students learn from it, the better one serves.

One learns which functions the expert chose, one which moves it made, from the same boards and from the same student of
another game. A worker trains them for real.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from ld_experiments.api import Api, ProblemError
from ld_experiments.collect import Decision, Row, collect
from ld_experiments.games import outputs_of, seed_of
from ld_experiments.install import Marks, install
from ld_experiments.packs import Pack
from ld_experiments.progress import progress, say
from ld_experiments.runs import active, in_order
from ld_experiments.variants import Variant

from installation import LEAST_AGREEMENT, Installation
from worker import worker

pytestmark = pytest.mark.e2e

BOARDS, SEED, HELD_OUT = 36, 3, 0.25
HYPERPARAMETERS = {
    "ways": ["recall"],
    "steps": 44,
    "learningRate": 8e-4,
    "heldOut": 0.1,
    "checkEvery": 22,
    "checkRows": 30,
    "judgeRows": 100,
}
START = "twenty-one-ld"
"""It learned another game, so it knows how to choose and nothing of pursuit."""
PATIENCE_S, HEARD_S = 1200, 30


class Chase(Variant):
    """Pursuit as a task of which no student knows anything."""

    name = "chase"
    about = "learned here"
    known = False

    def packs(self) -> list[Pack]:
        return [self._derived("pack", self.name), self._derived("outputs", outputs_of(self.name))]


@dataclass(frozen=True)
class Distilled:
    """What came of a method: the dataset that its student learned from, the job, and the student's evaluation."""

    dataset: str
    job: dict[str, Any]
    evaluation: dict[str, Any]
    """with what the gate says of it"""

    @property
    def student(self) -> str:
        return self.job["student"]

    def agreement(self) -> float:
        """Of the worst stage: a decision is no better than that."""
        return min(stage["agreement"] for stage in self.evaluation["evaluation"]["stages"])


@pytest.fixture(scope="module")
def api(installation: Installation) -> Iterator[Api]:
    made = Api(f"http://127.0.0.1:{installation.port}", installation.key())
    yield made
    made.close()


@pytest.fixture(scope="module")
def datasets(api: Api, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The expert's decisions on the same boards, by method: sealed datasets of functions and of moves."""
    game, marks = Chase(), Marks(tmp_path_factory.mktemp("marks") / "installed.json")
    for pack in game.packs():
        install(api, pack, [], marks, say)
    snapshots = {task: active(api, task) for task in (game.name, outputs_of(game.name))}
    found = {}
    for method, task in (("ld", game.name), ("kd", outputs_of(game.name))):
        rows = _rows(api, game, snapshots, method)
        api.post("/datasets", {"name": task, "task": task, "heldOut": HELD_OUT})
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        report = api.post_lines(f"/datasets/{task}/trajectories", lines)
        assert report["accepted"] == len(rows), report
        api.post(f"/datasets/{task}/versions", {})
        found[method] = task
    return found


def _rows(api: Api, game: Chase, snapshots: Mapping[str, Mapping[str, Any]], method: str) -> list[Row]:
    """Nothing strays, so that both methods see the same states. A view comes once: moves do not follow from it."""

    def play(board: int) -> list[Decision]:
        return collect(api, game, snapshots, seed_of(SEED, board), 0.0, method == "kd")

    with progress() as begin:
        episodes = list(
            in_order([lambda board=board: play(board) for board in range(BOARDS)], 2, begin, f"{method}: boards")
        )
    found: dict[tuple[str, str], Row] = {}
    for row in (row for decisions in episodes for decision in decisions for row in decision):
        found.setdefault((row["stage"], row["view"]), row)
    return list(found.values())


@pytest.fixture(scope="module")
def distilled(
    installation: Installation, api: Api, datasets: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Distilled]:
    """Both students, trained by one worker one after the other."""
    (start,) = (student["id"] for student in api.pages("/students", task="twenty-one") if student["name"] == START)
    with worker(installation, tmp_path_factory.mktemp("worker")):
        specs = {method: _spec(api, method, task, start) for method, task in datasets.items()}
        jobs = {method: api.post("/distillation-jobs", spec) for method, spec in specs.items()}
        ended = {method: _ended(api, job) for method, job in jobs.items()}
    return {method: Distilled(datasets[method], job, _evaluation(api, job)) for method, job in ended.items()}


def _spec(api: Api, method: str, task: str, start: str) -> dict[str, Any]:
    definition = api.get(f"/tasks/{task}")
    said = ("name", "instruction", "k")
    return {
        "name": f"{task}-{method}",
        "task": {
            "name": task,
            "rules": definition["rules"],
            "stages": [{name: stage[name] for name in said} for stage in definition["stages"]],
        },
        "dataset": {"id": task},
        "method": method,
        "start": start,
        "seed": SEED,
        "hyperparameters": HYPERPARAMETERS,
        "attemptLimit": 1,
    }


def _ended(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_S
    while job["state"] in ("queued", "running") and time.monotonic() < end:
        time.sleep(1)
        job = api.get(f"/distillation-jobs/{job['id']}")
    assert job["state"] == "completed", job
    return job


def _evaluation(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    (found,) = api.pages("/evaluations", student=job["student"])
    return found


def test_the_episodes_to_judge_on_are_not_those_to_learn_from(api: Api, datasets: dict[str, str]) -> None:
    held_out = {}
    for method, dataset in datasets.items():
        learned, judged = (_episodes(api, dataset, split) for split in ("train", "test"))
        assert learned and judged
        assert not learned & judged
        assert len(learned | judged) == BOARDS
        held_out[method] = judged
    assert held_out["ld"] == held_out["kd"], "both are judged on the same boards"


def _episodes(api: Api, dataset: str, split: str) -> set[str]:
    rows = api.pages(f"/datasets/{dataset}/trajectories", split=split, limit=200)
    return {row["trajectory"]["episode"] for row in rows}


def test_who_learns_functions_agrees_more_often_with_the_expert_than_who_learns_moves(
    distilled: dict[str, Distilled],
) -> None:
    for method, found in distilled.items():
        say(f"{method}: {found.job['progress']['seconds']:.0f} s, {found.evaluation['evaluation']['stages']}")
    assert distilled["ld"].agreement() > distilled["kd"].agreement()
    assert distilled["ld"].agreement() >= LEAST_AGREEMENT


def test_the_better_one_passes_the_gate_and_serves_and_the_other_does_not(
    api: Api, distilled: dict[str, Distilled]
) -> None:
    with pytest.raises(ProblemError, match="gate-refused.*agreement"):
        api.post(f"/students/{distilled['kd'].student}/promotions", {"reason": "learned moves"})
    better = distilled["ld"].student
    api.post(f"/students/{better}/promotions", {"reason": "learned functions"})
    assert [student["id"] for student in api.pages("/students", task=Chase.name, promoted="true")] == [better]
    state = Chase().start(seed_of(SEED + 1, 0)).state()
    decision = _decided_by(api, better, state)
    assert {stage["decidedBy"] for stage in decision["stages"]} == {"student"}
    assert decision["output"] == decision["stages"][-1]["output"]


def _decided_by(api: Api, student: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """A decision of the student that was promoted, once the service that decides has heard of it."""
    end = time.monotonic() + HEARD_S
    while True:
        decision = api.post(f"/tasks/{Chase.name}/decisions", {"state": state})
        if decision["student"] == student or time.monotonic() > end:
            assert decision["student"] == student
            return decision
        time.sleep(0.2)
