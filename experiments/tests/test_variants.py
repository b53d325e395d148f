"""The variants of the pursuit game: what is derived, and that the expert plays them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from platform_fake import FakePlatform
from test_packs import check

from ld_experiments.__main__ import main
from ld_experiments.figures import none as none_of_these
from ld_experiments.games import expert_choices, outputs_of
from ld_experiments.play import Result, compare
from ld_experiments.pursuit import Pursuit
from ld_experiments.variants import OTHER_WORDS, Gaps, Larger, Variant, variants


@pytest.fixture(params=sorted(variants()))
def variant(request: pytest.FixtureRequest) -> Variant:
    return variants()[request.param]


def test_handles_are_unique_in_a_stage_and_tests_match_the_schema(variant: Variant) -> None:
    for pack in variant.packs():
        handles = [(function["stage"], function["handle"]) for function in pack.functions]
        assert len(handles) == len(set(handles))
        for function in pack.functions:
            for test in function["tests"]:
                check(test["state"], pack.task["stateSchema"])


def test_its_states_match_its_schema_and_its_expert_chooses_its_functions(variant: Variant) -> None:
    pack = variant.packs()[0]
    names = {(function["stage"], function["name"]) for function in pack.functions}
    stages = [stage["name"] for stage in pack.task["stages"]]
    for seed in range(3):
        running = variant.start(seed)
        while not running.over:
            state = running.state()
            check(state, pack.task["stateSchema"])
            choices = expert_choices(variant, stages, state, {})
            assert set(choices.items()) <= names
            running.play({"move": "stay"})


def test_a_larger_board_is_larger_and_has_a_task_of_outputs() -> None:
    larger = Larger()
    assert [pack.name for pack in larger.packs()] == [larger.name, outputs_of(larger.name)]
    assert all(min(larger.start(seed).state()["grid"].values()) >= 12 for seed in range(5))


def test_other_words_are_other_words_for_every_function() -> None:
    known = {f["name"]: f for f in variants()["pursuit-few"].packs()[0].functions}
    assert set(OTHER_WORDS) == set(known)
    for name, other in OTHER_WORDS.items():
        assert other["name"] not in known
        assert other["manual"] != known[name]["manual"]


def test_where_a_function_is_missing_none_of_these_is_what_a_student_should_say() -> None:
    gaps, running = Gaps(), Gaps().start(1)  # a board that comes to such a situation
    uncovered: list[tuple[dict[str, Any], dict[str, Any], str]] = []
    while not running.over:
        state = running.state()
        target = {"target": gaps.foresee("target", gaps.lesson("target", state, {}), state, {})}
        uncovered += [
            (state, earlier, stage)
            for stage, earlier in (("target", {}), ("approach", target))
            if not gaps.covers(stage, state, earlier)
        ]
        running.play({"move": "stay"})
    assert uncovered
    for state, earlier, stage in uncovered:
        wanted = gaps.MISSING.values()
        assert gaps.lesson(stage, state, earlier) in wanted
        counted = Result(1, 0.0, 0, {}, [])
        for none in (0.9, 0.1):
            candidates = [{"function": "nearest", "probability": 0.3}, {"function": "together", "probability": 0.2}]
            said = {"stage": stage, "chosen": "nearest", "decidedBy": "student", "way": "recall", "none": none}
            stages = [said | {"candidates": candidates, "output": {}}]
            if stage == "approach":
                before = {"stage": "target", "chosen": "nearest", "decidedBy": "rule", "candidates": []}
                stages = [before | {"output": earlier["target"]}, *stages]
            compare(gaps, state, {"stages": stages}, counted)
        assert counted.none == {stage: [0, 0, 2, 1]}
        assert stage not in counted.agreement
        assert none_of_these([counted]) == {"states": 2, "said": 0.5, "others": 0, "wrongly": 0.0}


def test_a_variant_is_installed_by_its_run_with_the_students_of_the_game(
    home: object, platform: FakePlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pursuit-few", "--policies", "teacher", "--episodes", "1", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["task"], row["agreement"]) == ("pursuit-few", 1.0)
    assert {student["name"] for student in platform.students.values()} >= {"pursuit-ld"}
    assert {student["task"] for student in platform.students.values()} == {"pursuit-few"}
    assert Pursuit.name not in platform.tasks
