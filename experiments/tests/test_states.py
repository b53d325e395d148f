from __future__ import annotations

import json
from itertools import islice

import pytest

from ld_experiments.games import game_named
from ld_experiments.states import drawn


@pytest.mark.parametrize("name", ["pursuit", "twenty-one"])
def test_no_state_comes_twice_and_the_same_seed_draws_the_same(name: str) -> None:
    game = game_named(name)
    states = [json.dumps(state, sort_keys=True) for state in islice(drawn(game), 300)]
    assert len(set(states)) == 300
    assert states == [json.dumps(state, sort_keys=True) for state in islice(drawn(game), 300)]
