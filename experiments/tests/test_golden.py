"""Every game's expert and pack against what the pack's JavaScript answered when the golden file was recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_packs import check

from ld_experiments.games import Game, folder_of, games, rows_of
from ld_experiments.heads import load_rows
from ld_experiments.packs import Pack, load_pack

Golden = list[dict]


@pytest.fixture(params=sorted(games()))
def game(request: pytest.FixtureRequest) -> Game:
    return games()[request.param]


@pytest.fixture
def pack(game: Game) -> Pack:
    return load_pack(folder_of(game.name) / "pack")


@pytest.fixture
def golden(game: Game) -> Golden:
    path = Path(__file__).parent / "golden" / f"{game.name}.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_golden_file_was_recorded_from_this_pack(pack: Pack, golden: Golden) -> None:
    assert golden[0]["pack"] == pack.sha256, "run tools/record.py after a change of the pack"


def test_expert_agrees_with_the_recorded_choices(game: Game, golden: Golden) -> None:
    for line in golden[1:]:
        earlier: dict[str, dict] = {}
        for stage in line["stages"]:
            assert game.lesson(stage["stage"], line["state"], earlier) == stage["chosen"]
            earlier[stage["stage"]] = stage["outputs"][stage["chosen"]]


def test_expert_foresees_what_the_functions_answer(game: Game, golden: Golden) -> None:
    for line in golden[1:]:
        earlier: dict[str, dict] = {}
        for stage in line["stages"][:-1]:
            for function, output in stage["outputs"].items():
                assert game.foresee(stage["stage"], function, line["state"], earlier) == output
            earlier[stage["stage"]] = stage["outputs"][stage["chosen"]]


def test_expert_uses_every_function_and_decides_on_what_the_view_says(golden: Golden) -> None:
    seen: dict[tuple[str, str], str] = {}
    for line in golden[1:]:
        for stage in line["stages"]:
            assert seen.setdefault((stage["stage"], stage["view"]), stage["chosen"]) == stage["chosen"]
    offered = {(stage["stage"], name) for stage in golden[1]["stages"] for name in stage["outputs"]}
    assert {(stage, chosen) for (stage, _), chosen in seen.items()} == offered


def test_functions_are_tested_and_told_apart(pack: Pack) -> None:
    for stage in pack.task["stages"]:
        functions = [function for function in pack.functions if function["stage"] == stage["name"]]
        assert len(functions) >= 4
        assert len({function["handle"] for function in functions}) == len(functions)
        assert len({function["manual"] for function in functions}) == len(functions)
    assert all(len(function["tests"]) >= 2 for function in pack.functions)


def test_functions_need_no_clock_no_randomness_and_no_modules(pack: Pack) -> None:
    for function in pack.functions:
        assert function["source"].count("function run(state, earlier)") == 1
        assert not re.search(r"\b(Date|random|require|import|fetch|eval|globalThis)\b", function["source"])


def test_no_view_names_a_function(pack: Pack, golden: Golden, game: Game) -> None:
    named = {
        stage["name"]: {f[key] for f in pack.functions if f["stage"] == stage["name"] for key in ("name", "handle")}
        for stage in pack.task["stages"]
    }
    rows, _ = load_rows(rows_of(game.learned_in))
    views = [(stage["stage"], stage["view"]) for line in golden[1:] for stage in line["stages"]]
    for stage, view in [*views, *((row["stage"], row["view"]) for row in rows)]:
        assert not named[stage] & set(re.findall(r"\w+", view.lower())), view
        assert len(view) <= 200


def test_states_of_the_game_of_the_tests_and_of_the_examples_match_the_schema(game: Game, pack: Pack) -> None:
    schema = pack.task["stateSchema"]
    states = [game.start(seed).state() for seed in range(100)]
    states += [test["state"] for function in pack.functions for test in function["tests"]]
    for state in [*states, *schema["examples"]]:
        check(state, schema)


def test_outputs_match_the_schema_of_their_stage(game: Game, pack: Pack, golden: Golden) -> None:
    schemas = {stage["name"]: stage["outputSchema"] for stage in pack.task["stages"]}
    for line in golden[1:]:
        for stage in line["stages"]:
            for output in stage["outputs"].values():
                check(output, schemas[stage["stage"]])


def test_bundled_rows_never_contradict_themselves_and_know_every_function(game: Game, pack: Pack) -> None:
    rows, _ = load_rows(rows_of(game.learned_in))
    assert len({(row["stage"], row["view"]) for row in rows}) == len(rows)
    learned = {(f["stage"], f["name"]) for f in pack.functions if not f.get("pinned")}
    assert {(row["stage"], row["chosen"]) for row in rows} == learned
    assert rows_of(game.learned_in).stat().st_size < 2_000_000
