import random

import pytest
import words

from ld_worker import packing, prompts, trajectories
from ld_worker.packing import Packer, Sampling


@pytest.fixture
def toy(tmp_path):
    paths = words.write(tmp_path)
    task = trajectories.read_task(paths[0])
    return task, trajectories.read_rows(paths[1], task).rows, Packer(task, words.tokens)


def test_a_label_is_the_choice_in_canonical_order_and_none_is_one_past_the_last(toy):
    _, rows, packer = toy
    row = rows[0]
    pack = packer.recall(row.stage, row.candidates, [row])
    assert pack.candidates[0][pack.labels[0]].name == row.chosen
    wrong = [e for e in row.candidates if e.name != row.chosen]
    assert packer.recall(row.stage, wrong, [row]).labels == [len(wrong)]


@pytest.mark.parametrize("way", prompts.WAYS)
def test_a_pass_shows_every_row_once(toy, way):
    task, rows, packer = toy
    build = packing.recall_packs if way == prompts.RECALL else packing.reading_packs
    entries = trajectories.catalogue(rows)
    own = trajectories.by_stage(rows)["first"]
    packs = build(packer, "first", own, entries["first"], task.stage("first").k, 4, Sampling(), random.Random(1))
    assert sum(len(pack.labels) for pack in packs) == len(own)
    assert all(len(pack.labels) <= 4 for pack in packs)


def test_offers_the_recorded_candidates_or_the_choice_among_others(toy):
    _, rows, _ = toy
    row, everything = rows[0], trajectories.catalogue(rows)["first"]
    own = packing.offered(row, everything, 3, Sampling(recorded=1, fewer=0, none=0), random.Random(1))
    assert own == list(row.candidates)
    drawn = [
        packing.offered(row, everything, 3, Sampling(recorded=0, fewer=0, none=0), random.Random(s)) for s in range(9)
    ]
    assert all(row.choice in shown and len(shown) == 3 for shown in drawn)
    assert len({tuple(sorted(e.name for e in shown)) for shown in drawn}) > 1


def test_none_is_taught_by_leaving_the_choice_out(toy):
    _, rows, _ = toy
    shown = packing.offered(rows[0], [], 3, Sampling(recorded=1, fewer=0, none=1), random.Random(1))
    assert rows[0].choice not in shown


def test_hard_rows_come_more_often_but_not_without_end(toy):
    _, rows, _ = toy
    rows, hard = rows[:40], rows[:3]
    rng = random.Random(1)
    drawn = packing.some_hard(rows, hard, 30, Sampling(hard=0.2), rng)
    assert len(drawn) == 30
    assert 6 <= sum(row in hard for row in drawn) <= 9
    few = packing.some_hard(rows, hard[:1], 30, Sampling(hard=0.5), rng)
    assert packing.HARD_REPEATS <= few.count(hard[0]) <= packing.HARD_REPEATS + 1
    assert len(set(packing.some_hard(rows, (), 30, Sampling(hard=0.5), rng))) == 30


def test_evaluation_packs_keep_the_recorded_candidates(toy):
    _, rows, packer = toy
    for way in prompts.WAYS:
        found = [
            pair for pack, own in packer.as_recorded(way, rows, 4) for pair in zip(pack.candidates, own, strict=True)
        ]
        assert len(found) == len(rows)
        assert all(tuple(shown) == row.candidates for shown, row in found)
