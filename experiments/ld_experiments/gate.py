"""What the promotion gate needs to know of a student of a game: its rewards, and how long it takes.

The student, the one that serves and the teacher play the same boards. Their rewards go to the platform, which compares
them by pairs of episodes and says whether the student may serve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from .api import Api
from .errors import ExperimentError
from .games import Game
from .play import Result

Play = Callable[[str, "str | None", str], Sequence[Result]]
"""Plays a policy, with a student where it asks one, under a name for the progress."""


@dataclass(frozen=True)
class Tried:
    """The student in question and the one that serves, if one does and it is another."""

    student: dict[str, Any]
    serving: dict[str, Any] | None


def tried(api: Api, game: Game, wanted: str | None) -> Tried:
    """:param wanted: an id or a name; the newest student of the game that does not serve where nothing is named"""
    students = list(api.pages("/students", task=game.name))
    of_task = [student for student in students if student["task"] == game.name]
    serving = next((student for student in of_task if student["promoted"]), None)
    if wanted is None:
        found = next(
            (student for student in of_task if not student["promoted"] and student["method"] != "untuned"), None
        )
        if found is None:
            raise ExperimentError(
                f"Every student of {game.name} serves already, or there is none: name the one to try."
            )
    else:
        found = next((student for student in of_task if wanted in (student["id"], student["name"])), None)
        if found is None:
            raise ExperimentError(f"The platform has no student '{wanted}' of {game.name}.")
    return Tried(found, serving if serving and serving["id"] != found["id"] else None)


def version_of(sources: str, snapshot: str) -> str:
    """Names what a reward follows from beside board and policy: the game's rules and the functions."""
    return f"{sources[:16]}/{snapshot.removeprefix('sha256:')[:16]}"


def report(api: Api, game: Game, both: Tried, version: str, play: Play) -> None:
    """Has all of them play, and says what they got."""
    teacher = {result.seed: result.reward for result in play("teacher", None, "teacher")}
    for student in (both.serving, both.student):
        if student is None:
            continue
        episodes = [
            {"seed": result.seed, "reward": result.reward}
            | ({"teacher": teacher[result.seed]} if result.seed in teacher else {})
            for result in play("ld", student["id"], student["name"])
        ]
        body = {"environment": game.name, "version": version, "episodes": episodes}
        api.post(f"/students/{student['id']}/rewards", body)


def dataset_of(student: Mapping[str, Any]) -> str | None:
    """The dataset that the student learned from, where its manifest names one."""
    job = student.get("manifest", {}).get("training", {}).get("job", {})
    return job.get("dataset", {}).get("id")


def figures(evaluation: Mapping[str, Any]) -> list[list[str]]:
    """What was seen of a student: of each figure its name, its value, beside the teacher, beside who serves."""
    lines = []
    for reward in evaluation["rewards"]:
        teacher, serving = reward.get("teacher") or {}, reward.get("serving") or {}
        lines.append(
            [
                f"reward in {reward['environment']}, {reward['episodes']} episodes",
                _estimate({**reward, "value": reward["reward"]}),
                _beside("x", teacher.get("share")),
                _beside("", serving.get("difference"), signed=True),
            ]
        )
    for stage in (evaluation.get("timing") or {}).get("stages", []):
        own, ratio = stage["student"], stage.get("ratio")
        name = f"time of {stage['stage']}, {stage['rows']} rows"
        lines.append([name, f"{own['p50Ms']:.1f} ms, p99 {own['p99Ms']:.1f}", "", _beside("x", ratio)])
    for stage in evaluation["evaluation"]["stages"]:
        found = next((one for one in evaluation["gate"]["comparisons"] if one["stage"] == stage["stage"]), None)
        compared = _beside("", {**found, "value": found["difference"]}, signed=True) if found else ""
        name = f"agreement of {stage['stage']}, {stage['rows']} rows"
        lines.append([name, _estimate({**stage, "value": stage["agreement"]}), "", compared])
    return lines


def table(both: Tried, evaluation: Mapping[str, Any]) -> Table:
    serves = both.serving["name"] if both.serving else "nobody"
    found = Table(title=f"{both.student['name']} of {both.student['task']}; {serves} serves; 95% intervals")
    for title, justify in (
        ("", "left"),
        ("", "right"),
        ("beside the teacher", "right"),
        ("beside who serves", "right"),
    ):
        found.add_column(title, justify=justify)
    for line in figures(evaluation):
        found.add_row(*line)
    return found


def _beside(unit: str, found: Mapping[str, float] | None, signed: bool = False) -> str:
    return "" if found is None else f"{_estimate(found, signed)}{' ' * bool(unit)}{unit}"


def _estimate(found: Mapping[str, Any], signed: bool = False) -> str:
    sign = "+" if signed else ""
    value = f"{found['value']:{sign}.2f}"
    return value if found.get("low") is None else f"{value} [{found['low']:{sign}.2f}, {found['high']:{sign}.2f}]"
