"""The task pack of the pursuit game and how packs are read."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ld_experiments.errors import ExperimentError
from ld_experiments.packs import Pack, load_pack, load_students
from ld_experiments.pursuit.game import Episode


def test_sources_replace_file_names(pack: Pack) -> None:
    assert all(function["source"].count("function run(state, earlier)") == 1 for function in pack.functions)
    assert all(stage["view"]["source"].count("function view(state, earlier)") == 1 for stage in pack.task["stages"])
    assert not any("file" in entry for entry in [*pack.functions, *(stage["view"] for stage in pack.task["stages"])])


def test_golden_file_was_recorded_from_this_pack(pack: Pack, golden: list[dict]) -> None:
    assert golden[0]["pack"] == pack.sha256, "run tools/record.py after a change of the pack"


def test_stages_have_their_functions(pack: Pack) -> None:
    count = {
        stage["name"]: sum(function["stage"] == stage["name"] for function in pack.functions)
        for stage in pack.task["stages"]
    }
    assert count == {"target": 5, "approach": 9}


def test_functions_are_tested_and_told_apart(pack: Pack) -> None:
    for stage in pack.task["stages"]:
        functions = [function for function in pack.functions if function["stage"] == stage["name"]]
        assert len({function["handle"] for function in functions}) == len(functions)
        assert len({function["manual"] for function in functions}) == len(functions)
    assert all(len(function["tests"]) >= 2 for function in pack.functions)


def test_functions_need_no_clock_no_randomness_and_no_modules(pack: Pack) -> None:
    for function in pack.functions:
        assert not re.search(r"\b(Date|random|require|import|fetch|eval|globalThis)\b", function["source"])


def test_no_view_names_a_function(pack: Pack, golden: list[dict]) -> None:
    named = {
        stage["name"]: {f[key] for f in pack.functions if f["stage"] == stage["name"] for key in ("name", "handle")}
        for stage in pack.task["stages"]
    }
    for line in golden[1:]:
        for stage in line["stages"]:
            assert not named[stage["stage"]] & set(re.findall(r"\w+", stage["view"].lower())), stage["view"]
            assert len(stage["view"]) <= 180


def test_states_of_the_game_of_the_tests_and_of_the_examples_match_the_schema(pack: Pack) -> None:
    schema = pack.task["stateSchema"]
    states = [Episode(seed).state() for seed in range(100)]
    states += [test["state"] for function in pack.functions for test in function["tests"]]
    for state in [*states, *schema["examples"]]:
        check(state, schema)


def test_a_state_that_breaks_the_schema_is_noticed(pack: Pack) -> None:
    state = json.loads(json.dumps(pack.task["stateSchema"]["examples"][0]))
    state["me"]["x"] = 10
    with pytest.raises(AssertionError):
        check(state, pack.task["stateSchema"])


def test_content_and_not_layout_names_a_pack(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "task.json").write_text(json.dumps(pack.task, indent=7))
    (tmp_path / "functions.json").write_text(json.dumps(pack.functions))
    assert load_pack(tmp_path).sha256 == pack.sha256


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"task\.json cannot be read"):
        load_pack(tmp_path)


def test_a_damaged_student_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "pursuit-ld"
    folder.mkdir()
    (folder / "activations.safetensors").write_bytes(b"damaged")
    files = {
        "adapter": None,
        "activations": {"path": "activations.safetensors", "sha256": hashlib.sha256(b"whole").hexdigest(), "bytes": 5},
    }
    (folder / "manifest.json").write_text(json.dumps({"name": "pursuit-ld", "files": files}))
    (student,) = load_students(tmp_path)
    with pytest.raises(ExperimentError, match="differs from the hash"):
        student.parts()


def check(value: Any, schema: dict[str, Any]) -> None:
    """The keywords of JSON Schema that the pack uses."""
    kind = {"object": dict, "array": list, "integer": int, "string": str}[schema["type"]]
    assert isinstance(value, kind)
    assert schema.get("minimum", 0) <= value <= schema.get("maximum", 0) if kind is int else True
    if kind is str:
        assert re.search(schema["pattern"], value)
    if kind is list:
        assert schema.get("minItems", 0) <= len(value) <= schema["maxItems"]
        for item in value:
            check(item, schema["items"])
    if kind is dict:
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) <= set(value) <= set(schema["properties"])
        for key, item in value.items():
            check(item, schema["properties"][key])
