from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from platform_fake import FakePlatform

from ld_experiments.api import Api, ProblemError
from ld_experiments.errors import ExperimentError
from ld_experiments.install import Marks, install
from ld_experiments.packs import Pack, StudentPackage, load_students


@pytest.fixture
def students(tmp_path: Path) -> list[StudentPackage]:
    return packaged(tmp_path, {"pursuit-ld": "ld", "pursuit-plain": "untuned"})


def packaged(tmp_path: Path, methods: dict[str, str]) -> list[StudentPackage]:
    for name, method in methods.items():
        folder = tmp_path / "students" / name
        folder.mkdir(parents=True)
        (folder / "activations.safetensors").write_bytes(name.encode())
        files = {
            "adapter": None,
            "activations": {
                "path": "activations.safetensors",
                "sha256": hashlib.sha256(name.encode()).hexdigest(),
                "bytes": 10,
            },
        }
        manifest = {"format": 1, "name": name, "task": "pursuit", "method": method, "files": files}
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return load_students(tmp_path / "students", "pursuit")


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    return Marks(tmp_path / "experiments" / "installed.json")


def test_installs_the_task_its_functions_a_snapshot_and_the_students(
    api: Api, platform: FakePlatform, pack: Pack, students: list[StudentPackage], marks: Marks
) -> None:
    install(api, pack, students, marks, lambda line: None)
    assert platform.task == pack.task
    assert len(platform.functions) == 14
    assert platform.snapshot["active"]
    assert {s["name"]: s["promoted"] for s in platform.students.values()} == {
        "pursuit-ld": True,
        "pursuit-plain": False,
    }


def test_a_student_to_compare_with_need_not_pass_the_gate_and_one_that_shall_serve_must(
    api: Api, platform: FakePlatform, pack: Pack, students: list[StudentPackage], marks: Marks, tmp_path: Path
) -> None:
    said: list[str] = []
    compared = packaged(tmp_path / "compared", {"pursuit-kd": "kd"})
    platform.refused = {"pursuit-kd", "pursuit-ld"}
    install(api, pack, compared, marks, said.append)
    assert "the gate refuses it" in said[-1]
    assert not any(student["promoted"] for student in platform.students.values())
    with pytest.raises(ProblemError, match="gate-refused"):
        install(api, pack, students, marks, said.append)


def test_a_student_serves_another_task_under_a_manifest_of_its_own(
    students: list[StudentPackage], tmp_path: Path
) -> None:
    lent = load_students(tmp_path / "students", "emergencies")
    assert [student.described["task"] for student in lent] == ["emergencies", "emergencies"]
    assert not {student.id for student in lent} & {student.id for student in students}
    assert [s.described["files"] for s in lent] == [s.described["files"] for s in students]
    assert lent[0].parts()["activations"] == students[0].parts()["activations"]


def test_a_second_install_changes_nothing(
    api: Api, platform: FakePlatform, pack: Pack, students: list[StudentPackage], marks: Marks
) -> None:
    install(api, pack, students, marks, lambda line: None)
    platform.calls.clear()
    said: list[str] = []
    install(api, pack, students, marks, said.append)
    assert all(call.startswith("GET ") for call in platform.calls)
    assert "pursuit: this pack is installed already" in said


def test_a_changed_pack_is_installed_over_the_old_one(
    api: Api, platform: FakePlatform, pack: Pack, marks: Marks
) -> None:
    install(api, pack, [], marks, lambda line: None)
    before = platform.snapshot["snapshot"]
    install(api, Pack(pack.task | {"title": "Another title"}, pack.functions), [], marks, lambda line: None)
    assert platform.snapshot["snapshot"] != before
    assert platform.snapshot["active"]


def test_an_emptied_platform_is_filled_again(api: Api, platform: FakePlatform, pack: Pack, marks: Marks) -> None:
    install(api, pack, [], marks, lambda line: None)
    platform.snapshot = None
    install(api, pack, [], marks, lambda line: None)
    assert platform.snapshot["active"]


def test_force_installs_again(api: Api, platform: FakePlatform, pack: Pack, marks: Marks) -> None:
    install(api, pack, [], marks, lambda line: None)
    platform.calls.clear()
    install(api, pack, [], marks, lambda line: None, force=True)
    assert "POST /tasks/pursuit/snapshots" in platform.calls


def test_a_student_of_another_task_is_refused(api: Api, pack: Pack, tmp_path: Path, marks: Marks) -> None:
    manifest = json.dumps({"name": "x", "task": "chess", "method": "ld", "files": {}}).encode()
    with pytest.raises(ExperimentError, match="is a student of chess, not of pursuit"):
        install(api, pack, [StudentPackage(tmp_path, manifest)], marks, lambda line: None)
