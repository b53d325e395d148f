from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from ld_experiments.errors import ExperimentError
from ld_experiments.games import games, rows_of
from ld_experiments.heads import Bag, load_rows, train

ROWS = [
    {"stage": "approach", "view": "target close, partner near it", "chosen": "squeeze"},
    {"stage": "approach", "view": "target close, partner away from it", "chosen": "flank"},
    {"stage": "approach", "view": "target far, partner away from it", "chosen": "close_rows"},
    {"stage": "target", "view": "one target left", "chosen": "last_one"},
]


@pytest.mark.parametrize("policy", ["nearest", "logistic"])
def test_a_head_knows_what_it_was_taught(policy: str) -> None:
    head = train(policy, ROWS)
    for row in ROWS:
        assert head.choose(row["stage"], row["view"], ["close_rows", "flank", "last_one", "squeeze"]) == row["chosen"]


@pytest.mark.parametrize("policy", ["nearest", "logistic"])
def test_a_head_chooses_among_what_is_offered(policy: str) -> None:
    head = train(policy, ROWS)
    assert head.choose("approach", ROWS[0]["view"], ["new", "flank"]) == "flank"
    assert head.choose("approach", ROWS[0]["view"], ["new"]) == "new"
    assert head.choose("unheard of", "anything", ["new", "flank"]) == "new"


def test_a_view_of_unknown_words_has_no_weights() -> None:
    bag = Bag([row["view"] for row in ROWS])
    known, unknown = bag([ROWS[0]["view"], "quite something else"])
    assert np.linalg.norm(known) == pytest.approx(1)
    assert not unknown.any()


def test_the_bundled_rows_teach_a_head_most_of_what_they_hold() -> None:
    rows, _ = load_rows(rows_of("twenty-one"))
    held_out = rows[::10]
    head = train("logistic", [row for place, row in enumerate(rows) if place % 10])
    names = {stage: sorted({r["chosen"] for r in rows if r["stage"] == stage}) for stage in ("count", "risk", "act")}
    same = sum(head.choose(row["stage"], row["view"], names[row["stage"]]) == row["chosen"] for row in held_out)
    assert same / len(held_out) > 0.8


def test_the_hash_of_trajectories_is_that_of_their_lines(tmp_path: Path) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    plain, packed = tmp_path / "rows.ndjson", tmp_path / "rows.ndjson.gz"
    plain.write_bytes(lines)
    packed.write_bytes(gzip.compress(lines))
    assert load_rows(plain) == load_rows(packed)


@pytest.mark.parametrize("content", ["", "{}\n", "not json\n", '{"stage": 1, "view": "a", "chosen": "b"}\n'])
def test_a_file_without_trajectories_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "rows.ndjson").write_text(content)
    with pytest.raises(ExperimentError, match="trajectories"):
        load_rows(tmp_path / "rows.ndjson")


def test_missing_trajectories_are_named(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="cannot be read"):
        load_rows(tmp_path / "rows.ndjson")


def test_every_game_has_rows() -> None:
    assert all(rows_of(game.learned_in).exists() for game in games().values())
