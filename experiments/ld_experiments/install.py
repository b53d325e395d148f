"""Installs a task pack and its students through the public API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .api import Api, ProblemError
from .errors import ExperimentError
from .packs import Pack, StudentPackage

Say = Callable[[str], None]


class Marks:
    """Remembers which pack was installed where, so that changes made on the platform survive a second install."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def holds(self, url: str, pack: Pack) -> bool:
        return self._all().get(f"{url} {pack.name}") == pack.sha256

    def put(self, url: str, pack: Pack) -> None:
        marks = self._all() | {f"{url} {pack.name}": pack.sha256}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(marks, indent=2) + "\n", encoding="utf-8")

    def _all(self) -> dict[str, str]:
        try:
            return json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}


def install(api: Api, pack: Pack, students: list[StudentPackage], marks: Marks, say: Say, force: bool = False) -> None:
    """Leaves alone what is there already: an installed pack, an imported student, a promotion made by someone else."""
    if not force and marks.holds(api.url, pack) and api.find(f"/tasks/{pack.name}/snapshots/active"):
        say(f"{pack.name}: this pack is installed already")
    else:
        snapshot = _install_pack(api, pack, say)
        marks.put(api.url, pack)
        say(f"{pack.name}: {len(pack.functions)} functions, snapshot {_short(snapshot)} active")
    import_students(api, pack.name, students, say)


def _install_pack(api: Api, pack: Pack, say: Say) -> str:
    api.put(f"/tasks/{pack.name}", pack.task)
    for done, function in enumerate(pack.functions, 1):
        api.post(f"/tasks/{pack.name}/functions", function)
        say(f"{pack.name}: function {done} of {len(pack.functions)}: {function['name']}")
    snapshot = api.post(f"/tasks/{pack.name}/snapshots", {})["snapshot"]
    api.post(f"/tasks/{pack.name}/snapshots/{snapshot}/activations", {})
    return snapshot


def import_students(api: Api, task: str, students: list[StudentPackage], say: Say) -> None:
    """Imports the students that the platform does not have, and promotes the first new one taught for the task."""
    known = {student["id"] for student in api.pages("/students", task=task)}
    added = [student for student in students if student.id not in known]
    for student in added:
        described = student.described
        if described["task"] != task:
            raise ExperimentError(f"{student.folder} is a student of {described['task']}, not of {task}.")
        taken = api.upload("/students", student.parts())
        if taken["id"] != student.id:
            raise ExperimentError(f"The platform took {student.folder} as {taken['id']}, not as {student.id}.")
        say(f"{task}: student {described['name']} {_short(student.id)} imported")
    best = next((student for student in added if student.described["method"] in ("ld", "kd")), None)
    if best is not None:
        _promote(api, task, best, say)
    elif students:
        say(f"{task}: {len(students)} bundled students are imported already")
    else:
        say(f"{task}: no students are bundled")


def _promote(api: Api, task: str, student: StudentPackage, say: Say) -> None:
    """A student of plain distillation is there to be compared with, and for that it need not serve."""
    name = student.described["name"]
    try:
        api.post(f"/students/{student.id}/promotions", {"reason": "bundled with the task pack"})
    except ProblemError as problem:
        if problem.slug != "gate-refused" or student.described["method"] != "kd":
            raise
        say(f"{task}: student {name} is there to be asked by name, and does not serve: the gate refuses it")
        return
    say(f"{task}: student {name} promoted")


def _short(identity: str) -> str:
    return identity.removeprefix("sha256:")[:12]
