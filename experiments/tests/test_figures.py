from __future__ import annotations

import pytest

from ld_experiments.collect import Distinct
from ld_experiments.errors import ExperimentError
from ld_experiments.figures import interval, pinned, row
from ld_experiments.play import Agreement, Result


def test_interval_holds_the_mean_and_narrows_with_more_episodes() -> None:
    few, many = interval([0.0, 1.0] * 10, 1), interval([0.0, 1.0] * 500, 1)
    assert few[0] < 0.5 < few[1]
    assert many[1] - many[0] < few[1] - few[0]
    assert interval([0.0, 1.0] * 10, 1) == few


def test_interval_of_equal_values_is_a_point() -> None:
    assert interval([1.0] * 5, 1) == (1.0, 1.0)


def test_row_pools_the_episodes() -> None:
    results = [
        Result(1, 1.0, 10, {"target": Agreement(3, 4)}, [1.0, 3.0]),
        Result(2, 0.5, 30, {"target": Agreement(1, 4)}, [5.0]),
    ]
    figures = row("pursuit", "ld", results, 1)
    assert (figures["reward"], figures["steps"], figures["agreement"], figures["p50_ms"]) == (0.75, 20.0, 0.5, 3.0)


def test_a_teacher_that_contradicts_itself_is_noticed() -> None:
    distinct = Distinct()
    seen = {"stage": "approach", "view": "target far.", "chosen": "cut_off"}
    assert distinct.admit(seen)
    assert not distinct.admit(dict(seen))
    assert distinct.admit(seen | {"stage": "target"})
    with pytest.raises(ExperimentError, match="leaves out a fact"):
        distinct.admit(seen | {"chosen": "flank"})


def test_a_pinned_function_is_judged_where_it_applies_and_elsewhere() -> None:
    confusion = {"target": {"alone": {"alone": 3, "nearest": 1}, "nearest": {"nearest": 15, "alone": 1}}}
    found = pinned([Result(1, 1.0, 10, {}, [1.0], confusion)], ["alone", "detour"])
    assert found == {"alone": {"states": 4, "chosen": 0.75, "wrongly": 0.0625}}
