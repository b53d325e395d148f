"""The command line, played against the fake platform."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from platform_fake import FakePlatform

from ld_experiments import commands
from ld_experiments.__main__ import main
from ld_experiments.games import games
from ld_experiments.pursuit import Pursuit

LD = {"id": "sha256:" + "1" * 64, "name": "pursuit-ld", "task": "pursuit", "method": "ld", "promoted": True}


@pytest.fixture
def installed(home: Path, platform: FakePlatform) -> FakePlatform:
    assert main(["install", "pursuit"]) == 0
    platform.students[LD["id"]] = LD
    return platform


def asked(platform: FakePlatform) -> list[dict]:
    """The decisions that policies asked for, without those that they were compared with."""
    return [decision for decision in platform.decisions if "episode" in decision]


def name_asked(platform: FakePlatform, decision: dict) -> str | None:
    """The name of the student that a decision asked for by its id; the untuned one goes by its name."""
    asked_for = decision.get("student")
    return platform.students[asked_for]["name"] if asked_for in platform.students else asked_for


@pytest.mark.parametrize(
    "words", [["--help"], ["install", "--help"], ["run", "--help"], ["pursuit", "--help"], ["collect", "--help"]]
)
def test_help_is_everywhere(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["pursuit", "--episodes", "0"],
        ["run", "chess"],
        ["collect", "pursuit", "--out", "x", "--explore", "2"],
        ["pursuit", "--episodes-of", "ld"],
        ["pursuit", "--episodes-of", "wise=3"],
        ["pursuit", "--expect", "ld,wise"],
    ],
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
    assert [row["policy"] for row in rows] == [
        "random",
        "direct",
        "kd",
        "untuned",
        "general",
        "retriever",
        "nearest",
        "logistic",
        "ld",
        "teacher",
    ]
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
    assert rows[-1]["agreement_by_stage"] == {"target": 1.0, "approach": 1.0, "output": 1.0}
    (report,) = (home / "experiments").glob("pursuit-*.json")
    assert json.loads(report.read_text())["rows"] == rows


def test_a_table_is_for_people(installed: FakePlatform, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "pursuit", "--episodes", "1", "--policies", "random,teacher"]) == 0
    shown = capsys.readouterr().out
    assert "teacher" in shown
    assert "captured" in shown


def test_every_policy_asks_in_its_own_way(installed: FakePlatform) -> None:
    main(["run", "pursuit", "--episodes", "1", "--policies", "untuned"])
    assert {(name_asked(installed, d), "choices" in d) for d in asked(installed)} == {("untuned", False)}
    installed.decisions.clear()
    main(["run", "pursuit", "--episodes", "1", "--policies", "ld"])
    assert {(name_asked(installed, d), "choices" in d) for d in asked(installed)} == {("pursuit-ld", False)}
    installed.decisions.clear()
    main(["run", "pursuit", "--episodes", "1", "--policies", "random"])
    assert all(set(d["choices"]) == {"target", "approach"} and "student" not in d for d in asked(installed))


def test_a_policy_that_names_outputs_asks_the_task_of_outputs(
    installed: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    kd = LD | {"id": "sha256:" + "3" * 64, "name": "pursuit-kd", "task": "pursuit-outputs", "method": "kd"}
    installed.students[kd["id"]] = kd
    assert main(["run", "pursuit", "--episodes", "1", "--policies", "kd,direct", "--json"]) == 0
    found = {(d["task"], name_asked(installed, d), d["snapshot"]) for d in asked(installed)}
    twin = installed.tasks["pursuit-outputs"].snapshot["snapshot"]
    assert found == {("pursuit-outputs", "pursuit-kd", twin), ("pursuit-outputs", "untuned", twin)}
    for line in capsys.readouterr().out.splitlines():
        row = json.loads(line)
        assert set(row["agreement_by_stage"]) == {"output"}
        assert row["agreement"] is None


def test_the_general_student_is_asked_in_the_task_of_the_game(
    installed: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    general = LD | {"id": "sha256:" + "4" * 64, "name": "general", "task": "general", "method": "general"}
    installed.students[general["id"]] = general
    assert main(["run", "pursuit", "--episodes", "1", "--policies", "general", "--json"]) == 0
    assert {(d["task"], name_asked(installed, d)) for d in asked(installed)} == {("pursuit", "general")}
    assert json.loads(capsys.readouterr().out)["policy"] == "general"


def test_all_runs_every_game_and_a_record_is_named_by_its_game(
    home: Path, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[str] = []
    monkeypatch.setattr(commands, "_run", lambda arguments, game: run.append(game.name) or [])
    assert main(["all", "--quick"]) == 0
    assert run == list(games())


def test_a_report_of_record_takes_the_place_of_the_one_before(installed: FakePlatform, tmp_path: Path) -> None:
    for _ in range(2):
        words = ["pursuit", "--episodes", "1", "--policies", "random,teacher", "--record", str(tmp_path / "docs")]
        assert main(words) == 0
    assert {path.name for path in (tmp_path / "docs").iterdir()} == {"pursuit.json", "pursuit.md", "pursuit.html"}


def test_outputs_are_collected_as_what_is_chosen(installed: FakePlatform, tmp_path: Path) -> None:
    out = tmp_path / "rows.ndjson"
    assert main(["collect", "pursuit", "--outputs", "--out", str(out), "--episodes", "2", "--explore", "0.5"]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {(row["task"], row["stage"]) for row in rows} == {("pursuit-outputs", "move")}
    assert {c["function"] for c in rows[0]["candidates"]} == {"north", "east", "south", "west", "stay"}
    assert all(row["output"] == {"move": row["chosen"]} for row in rows)
    expert = [d for d in installed.decisions if d["task"] == "pursuit"]
    assert all(d["choices"]["target"] == Pursuit().lesson("target", d["state"], {}) for d in expert)


def test_every_policy_plays_the_same_boards(installed: FakePlatform) -> None:
    starts = []
    for policy in ("random", "teacher"):
        installed.decisions.clear()
        main(["run", "pursuit", "--episodes", "1", "--policies", policy])
        starts.append(asked(installed)[0]["state"])
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


def test_the_retriever_imposes_the_first_hit_of_the_platform(installed: FakePlatform) -> None:
    main(["run", "pursuit", "--episodes", "1", "--policies", "retriever"])
    first = {f["stage"]: f["name"] for f in reversed(installed.snapshot["functions"])}
    assert all(decision["choices"] == first for decision in asked(installed))
    assert [search["stage"] for search in installed.searches[:2]] == ["target", "approach"]
    assert installed.searches[1]["earlier"]["target"]["target"] in ("a", "b")


def test_a_head_asks_until_its_choices_are_those_of_the_views(
    installed: FakePlatform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collected = tmp_path / "rows.ndjson"
    main(["collect", "pursuit", "--out", str(collected), "--episodes", "1", "--seed", "1", "--explore", "0"])
    installed.decisions.clear()
    words = ["run", "pursuit", "--episodes", "1", "--policies", "nearest", "--rows", str(collected), "--json"]
    assert main(words) == 0
    row = json.loads(capsys.readouterr().out)
    # The head saw the expert play this very episode.
    assert row["agreement_by_stage"] == {"target": 1.0, "approach": 1.0, "output": 1.0}
    assert row["steps"] * 2 <= len(asked(installed)) <= row["steps"] * 2 * 3


def test_a_second_run_plays_only_what_is_new(installed: FakePlatform, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "pursuit", "--policies", "ld,random", "--json"]
    main([*words, "--episodes", "2"])
    first = capsys.readouterr().out
    installed.decisions.clear()
    main([*words, "--episodes", "2"])
    again = capsys.readouterr()
    assert again.out == first
    assert "ld: 2 of 2 episodes are kept" in again.err
    assert installed.decisions == []
    main([*words, "--episodes", "3"])
    episodes = {decision["episode"] for decision in asked(installed)}
    assert len(episodes) == 2
    installed.decisions.clear()
    main([*words, "--episodes", "2", "--fresh"])
    assert len({decision["episode"] for decision in asked(installed)}) == 4


def test_a_run_that_broke_off_goes_on(installed: FakePlatform, home: Path) -> None:
    words = ["run", "pursuit", "--policies", "random", "--episodes", "3"]
    whole = installed._decide
    answered = 0

    def break_down(body: dict, task: str) -> object:
        nonlocal answered
        answered += 1
        if answered > 140:
            raise httpx.ReadError("gone")
        return whole(body, task)

    installed._decide = break_down
    assert main(words) == 1
    (journal,) = (home / "experiments" / "journal").iterdir()
    kept = len(journal.read_text().splitlines())
    assert 1 <= kept < 3
    installed._decide = whole
    installed.decisions.clear()
    assert main(words) == 0
    assert len({decision["episode"] for decision in asked(installed)}) == 3 - kept


def test_other_policies_are_compared_with_the_student_pair_by_pair(
    installed: FakePlatform, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", "pursuit", "--policies", "teacher,ld", "--episodes", "3", "--json"])
    teacher, ld = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert teacher["against_ld"]["difference"] == pytest.approx(teacher["reward"] - ld["reward"], abs=1e-4)
    assert "against_ld" not in ld
    (page,) = (home / "experiments").glob("pursuit-*.html")
    assert "Difference to ld" in page.read_text()
    (report,) = (home / "experiments").glob("pursuit-*.json")
    assert json.loads(report.read_text())["details"]["ld"]["calibration"]["expected_error"] > 0


def test_a_student_that_nobody_asked_for_is_left_out_where_it_is_missing(
    installed: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.students.clear()
    assert main(["run", "pursuit", "--episodes", "1", "--json"]) == 0
    said = capsys.readouterr()
    assert "ld is left out" in said.err
    assert "ld" not in [json.loads(line)["policy"] for line in said.out.splitlines()]


def test_a_log_is_told_how_far_a_run_is(installed: FakePlatform, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "pursuit", "--policies", "random", "--episodes", "2"])
    assert "random: 1 of 2, about" in capsys.readouterr().err


def test_a_quick_run_plays_a_few_policies_and_the_untuned_model_least(
    installed: FakePlatform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "QUICK", {"untuned": 1, "ld": 2, "teacher": 2})
    assert main(["pursuit", "--quick", "--json"]) == 0
    played = {row["policy"]: row["episodes"] for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert played == {"untuned": 1, "ld": 2, "teacher": 2}


def test_single_policies_play_another_number_of_the_same_episodes(
    installed: FakePlatform, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["pursuit", "--policies", "random,ld", "--episodes", "3", "--episodes-of", "random=1", "--json"]
    assert main(words) == 0
    random, ld = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (random["episodes"], ld["episodes"], random["against_ld"]["episodes"]) == (1, 3, 1)
    (report,) = (home / "experiments").glob("pursuit-*.json")
    assert json.loads(report.read_text())["seeds"] == [1_000_000, 1_000_002]


def test_an_order_that_holds_is_silent_and_one_that_does_not_fails_the_run_after_its_report(
    installed: FakePlatform, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["pursuit", "--policies", "teacher,random", "--episodes", "3"]
    assert main([*words, "--expect", "teacher,random"]) == 0
    assert main([*words, "--expect", "random,teacher"]) == 1
    said = capsys.readouterr().err
    assert "The expected order does not hold. pursuit: random answers as the teacher in" in said
    assert len(list((home / "experiments").glob("pursuit-*.json"))) >= 1


def test_an_order_of_a_policy_that_was_left_out_does_not_hold(
    installed: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.students.clear()
    assert main(["pursuit", "--quick", "--episodes", "1", "--expect", "ld,untuned"]) == 1
    assert "pursuit: ld was not played" in capsys.readouterr().err
