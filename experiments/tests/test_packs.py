"""The task pack of the pursuit game and how packs are read."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ld_experiments.errors import ExperimentError
from ld_experiments.games import folder_of, games, output_named, outputs_of
from ld_experiments.packs import Pack, load_pack, load_students


def test_sources_replace_file_names(pack: Pack) -> None:
    assert all(function["source"].count("function run(state, earlier)") == 1 for function in pack.functions)
    assert all(stage["view"]["source"].count("function view(state, earlier)") == 1 for stage in pack.task["stages"])
    assert not any("file" in entry for entry in [*pack.functions, *(stage["view"] for stage in pack.task["stages"])])


def test_stages_have_their_functions(pack: Pack) -> None:
    count = {
        stage["name"]: sum(function["stage"] == stage["name"] for function in pack.functions)
        for stage in pack.task["stages"]
    }
    assert count == {"target": 5, "approach": 9}


def test_a_state_that_breaks_the_schema_is_noticed(pack: Pack) -> None:
    state = json.loads(json.dumps(pack.task["stateSchema"]["examples"][0]))
    state["me"]["x"] = 10
    with pytest.raises(AssertionError):
        check(state, pack.task["stateSchema"])


@pytest.mark.parametrize("game", sorted(games()))
def test_a_task_of_outputs_has_a_function_for_every_output(game: str) -> None:
    pack, twin = load_pack(folder_of(game) / "pack"), load_pack(folder_of(game) / "outputs")
    assert twin.name == outputs_of(game)
    assert twin.task["stateSchema"] == pack.task["stateSchema"]
    assert twin.task["rules"] == pack.task["rules"]
    assert twin.task["outputSchema"] == pack.task["outputSchema"]
    (outputs,) = (kind["enum"] for kind in twin.task["outputSchema"]["properties"].values())
    assert {function["name"] for function in twin.functions} == set(outputs)
    for function in twin.functions:
        (test,) = function["tests"]
        assert output_named(test["output"]) == function["name"]


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
    (folder / "manifest.json").write_text(json.dumps({"name": "pursuit-ld", "task": "pursuit", "files": files}))
    (student,) = load_students(tmp_path, "pursuit")
    with pytest.raises(ExperimentError, match="differs from the hash"):
        student.parts()


def check(value: Any, schema: dict[str, Any]) -> None:
    """The keywords of JSON Schema that the pack uses."""
    if "enum" in schema:
        assert value in schema["enum"]
        return
    kind = {"object": dict, "array": list, "integer": int, "string": str, "boolean": bool}[schema["type"]]
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
