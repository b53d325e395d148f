import json

import pytest
import words

from ld_worker import trajectories
from ld_worker.trajectories import TrajectoryError


@pytest.fixture
def files(tmp_path):
    return words.write(tmp_path)


def test_reads_task_and_rows(files):
    task = trajectories.read_task(files[0])
    dataset = trajectories.read_rows(files[1], task)
    assert (len(dataset.rows), dataset.episodes, dataset.snapshot) == (64, 8, "sha256:toy")
    assert task.prefix("second") == "Go out or stay in.\nChoose how to go.\n"
    assert [e.handle for e in dataset.rows[0].candidates] == sorted(e.handle for e in dataset.rows[0].candidates)


def test_splits_whole_episodes_the_same_way_for_the_same_seed(files):
    rows = trajectories.read_rows(files[1], trajectories.read_task(files[0])).rows
    train, held_out = trajectories.split(rows, 0.25, 3)
    assert {r.episode for r in train}.isdisjoint({r.episode for r in held_out})
    assert len({r.episode for r in held_out}) == 2
    assert trajectories.split(rows, 0.25, 3) == (train, held_out)


def test_one_episode_cannot_be_split(files):
    rows = trajectories.read_rows(files[1], trajectories.read_task(files[0])).rows
    with pytest.raises(TrajectoryError, match="one episode"):
        trajectories.split(rows[:2], 0.1, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chosen": "unheard_of"}, "line 1: 'unheard_of' was chosen but is no candidate"),
        ({"view": ""}, "line 1: 'view' is missing"),
        ({"candidates": []}, "line 1: 'candidates' must name at least two"),
        ({"stage": "third"}, "no stage 'third'"),
    ],
)
def test_names_the_line_and_the_fault_of_a_bad_row(files, change, message):
    task = trajectories.read_task(files[0])
    first, *rest = files[1].read_text(encoding="utf-8").splitlines()
    files[1].write_text("\n".join([json.dumps(json.loads(first) | change), *rest]), encoding="utf-8")
    with pytest.raises(TrajectoryError, match=message):
        trajectories.read_rows(files[1], task)


def test_names_the_line_that_is_no_json(files):
    files[1].write_text(files[1].read_text(encoding="utf-8") + "{broken\n", encoding="utf-8")
    with pytest.raises(TrajectoryError, match="line 65: no JSON"):
        trajectories.read_rows(files[1], trajectories.read_task(files[0]))


def test_the_catalogue_holds_every_entry_once(files):
    rows = trajectories.read_rows(files[1], trajectories.read_task(files[0])).rows
    found = trajectories.catalogue(rows)
    assert [e.handle for e in found["first"]] == sorted(words.NAMES)
