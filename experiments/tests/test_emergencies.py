"""The rules of the emergencies, and what the expert makes of them."""

from __future__ import annotations

import pytest

from ld_experiments.emergencies import Emergencies
from ld_experiments.emergencies.expert import NEW
from ld_experiments.emergencies.game import (
    CORRIDOR,
    DECOY,
    FROZEN,
    GATE,
    LASTS,
    SITS_OUT,
    WHISTLE,
    EmergencyEpisode,
    Event,
)
from ld_experiments.pursuit import Pursuit
from ld_experiments.pursuit.game import MOVES


def with_event(event: Event, seed: int = 1) -> EmergencyEpisode:
    episode = EmergencyEpisode(seed)
    episode.event = event
    return episode


def test_an_episode_begins_as_the_pursuit_game_of_its_seed() -> None:
    for seed in range(20):
        assert Emergencies().start(seed).state() == Pursuit().start(seed).state()


def test_the_same_seed_and_moves_give_the_same_episode() -> None:
    def states(seed: int) -> list[dict]:
        episode, found = EmergencyEpisode(seed), []
        while not episode.over:
            found.append(episode.state())
            episode.play({"move": ("north", "east", "south", "west")[len(found) % 4]})
        return found

    assert states(3) == states(3)
    assert states(3) != states(4)


def test_every_kind_of_event_comes_is_in_force_and_is_spoken_of_afterwards() -> None:
    seen = set()
    for seed in range(30):
        episode = EmergencyEpisode(seed)
        while not episode.over:
            if event := episode.state().get("event"):
                seen.add((event["kind"], event["now"]))
            episode.play({"move": "stay"})
    assert seen == {(kind, now) for kind in LASTS for now in (True, False)}


def test_a_frozen_chaser_is_not_asked() -> None:
    episode = with_event(Event(FROZEN, 0, 9, chaser=1))
    for step in range(1, 4):
        episode.play({"move": "stay"})
        assert (episode.step, episode.chaser) == (step, 0)


def test_a_decoy_is_found_elsewhere_and_counts_for_nothing() -> None:
    episode = with_event(Event(DECOY, 0, 9, target="a"))
    episode.chasers[0] = episode.evaders["a"]
    episode._capture()
    assert episode.evaders["a"] != episode.chasers[0]
    assert episode.reward == 0


def test_a_closed_cell_stops_a_chaser_and_is_no_obstacle_of_the_state() -> None:
    episode = EmergencyEpisode(1)
    x, y = episode.chasers[0]
    beside = next(cell for cell in episode.board.neighbours((x, y)) if cell not in episode.chasers)
    episode.event = Event(CORRIDOR, 0, 9, cells=(beside,))
    episode.board = episode._with((beside,))
    assert {"x": beside[0], "y": beside[1]} not in episode.state()["obstacles"]
    move = {(0, -1): "north", (1, 0): "east", (0, 1): "south", (-1, 0): "west"}[beside[0] - x, beside[1] - y]
    episode.play({"move": move})
    assert episode.chasers[0] == (x, y)


@pytest.mark.parametrize(("runs_into_it", "asked_again_at"), [(True, SITS_OUT), (False, 1)])
def test_who_runs_into_a_closed_cell_sits_out(runs_into_it: bool, asked_again_at: int) -> None:
    episode = EmergencyEpisode(1)
    x, y = episode.chasers[0]
    beside = next(cell for cell in episode.board.neighbours((x, y)) if cell not in episode.chasers)
    episode.event = Event(CORRIDOR, 0, 9, cells=(beside,))
    episode.board = episode._with((beside,))
    towards = next(move for move, (dx, dy) in MOVES.items() if (x + dx, y + dy) == beside)
    episode.play({"move": towards if runs_into_it else "stay"})
    while episode.chaser == 1:
        episode.play({"move": "stay"})
    assert episode.step == asked_again_at


def test_who_moves_under_the_whistle_is_put_back() -> None:
    episode = with_event(Event(WHISTLE, 0, 9))
    home = episode.chasers[0]
    episode.chasers[0] = episode._empty()[0]
    episode.play({"move": "north"})
    assert episode.chasers[0] == home


def test_a_target_that_gets_through_the_gate_is_not_caught() -> None:
    episode = EmergencyEpisode(1)
    episode.event = Event(GATE, 0, 9, cells=(episode.evaders["a"],))
    for _ in range(2):
        episode.play({"move": "stay"})
    assert "a" not in episode.evaders
    assert episode.reward == 0


@pytest.mark.parametrize("kind", sorted(LASTS))
def test_the_expert_answers_an_event_while_it_is_in_force_and_not_after(kind: str) -> None:
    game, answered = Emergencies(), set()
    for seed in range(40):
        episode = game.start(seed)
        while not episode.over:
            state = episode.state()
            target = game.lesson("target", state, {})
            chosen = {target, game.lesson("approach", state, {"target": game.foresee("target", target, state, {})})}
            event = state.get("event")
            if event and event["kind"] == kind and event["now"]:
                answered |= chosen
            else:
                assert NEW[kind] not in chosen
            episode.play({"move": "stay"})
    assert NEW[kind] in answered
