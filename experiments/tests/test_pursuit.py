"""The game and its expert."""

from __future__ import annotations

from ld_experiments.pursuit.game import Board, Episode, Rules


def test_same_seed_gives_the_same_episode() -> None:
    first, second, other = Episode(4), Episode(4), Episode(5)
    for episode in (first, second, other):
        for move in ("north", "east", "south", "west"):
            episode.play({"move": move})
    assert first.state() == second.state()
    assert first.state() != other.state()


def test_boards_are_connected_and_keep_the_sides_apart() -> None:
    for seed in range(50):
        episode = Episode(seed)
        assert episode.board.connected()
        assert 8 <= episode.board.width <= 10
        assert 8 <= episode.board.height <= 10
        assert all(
            episode.board.distance(chaser, evader) > 3
            for chaser in episode.chasers
            for evader in episode.evaders.values()
        )


def test_walls_and_obstacles_stop_a_move() -> None:
    board = Board(8, 8, frozenset({(1, 0)}))
    assert board.moved((0, 0), "north") == (0, 0)
    assert board.moved((0, 0), "east") == (0, 0)
    assert board.moved((0, 0), "south") == (0, 1)


def test_distance_goes_around_obstacles() -> None:
    board = Board(8, 8, frozenset({(1, 0), (1, 1)}))
    assert board.distance((0, 0), (2, 0)) == 6


def test_stepping_onto_an_evader_captures_it() -> None:
    episode = Episode(1)
    episode.chasers, episode.evaders = [(0, 0), (7, 7)], {"a": episode.board.neighbours((0, 0))[0], "b": (4, 4)}
    move = "east" if episode.evaders["a"] == (1, 0) else "south"
    episode.play({"move": move})
    assert episode.reward == 0.5
    assert [target["id"] for target in episode.state()["targets"]] == ["b"]


def test_chasers_take_turns_and_see_each_other() -> None:
    episode = Episode(2)
    first = episode.state()
    episode.play({"move": "stay"})
    second = episode.state()
    assert (first["me"], first["partner"]) == (second["partner"], second["me"])
    assert first["step"] == second["step"] == 0
    episode.play({"move": "stay"})
    assert episode.state()["step"] == 1


def test_an_episode_ends_at_the_step_limit() -> None:
    episode = Episode(3, Rules(step_limit=2, rest=1.0))
    for _ in range(4):
        assert not episode.over
        episode.play({"move": "stay"})
    assert episode.over
    assert episode.reward == 0


def test_a_skilled_evader_runs_from_a_chaser() -> None:
    episode = Episode(6, Rules(skill=1.0, rest=0.0))
    episode.board = Board(8, 8, frozenset())
    episode.chasers, episode.evaders = [(3, 4), (0, 0)], {"a": (4, 4)}
    episode.play({"move": "stay"})
    episode.play({"move": "stay"})
    assert episode.board.distance((3, 4), episode.evaders["a"]) == 2
