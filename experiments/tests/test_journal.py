from __future__ import annotations

from pathlib import Path

from ld_experiments.journal import Journal, digest_of
from ld_experiments.play import Agreement, Result

WHAT = {"game": "pursuit", "policy": "ld", "snapshot": "sha256:1", "student": "sha256:2"}


def result(seed: int) -> Result:
    return Result(seed, 0.5, 9, {"target": Agreement(1, 2)}, [1.5], {"target": {"nearest": {"together": 1}}})


def test_a_finished_episode_is_found_again(tmp_path: Path) -> None:
    first, second = Journal(tmp_path, WHAT), Journal(tmp_path, WHAT)
    first.add(result(7))
    assert first.find(7) == result(7)
    second.read()
    assert second.find(7) == result(7)
    assert second.find(8) is None


def test_another_student_or_snapshot_has_a_journal_of_its_own(tmp_path: Path) -> None:
    Journal(tmp_path, WHAT).add(result(7))
    for key in ("snapshot", "student"):
        other = Journal(tmp_path, WHAT | {key: "sha256:3"})
        other.read()
        assert other.find(7) is None


def test_a_line_that_was_cut_off_costs_one_episode(tmp_path: Path) -> None:
    journal = Journal(tmp_path, WHAT)
    journal.add(result(1))
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text() + '{"seed": 2, "rew')
    journal.add(result(3))
    again = Journal(tmp_path, WHAT)
    again.read()
    assert [again.find(seed) is not None for seed in (1, 2, 3)] == [True, False, True]


def test_forgetting_begins_anew(tmp_path: Path) -> None:
    Journal(tmp_path, WHAT).add(result(1))
    journal = Journal(tmp_path, WHAT)
    journal.forget()
    journal.read()
    assert journal.find(1) is None


def test_a_changed_source_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "game.py").write_text("one = 1\n")
    before = digest_of(tmp_path)
    (tmp_path / "game.py").write_text("one = 2\n")
    assert digest_of(tmp_path) != before
