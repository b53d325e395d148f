"""The command line, played against the fake platform."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from platform_fake import FakePlatform

from ld_experiments.__main__ import main
from ld_experiments.pursuit import Pursuit

LD = {"id": "sha256:" + "1" * 64, "name": "pursuit-ld", "task": "pursuit", "method": "ld", "promoted": True}


@pytest.fixture
def installed(home: Path, platform: FakePlatform) -> FakePlatform:
    assert main(["install", "pursuit"]) == 0
    platform.students[LD["id"]] = LD
    return platform


@pytest.mark.parametrize(
    "words", [["--help"], ["install", "--help"], ["run", "--help"], ["pursuit", "--help"], ["collect", "--help"]]
)
def test_help_is_everywhere(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["pursuit", "--episodes", "0"], ["run", "chess"], ["collect", "pursuit", "--out", "x", "--explore", "2"]]
)
def test_bad_words_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2


def test_json_rows_carry_the_agreed_keys(
    installed: FakePlatform, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pursuit", "--json", "--episodes", "3", "--seed", "5"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["policy"] for row in rows] == ["random", "untuned", "retriever", "nearest", "logistic", "ld", "teacher"]
    keys = {
        "task",
        "policy",
        "episodes",
        "reward",
        "low",
        "high",
        "agreement",
        "p50_ms",
        "steps",
        "steps_low",
        "steps_high",
    }
    for row in rows:
        assert keys | {"p99_ms"} <= set(row)
        assert row["episodes"] == 3
        assert row["low"] <= row["reward"] <= row["high"]
    assert rows[-1]["agreement_by_stage"] == {"target": 1.0, "approach": 1.0}
    (report,) = (home / "experiments").glob("pursuit-*.json")
    assert json.loads(report.read_text())["rows"] == rows


def test_a_table_is_for_people(installed: FakePlatform, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "pursuit", "--episodes", "1", "--policies", "random,teacher"]) == 0
    shown = capsys.readouterr().out
    assert "teacher" in shown
    assert "captured" in shown


def test_every_policy_asks_in_its_own_way(installed: FakePlatform) -> None:
    main(["run", "pursuit", "--episodes", "1", "--policies", "untuned"])
    assert {(d.get("student"), "choices" in d) for d in installed.decisions} == {("untuned", False)}
    installed.decisions.clear()
    main(["run", "pursuit", "--episodes", "1", "--policies", "ld"])
    assert {(d.get("student"), "choices" in d) for d in installed.decisions} == {("pursuit-ld", False)}
    installed.decisions.clear()
    main(["run", "pursuit", "--episodes", "1", "--policies", "random"])
    assert all(set(d["choices"]) == {"target", "approach"} and "student" not in d for d in installed.decisions)


def test_every_policy_plays_the_same_boards(installed: FakePlatform) -> None:
    starts = []
    for policy in ("random", "teacher"):
        installed.decisions.clear()
        main(["run", "pursuit", "--episodes", "1", "--policies", policy])
        starts.append(installed.decisions[0]["state"])
    assert starts[0] == starts[1]


def test_a_policy_or_student_that_is_missing_ends_the_run_before_it_starts(
    installed: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "pursuit", "--policies", "random,wise"]) == 1
    assert "There is no policy 'wise'" in capsys.readouterr().err
    installed.students.clear()
    assert main(["run", "pursuit", "--policies", "ld"]) == 1
    assert "no student 'pursuit-ld'" in capsys.readouterr().err
    assert installed.decisions == []


def test_a_task_that_is_not_installed_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "pursuit"]) == 1
    assert "The task pursuit is not installed" in capsys.readouterr().err


def test_collected_rows_hold_the_expert_and_only_the_expert(installed: FakePlatform, tmp_path: Path) -> None:
    out = tmp_path / "data" / "rows.ndjson"
    assert main(["collect", "pursuit", "--out", str(out), "--episodes", "4", "--explore", "0.5"]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {row["stage"] for row in rows} == {"target", "approach"}
    assert len({(row["stage"], row["view"]) for row in rows}) == len(rows)
    assert {row["episode"] for row in rows} == {f"pursuit-{100_000_000 + i}" for i in range(4)}
    for row in rows:
        state, target = json.loads(row["view"])
        earlier = {} if row["stage"] == "target" else {"target": target}
        assert row["chosen"] == Pursuit().lesson(row["stage"], state, earlier)
        assert [c["handle"] for c in row["candidates"]] == sorted(c["handle"] for c in row["candidates"])
        assert set(row["candidates"][0]) == {"function", "handle", "manual"}
    assert any(
        decision["choices"]["target"] != Pursuit().lesson("target", decision["state"], {})
        for decision in installed.decisions
    )
    assert not out.with_name("rows.ndjson.part").exists()


def test_collecting_twice_gives_the_same_rows(installed: FakePlatform, tmp_path: Path) -> None:
    files = [tmp_path / "one.ndjson", tmp_path / "two.ndjson"]
    for file, workers in zip(files, ("1", "3"), strict=True):
        main(["collect", "pursuit", "--out", str(file), "--episodes", "3", "--workers", workers])
    assert files[0].read_text() == files[1].read_text()
