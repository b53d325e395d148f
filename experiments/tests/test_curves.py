"""Students distilled for an experiment, on the platform in memory."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from platform_fake import FakePlatform

from ld_experiments import learning
from ld_experiments.__main__ import main
from ld_experiments.variants import renderings

CURVES = ["curves", "pursuit", "--decisions", "5,60", "--steps", "8", "--episodes", "2"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning.time, "sleep", lambda seconds: None)


@pytest.fixture
def installed(home: Path, platform: FakePlatform) -> FakePlatform:
    assert main(["install", "pursuit"]) == 0
    platform.decisions.clear()
    return platform


def test_every_size_and_policy_is_a_student_of_its_own_that_plays_the_same_boards(
    installed: FakePlatform, home: Path
) -> None:
    assert main(CURVES) == 0
    told = json.loads((home / "experiments" / "curves-pursuit.json").read_text())
    assert [(point["policy"], point["decisions"]) for point in told["points"]] == [
        ("ld", 5),
        ("kd", 5),
        ("ld", 60),
        ("kd", 60),
    ]
    students = [point["student"] for point in told["points"]]
    assert len(set(students)) == 4
    assert {d["student"] for d in installed.decisions if "student" in d} == set(students)
    assert all(point["row"]["episodes"] == 2 for point in told["points"])
    methods = [(job["spec"]["method"], job["spec"]["task"]["name"]) for job in installed.jobs.values()]
    assert methods == [("ld", "pursuit"), ("kd", "pursuit-outputs")] * 2


def test_the_few_are_among_the_many_and_from_many_episodes(installed: FakePlatform) -> None:
    main([*CURVES, "--policies", "ld"])
    few, many = sorted(installed.rows.values(), key=len)
    # The last stage is never given a function at random, so every decision has one row of it.
    assert sum(row["stage"] == "approach" for row in few) == 5
    assert sum(row["stage"] == "approach" for row in many) == 60
    assert all(row in many for row in few)
    assert len({row["episode"] for row in few}) >= 3


def test_the_boards_that_students_play_are_not_those_they_learn_from(installed: FakePlatform, home: Path) -> None:
    main([*CURVES, "--policies", "ld"])
    told = json.loads((home / "experiments" / "curves-pursuit.json").read_text())
    taught = {row["episode"] for rows in installed.rows.values() for row in rows}
    assert taught
    assert not taught & {f"pursuit-{seed}" for seed in range(told["seeds"][0], told["seeds"][1] + 1)}


def test_a_second_run_neither_collects_nor_uploads_nor_trains_nor_plays(installed: FakePlatform, home: Path) -> None:
    main(CURVES)
    first = json.loads((home / "experiments" / "curves-pursuit.json").read_text())
    installed.decisions.clear()
    uploaded, jobs = {name: len(rows) for name, rows in installed.rows.items()}, len(installed.jobs)
    assert main(CURVES) == 0
    assert installed.decisions == []
    assert {name: len(rows) for name, rows in installed.rows.items()} == uploaded
    assert len(installed.jobs) == jobs
    assert json.loads((home / "experiments" / "curves-pursuit.json").read_text())["points"] == first["points"]


def test_a_failed_job_ends_the_run_with_its_reason_and_what_was_done_is_kept(
    installed: FakePlatform, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*CURVES, "--decisions", "5", "--policies", "ld"])
    installed.failing = "the loss is no number at step 3"
    assert main([*CURVES, "--policies", "ld"]) == 1
    assert "the loss is no number at step 3" in capsys.readouterr().err
    told = json.loads((home / "experiments" / "curves-pursuit.json").read_text())
    assert [point["decisions"] for point in told["points"]] == [5]


def test_a_report_is_a_table_a_plot_and_what_was_compared(installed: FakePlatform, home: Path) -> None:
    main(CURVES)
    text = (home / "experiments" / "curves-pursuit.md").read_text()
    assert "| ld, 60 decisions | 60 |" in text
    assert "steps 8" in text
    page = (home / "experiments" / "curves-pursuit.html").read_text()
    assert page.count("<polyline") == 2
    assert "http" not in page


def test_ablations_differ_from_the_first_in_one_thing(installed: FakePlatform, home: Path) -> None:
    assert main(["ablations", "--decisions", "20", "--steps", "8", "--episodes", "1"]) == 0
    told = json.loads((home / "experiments" / "ablations-pursuit.json").read_text())
    first, *others = told["points"]
    for point in others:
        changed = {k for k, v in point["hyperparameters"].items() if first["hyperparameters"].get(k) != v}
        assert bool(changed) != (point["task"] != first["task"]), point["title"]
    assert {point["task"] for point in told["points"]} == {"pursuit", *renderings()}


def test_other_renderings_say_nothing_of_what_they_take_away(installed: FakePlatform) -> None:
    lettered, numbered = (variant.packs()[0] for variant in renderings().values())
    assert {len(function["handle"]) for function in lettered.functions} == {1}
    for stage in lettered.task["stages"]:
        handles = [function["handle"] for function in lettered.functions if function["stage"] == stage["name"]]
        assert len(set(handles)) == len(handles)
    assert all("describe" not in stage["view"]["source"] for stage in numbered.task["stages"])


@pytest.mark.parametrize(
    "words",
    [["curves", "emergencies"], ["curves", "pursuit", "--policies", "random"], ["ablations", "--decisions", "0"]],
)
def test_what_can_not_be_distilled_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(words)


def test_who_waits_for_a_worker_is_told_once_how_to_start_one(
    installed: FakePlatform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = 0

    def begins_late(body: None, name: str) -> httpx.Response:
        nonlocal asked
        asked += 1
        return FakePlatform._job(installed, body, name) if asked > 20 else httpx.Response(200, json=queued(name))

    def queued(name: str) -> dict:
        return next(job for job in installed.jobs.values() if job["id"] == name)

    monkeypatch.setattr(installed, "_job", begins_late)
    assert main([*CURVES, "--decisions", "5", "--policies", "ld"]) == 0
    assert capsys.readouterr().err.count("ld_worker work") == 1


def test_of_a_view_that_moves_do_not_follow_from_the_first_move_is_learned() -> None:
    def row(view: str, chosen: str) -> dict[str, str]:
        return {"stage": "move", "view": view, "chosen": chosen}

    first, again, other = row("a tie", "north"), row("a tie", "west"), row("no tie", "west")
    assert learning.consistent([first, other, again, first]) == [first, other, first]
