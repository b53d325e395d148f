"""What speaks against an expected order."""

from __future__ import annotations

from ld_experiments.order import contradictions
from ld_experiments.play import OUTPUT, Agreement, Result


def played(rewards: list[float], agreed: int, of: int) -> list[Result]:
    agreement = {OUTPUT: Agreement(agreed, of)}
    return [Result(seed, reward, 1, agreement, [1.0]) for seed, reward in enumerate(rewards)]


def test_more_agreement_and_no_less_reward_is_in_order() -> None:
    results = {"ld": played([1.0, 0.9, 1.0], 9, 10), "kd": played([0.9, 1.0, 1.0], 8, 10)}
    assert contradictions(["ld", "kd"], results, 1) == []


def test_the_same_agreement_is_not_enough() -> None:
    results = {"ld": played([1.0], 8, 10), "kd": played([0.5], 8, 10)}
    (found,) = contradictions(["ld", "kd"], results, 1)
    assert found == "ld answers as the teacher in 0.800 of the decisions, kd in 0.800"


def test_a_reward_beyond_the_interval_contradicts() -> None:
    results = {"ld": played([0.1, 0.2, 0.1], 9, 10), "kd": played([0.9, 1.0, 0.9], 8, 10)}
    (found,) = contradictions(["ld", "kd"], results, 1)
    assert found.startswith("kd earns 0.800 [")


def test_no_order_is_expected_among_those_whom_the_game_leaves_helpless() -> None:
    results = {"ld": played([1.0], 9, 10), "kd": played([0.5], 5, 10), "untuned": played([0.5], 6, 10)}
    assert contradictions(["ld", "kd", "untuned"], results, 1) != []
    assert contradictions(["ld", "kd", "untuned"], results, 1, frozenset({"kd", "untuned"})) == []


def test_who_earns_more_than_the_teacher_contradicts_nothing() -> None:
    results = {"ld": played([0.1, 0.2, 0.1], 9, 10), "kd": played([0.9, 1.0, 0.9], 8, 10)}
    assert contradictions(["ld", "kd"], results | {"teacher": played([0.5, 0.5, 0.5], 10, 10)}, 1) == []
    assert contradictions(["ld", "kd"], results | {"teacher": played([1.0, 1.0, 1.0], 10, 10)}, 1) != []
