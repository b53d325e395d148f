"""The game of 21 Points, its exact odds and its expert."""

from __future__ import annotations

import random

import pytest

from ld_experiments.twenty_one import TwentyOne
from ld_experiments.twenty_one.game import ROUND_VALUE, Episode, Round, result
from ld_experiments.twenty_one.odds import (
    FIVE,
    NATURAL,
    OUT,
    Hand,
    Table,
    best_action,
    endings,
    hand_of,
    payout,
    round_value,
    settled,
    worth,
)

ALONE = Table(6, Hand(25, False, 3), True)


def test_same_seed_deals_the_same_rounds_whatever_was_played() -> None:
    episodes = [Episode(4), Episode(4)]
    for episode, action in zip(episodes, ("stand", "hit"), strict=True):
        while len(episode.played) < 3:
            episode.play({"action": action})
    assert [played.dealer for played in episodes[0].played] == [played.dealer for played in episodes[1].played]
    assert Episode(4).state() != Episode(5).state()


@pytest.mark.parametrize(
    ("cards", "rank"),
    [
        ("A K", NATURAL),
        ("A 5 5", 21),
        ("A A", 12),
        ("K Q 2", OUT),
        ("2 2 3 3 4", FIVE),
        ("9 9 9 9 9", OUT),
        ("A 6", 17),
    ],
)
def test_hands_rank(cards: str, rank: int) -> None:
    assert hand_of(cards.split()).rank == rank


def test_the_pot_goes_to_the_best_hand_and_is_shared_by_equals() -> None:
    assert payout(20, (19, OUT)) == 2
    assert payout(20, (20, 19)) == 0.5
    assert payout(20, (20, 20)) == 0
    assert payout(20, (21, 18)) == payout(OUT, (OUT, OUT)) == -1


def test_chances_add_up() -> None:
    for low in range(2, 12):
        assert sum(endings(Hand(low, False, 2), 17).values()) == pytest.approx(1)


def test_best_actions_that_every_player_knows() -> None:
    assert best_action(Hand(11, False, 2), ALONE) == "double"
    assert best_action(Hand(20, False, 2), ALONE) == "stand"
    assert best_action(Hand(16, False, 2), Table(6, Hand(19, False, 2), True)) == "hit"
    assert best_action(Hand(14, False, 2), ALONE) == "stand"


def test_round_value_is_what_the_odds_say() -> None:
    assert round_value() == pytest.approx(ROUND_VALUE, abs=1e-6)


def test_the_odds_of_standing_are_those_of_the_game() -> None:
    deck, results = random.Random(1), []
    for _ in range(20_000):
        results.append(result(Round(deck, ["K", "8"], "6", ["5", "8"], False, over=True)))
    assert sum(results) / len(results) == pytest.approx(settled(18, Table(6, Hand(13, False, 2), False)), abs=0.03)


def test_reward_loses_what_an_action_gives_away() -> None:
    episode = Episode(1)
    hand = Hand(20, False, 2)
    episode.played[0].mine, episode.played[0].dealer = ["K", "Q"], "6"
    episode.played[0].rival, episode.played[0].rival_done = ["K", "9", "6"], True
    episode.play({"action": "hit"})
    missed = worth("stand", hand, ALONE) - worth("hit", hand, ALONE)
    assert episode.played[0].missed == pytest.approx(missed)
    assert Episode(1).reward == ROUND_VALUE


def test_a_double_that_is_not_allowed_is_a_hit() -> None:
    episode = Episode(1)
    episode.played[0].mine = ["2", "3"]
    episode.play({"action": "double"})
    assert len(episode.played[0].mine) == 3
    assert not episode.played[0].over


def test_the_optimum_gives_nothing_away_and_the_expert_little() -> None:
    game = TwentyOne()
    rewards = {"expert": 0.0, "optimum": 0.0}
    for seed in range(60):
        for policy in rewards:
            episode = game.start(seed)
            while not episode.over:
                state = episode.state()
                choices = _expert(game, state)
                if policy == "optimum":
                    choices = game.optimum(state, choices)
                episode.play(_outputs(game, state, choices)["act"])
            rewards[policy] += episode.reward / 60
    assert rewards["optimum"] == pytest.approx(ROUND_VALUE)
    assert ROUND_VALUE - 0.005 < rewards["expert"] < ROUND_VALUE


def _expert(game: TwentyOne, state: dict) -> dict[str, str]:
    choices, earlier = {}, {}
    for stage in ("count", "risk", "act"):
        choices[stage] = game.lesson(stage, state, earlier)
        earlier[stage] = game.foresee(stage, choices[stage], state, earlier)
    return choices


def _outputs(game: TwentyOne, state: dict, choices: dict[str, str]) -> dict[str, dict]:
    earlier: dict[str, dict] = {}
    for stage, function in choices.items():
        earlier[stage] = game.foresee(stage, function, state, earlier)
    return earlier
