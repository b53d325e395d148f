import random
import re

import pytest
import words

from ld_worker import newcomers, procedural, prompts, trajectories
from ld_worker.packing import Packer
from ld_worker.prompts import Entry
from ld_worker.trajectories import Row

VIEW = "Gap wide, path clear."


def row():
    entries = (Entry("near", "near", "Gap small: go."), Entry("far", "far", "Gap wide: wait."))
    return Row("1", "first", VIEW, entries, "far", "")


def cases(count, part=procedural.TRAINED, seed=3, easy=False):
    rng = random.Random(seed)
    return [newcomers.case(row(), part, rng, easy) for _ in range(count)]


def said_in(case, part):
    """The events of which a case's view says that they happened, and those that it only mentions."""
    view = case.view.lower()
    happened = [event for event in part.events if any(text.lower() in view for text in event[0])]
    mentioned = [event for event in part.events if any(text.lower() in view for text in event[1])]
    return happened, mentioned


def test_a_view_keeps_what_it_said_and_may_gain_news():
    for case in cases(200):
        assert VIEW in case.view
        assert 1 <= len(case.candidates) <= newcomers.MOST_READ
        assert not {"near", "far"} & {entry.name for entry in case.candidates}


def test_the_right_function_is_about_an_event_that_happened_and_none_other_is():
    for case in cases(300):
        told = said_in(case, procedural.TRAINED)[0]
        about = {
            entry.name: [e for e in procedural.TRAINED.events if any(t.lower() in entry.manual.lower() for t in e[0])]
            for entry in case.candidates
        }
        if case.chosen:
            assert any(event in told for event in about[case.chosen])


def test_most_cases_call_for_none_unless_they_are_easy():
    found = cases(1000)
    assert sum(not case.chosen for case in found) / 1000 == pytest.approx(0.63, abs=0.05)
    assert sum(case.view == VIEW for case in found) / 1000 == pytest.approx(0.2, abs=0.05)
    assert sum(not case.chosen for case in cases(500, easy=True)) / 500 < 0.15


def test_a_function_for_one_place_is_not_called_for_by_the_event_elsewhere():
    placed = [case for case in cases(1000) if re.search(", (but|though|only) not | somewhere, not ", case.view)]
    assert 40 < len(placed) < 140
    assert not [case for case in placed if case.chosen]
    assert any("beside me" in entry.manual for case in placed for entry in case.candidates)


def test_what_a_student_is_judged_on_is_about_events_that_training_never_named():
    judged = " ".join(entry.manual for case in newcomers.sample([row()] * 100, 5) for entry in case.candidates).lower()
    trained = [text for truths, _ in procedural.TRAINED.events for text in truths]
    assert not [text for text in trained if f"{text.lower()}:" in judged]


def test_the_same_seed_gives_the_same_cases():
    assert cases(30) == cases(30) != cases(30, seed=4)


def test_a_stray_concerns_nobody_and_changes_no_choice():
    rng = random.Random(2)
    for _ in range(50):
        assert VIEW in newcomers.stray(VIEW, procedural.TRAINED, rng)


@pytest.mark.parametrize(("course_from", "easy"), [(0.0, True), (1.0, False)])
def test_who_goes_on_from_another_student_gets_no_easy_cases(tmp_path, course_from, easy):
    packer = Packer(trajectories.read_task(words.write(tmp_path)[0]), words.tokens)
    packs = next(newcomers.batches(packer, [row()], 8, 4, 10, random.Random(1), course_from))
    none = [label == len(found) for pack in packs for label, found in zip(pack.labels, pack.candidates, strict=True)]
    assert (sum(none) / len(none) < 0.3) == easy


def test_packs_are_read_and_hold_the_labels_of_their_cases(tmp_path):
    rng = random.Random(1)
    packer = Packer(trajectories.read_task(words.write(tmp_path)[0]), words.tokens)
    pack = next(newcomers.batches(packer, [row()], 4, 2, 1, rng))[0]
    assert pack.way == prompts.READING
    assert len(pack.labels) == len(pack.candidates) == 4
    assert all(0 <= label <= len(found) for label, found in zip(pack.labels, pack.candidates, strict=True))
