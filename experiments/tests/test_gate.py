"""Reporting to the gate, played against the fake platform."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from platform_fake import FakePlatform

from ld_experiments.__main__ import main

SERVING = {"id": "sha256:" + "1" * 64, "name": "pursuit-ld", "task": "pursuit", "method": "ld", "promoted": True}
NEW = SERVING | {
    "id": "sha256:" + "2" * 64,
    "name": "pursuit-new",
    "promoted": False,
    "manifest": {"training": {"job": {"id": "j", "dataset": {"id": "learned-from"}}}},
}
UNTUNED = SERVING | {"id": "sha256:" + "3" * 64, "name": "untuned", "method": "untuned", "promoted": False}
OTHER = SERVING | {"id": "sha256:" + "4" * 64, "name": "other", "task": "twenty-one", "promoted": False}


@pytest.fixture
def installed(home: Path, platform: FakePlatform) -> FakePlatform:
    assert main(["install", "pursuit"]) == 0
    platform.students = {one["id"]: one for one in (UNTUNED, OTHER, NEW, SERVING)}
    return platform


def test_the_newest_student_and_who_serves_play_the_same_boards_as_the_teacher(installed: FakePlatform) -> None:
    assert main(["gate", "pursuit", "--episodes", "3", "--seed", "5"]) == 0
    assert set(installed.rewards) == {NEW["id"], SERVING["id"]}
    one, other = installed.rewards[NEW["id"]], installed.rewards[SERVING["id"]]
    assert one["environment"] == "pursuit"
    assert one["version"] == other["version"]
    seeds = [5_000_000, 5_000_001, 5_000_002]
    for reported in (one, other):
        assert [episode["seed"] for episode in reported["episodes"]] == seeds
        assert all(0 <= episode["reward"] <= 1 and 0 <= episode["teacher"] <= 1 for episode in reported["episodes"])
    asked = {decision.get("student") for decision in installed.decisions if "episode" in decision}
    assert asked == {NEW["id"], SERVING["id"], None}


def test_a_version_names_the_snapshot(installed: FakePlatform) -> None:
    main(["gate", "pursuit", "--episodes", "1"])
    before = installed.rewards[NEW["id"]]["version"]
    assert installed.snapshot["snapshot"].removeprefix("sha256:")[:16] in before


def test_a_student_is_timed_on_what_it_learned_from_or_on_what_is_named(
    installed: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["gate", "pursuit", "--episodes", "1"])
    main(["gate", "pursuit", "--episodes", "1", "--dataset", "november"])
    assert installed.timed == [(NEW["id"], "learned-from"), (NEW["id"], "november")]
    assert "21.0 ms, p99 30.0" in capsys.readouterr().out
    assert main(["gate", "pursuit", "untuned", "--episodes", "1"]) == 0
    assert len(installed.timed) == 2
    assert "not timed" in capsys.readouterr().err


def test_the_student_that_serves_is_reported_alone(installed: FakePlatform) -> None:
    assert main(["gate", "pursuit", "pursuit-ld", "--episodes", "1"]) == 0
    assert set(installed.rewards) == {SERVING["id"]}


def test_it_fails_where_the_gate_would_refuse(installed: FakePlatform, capsys: pytest.CaptureFixture[str]) -> None:
    installed.refused.add("pursuit-new")
    assert main(["gate", "pursuit", "--episodes", "1", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["gate"]["passed"] is False
    assert "The gate would refuse it. it is refused." in said.err


def test_what_was_played_before_is_reported_as_it_was(
    installed: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["gate", "pursuit", "--episodes", "2"])
    first = dict(installed.rewards)
    installed.decisions.clear()
    main(["gate", "pursuit", "--episodes", "2"])
    assert installed.rewards == first
    assert installed.decisions == []
    assert "pursuit-new: 2 of 2 episodes are kept" in capsys.readouterr().err


@pytest.mark.parametrize("wanted", ["unheard-of", OTHER["id"]])
def test_a_student_of_another_game_is_none(
    installed: FakePlatform, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", "pursuit", wanted]) == 1
    assert "has no student" in capsys.readouterr().err
    assert installed.decisions == []


def test_there_must_be_one_to_try(installed: FakePlatform, capsys: pytest.CaptureFixture[str]) -> None:
    del installed.students[NEW["id"]]
    assert main(["gate", "pursuit"]) == 1
    assert "name the one to try" in capsys.readouterr().err
