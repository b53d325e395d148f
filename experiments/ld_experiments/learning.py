"""Students distilled for an experiment, from so many decisions of the teacher, by whichever worker stands by.

A client of the platform like everything here. What was collected, uploaded or trained before is found again by its
hash.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .api import Api
from .collect import Decision, Row, collect
from .errors import ExperimentError
from .games import Game, outputs_of, seed_of
from .progress import Begin, say
from .runs import in_order

TAUGHT_ON, EXPLORE = 100, 0.3
"""The seed and the chance of a stray step of the decisions that students learn from, as `collect` has them."""

HELD_OUT = 0.1
AT_ONCE = 10
POLL, WAITING = 2.0, 30.0
ENDED = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Trial:
    """One student to be distilled and then played.

    :param policy: ld or kd, which says what it learns
    :param decisions: of the teacher, that it learns from
    :param hyperparameters: of the job, where they are not the usual ones
    """

    title: str
    game: Game
    policy: str
    decisions: int
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> str:
        return outputs_of(self.game.name) if self.policy == "kd" else self.game.name


@dataclass(frozen=True)
class Learned:
    """A student that came of a trial. `rows` are those of its dataset, `seconds` those of its training steps."""

    student: str
    rows: int
    steps: int
    seconds: float


def decisions_of(
    api: Api, trial: Trial, snapshots: Mapping[str, Mapping[str, Any]], count: int, kept: Path, begin: Begin
) -> list[Decision]:
    """So many decisions of the teacher, in an order in which any first ones are a fair sample of all.

    Neighbouring states of an episode are nearly copies of each other, so a few decisions are taken from as many
    episodes as there are; which ones are first depends on their number. Episodes are played until there are enough,
    and those that were played before are read from `kept`.

    :param snapshots: by task: of the game, and for plain distillation of its task of outputs
    """
    path = kept / f"{trial.task}-{_hash([snapshots[task]['snapshot'] for task in sorted(snapshots)])[:12]}.ndjson"
    episodes = _read(path)
    found = _shuffled(episodes)
    while len(found) < count:
        missing = range(len(episodes), len(episodes) + AT_ONCE)
        jobs = [lambda index=index: _episode(api, trial, snapshots, index) for index in missing]
        label = f"{trial.task}: decisions of the teacher, {len(found)} of {count}, episodes"
        for decisions in in_order(jobs, 1, begin, label):
            episodes.append(decisions)
            _append(path, decisions)
        found = _shuffled(episodes)
    return found[:count]


def distil(
    api: Api,
    trial: Trial,
    definition: Mapping[str, Any],
    decisions: Sequence[Decision],
    begin: Begin,
) -> Learned:
    """Has the trial's student trained, or finds the one that was.

    :param definition: of the task that is decided
    :raises ExperimentError: if the job does not end in a student
    """
    rows = consistent(row for decision in decisions for row in decision)
    dataset = _dataset(api, trial, rows)
    spec = {
        "name": f"{trial.task}-{trial.policy}-{dataset['name'].rpartition('-')[2]}",
        "task": {
            "name": trial.task,
            "rules": definition["rules"],
            "stages": [
                {"name": stage["name"], "instruction": stage["instruction"], "k": stage["k"]}
                for stage in definition["stages"]
            ],
        },
        "dataset": {"id": dataset["id"], "version": 1},
        "method": trial.policy,
        "hyperparameters": dict(trial.hyperparameters),
    }
    job = api.post("/distillation-jobs", spec, key=_hash(spec))
    job = _finished(api, trial, job, begin)
    if job["state"] != "completed":
        raise ExperimentError(
            f"{trial.title}: the job {job['id']} {job['state']}: {job.get('reason') or 'no reason given'}"
        )
    told = job["progress"]
    return Learned(job["student"], dataset["rows"], told["step"], told["seconds"])


def consistent(rows: Iterable[Row]) -> list[Row]:
    """Without those that choose otherwise than an earlier row of the same view.

    A function follows from its stage's view, which a dataset insists on. A move need not: experts break ties by what no
    view of a task of outputs says.
    """
    first: dict[tuple[str, str], str] = {}
    return [row for row in rows if first.setdefault((row["stage"], row["view"]), row["chosen"]) == row["chosen"]]


def _dataset(api: Api, trial: Trial, rows: Sequence[Row]) -> dict[str, Any]:
    """The rows as a sealed dataset, named by their hash, so that it is uploaded once."""
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    name = f"{trial.task[:40]}-{_hash(text)[:12]}"
    dataset = api.find(f"/datasets/{name}")
    if dataset is None:
        dataset = api.post("/datasets", {"name": name, "task": trial.task, "heldOut": HELD_OUT})
    if not api.get(f"/datasets/{dataset['id']}/versions")["items"]:
        # Rows that are there already, of an upload that broke off, are not taken twice.
        report = api.post_lines(f"/datasets/{dataset['id']}/trajectories", text)
        if report["refused"]:
            raise ExperimentError(f"The platform refuses rows of {name}: {report['errors'][:3]}")
        api.post(f"/datasets/{dataset['id']}/versions", {})
    return api.get(f"/datasets/{dataset['id']}")


def _finished(api: Api, trial: Trial, job: dict[str, Any], begin: Begin) -> dict[str, Any]:
    advance, step, waited, hinted = None, 0, 0.0, False
    while job["state"] not in ENDED:
        told = job.get("progress")
        if told:
            advance = advance or begin(f"{trial.title}: steps", told["steps"])
            for _ in range(told["step"] - step):
                advance()
            step = max(step, told["step"])
        elif job["state"] == "queued" and waited >= WAITING and not hinted:
            hinted = True
            say(
                f"{trial.title}: no worker has begun the job {job['id']} yet. One that stands by takes it:"
                " `python -m ld_worker work --server URL --token-file KEY` (distillation-service/worker/README.md)"
            )
        time.sleep(POLL)
        waited += POLL
        job = api.get(f"/distillation-jobs/{job['id']}")
    return job


def _episode(api: Api, trial: Trial, snapshots: Mapping[str, Mapping[str, Any]], index: int) -> list[Decision]:
    return collect(api, trial.game, snapshots, seed_of(TAUGHT_ON, index), EXPLORE, trial.policy == "kd")


def _shuffled(episodes: Sequence[Sequence[Decision]]) -> list[Decision]:
    placed = {(episode, place): made for episode, all_ in enumerate(episodes) for place, made in enumerate(all_)}
    return [placed[key] for key in sorted(placed, key=lambda key: _hash(list(key)))]


def _read(path: Path) -> list[list[Decision]]:
    """The whole episodes in a file, one a line; a last line that was cut off is left out."""
    return list(_whole(path.read_text(encoding="utf-8"))) if path.exists() else []


def _whole(text: str) -> Iterator[list[Decision]]:
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


def _append(path: Path, decisions: Sequence[Decision]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(decisions, separators=(",", ":")) + "\n")


def _hash(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
