from __future__ import annotations

import random

import pytest
import words

from ld_worker import packing, rewording, trajectories
from ld_worker.packing import Packer, Sampling


@pytest.fixture
def toy(tmp_path):
    paths = words.write(tmp_path)
    task = trajectories.read_task(paths[0])
    return task, trajectories.read_rows(paths[1], task).rows, Packer(task, words.tokens)


def test_an_entry_of_a_condition_and_an_action_is_turned_around():
    manual = "Target far, path blocked: walk round the obstacle to it."
    found = {rewording.turned(manual, random.Random(seed)) for seed in range(60)}
    assert "If target far, path blocked, walk round the obstacle to it." in found
    assert "Walk round the obstacle to it, when target far, path blocked." in found
    assert len(found) == 7


def test_an_entry_of_another_form_stays():
    assert rewording.turned("Go north.", random.Random(1)) == "Go north."
    assert rewording.turned("A: b: c.", random.Random(1)) == "A: b: c."


def test_a_renamed_row_keeps_its_choice(toy):
    _, (row, *_), _ = toy
    other, entries = rewording.renamed(row, row.candidates, random.Random(3))
    place = [entry.name for entry in row.candidates].index(row.chosen)
    assert other.chosen == entries[place].name
    assert not {entry.name for entry in entries} & {entry.name for entry in row.candidates}
    assert len({entry.handle for entry in entries}) == len(entries)


def test_a_row_without_its_choice_among_the_candidates_stays_one(toy):
    _, (row, *_), _ = toy
    others = [entry for entry in row.candidates if entry.name != row.chosen]
    other, entries = rewording.renamed(row, others, random.Random(3))
    assert other.chosen not in {entry.name for entry in entries}


def test_reading_shows_own_functions_under_other_names_where_it_is_asked_to(toy):
    task, rows, packer = toy
    known, everything = {entry.name for row in rows for entry in row.candidates}, trajectories.catalogue(rows)
    for share, renamed in ((0.0, False), (1.0, True)):
        sampling = Sampling(other_words=share)
        stream = packing.batches(packer, task, rows, everything, "reading", 3, 1, sampling, random.Random(1))
        shown = {entry.name for _ in range(4) for pack in next(stream) for c in pack.candidates for entry in c}
        assert bool(shown - known) is renamed
        assert bool(shown & known) is not renamed
