import random
import re

import pytest

from ld_worker import procedural, prompts
from ld_worker.procedural import OTHER_KINDS, TRAINING
from ld_worker.vocabulary import vocabulary


def letters(text):
    """One token a letter, but one a word where a prompt asks for it."""
    return [sum(map(ord, text))] if text in (prompts.YES, prompts.NO) else [ord(letter) for letter in text]


def drawn(level, tasks, seed=3, none=0.15):
    rng = random.Random(seed)
    return [case for _ in range(tasks) for case in procedural.cases(level, rng, 3, 4, none)[1]]


def test_the_same_seed_draws_the_same_tasks_and_another_seed_others():
    assert drawn(TRAINING, 20) == drawn(TRAINING, 20)
    assert drawn(TRAINING, 20) != drawn(TRAINING, 20, seed=4)


def test_no_condition_that_is_said_to_fail_can_be_told_by_its_name_or_handle():
    found = drawn(TRAINING, 60)
    for case in found:
        names = [entry.name for entry in case.entries]
        assert len(set(names)) == len({entry.handle for entry in case.entries}) == 4
    rights = [prompts.canonical(case.entries).index(e) for case in found for e in case.entries if e.name == case.right]
    assert {0, 1, 2, 3} == set(rights)


def test_about_as_many_cases_as_asked_for_fit_nothing():
    found = drawn(TRAINING, 300, none=0.2)
    assert sum(case.right is None for case in found) / len(found) == pytest.approx(0.2, abs=0.05)
    assert all(case.label == 4 for case in found if case.right is None)


def test_what_is_left_out_of_training_never_comes_up_there():
    said = " ".join(case.view + " ".join(e.manual for e in case.entries) for case in drawn(TRAINING, 300)).lower()
    assert not [event for truths, _ in procedural.LEFT_OUT.events for event in truths if event in said]
    assert " neither " not in said
    assert not re.search(r" below \w+ or above ", said)
    left_out = " ".join(e.manual for case in drawn(OTHER_KINDS, 30) for e in case.entries).lower()
    assert " neither " in left_out and re.search(r" below \w+ or above ", left_out)


def test_no_word_of_a_category_is_both_trained_and_left_out():
    def words(part):
        return {word for ladder in part.ladders for rung in ladder for word in rung}

    assert len(words(procedural.LEFT_OUT)) > 50
    assert not words(procedural.LEFT_OUT) & words(procedural.TRAINED)


def test_no_subject_of_the_bundled_games_is_in_the_vocabulary():
    assert not {"target", "partner", "dealer", "rival", "hand", "gap", "path"} & set(vocabulary()["subjects"])


@pytest.mark.parametrize(
    ("said", "below", "at"),
    [("at least", False, True), ("below", True, False), ("above", False, False), ("at most", True, True)],
)
def test_a_number_is_compared_as_its_words_say(said, below, at):
    rng = random.Random(1)
    quantity = procedural.Quantity(procedural.TRAINED, rng)
    for _ in range(200):
        for condition in quantity.conditions(0, ["number"], rng):
            if f" {said} " in condition.text:
                bound = condition.text.rsplit(" ", 1)[1]
                numbers = vocabulary()["numbers"]
                number = int(bound) if bound.isdigit() else numbers.index(bound)
                assert (condition.holds(number - 1), condition.holds(number)) == (below, at)
                assert condition.holds(number + 1) != condition.holds(number - 1)


@pytest.mark.parametrize(
    ("kind", "inside"), [("between", True), ("beyond", False)], ids=["between two numbers", "beyond them"]
)
def test_a_range_holds_inside_or_outside(kind, inside):
    rng = random.Random(1)
    quantity = procedural.Quantity(procedural.TRAINED, rng)
    numbers = vocabulary()["numbers"]
    for _ in range(200):
        (condition,) = quantity.conditions(0, [kind], rng)
        low, high = (
            int(word) if word.isdigit() else numbers.index(word)
            for word in condition.text[len(quantity.name) :].split()
            if word.isdigit() or word in numbers
        )
        for value, within in ((low - 1, False), (low, True), (high, True), (high + 1, False)):
            assert condition.holds(value) == (within == inside)


def test_an_exception_stands_last_and_alone_only_behind_a_rule_that_always_fits():
    rules = [entry.manual for case in drawn(TRAINING, 300) for entry in case.entries]
    excepted = [rule for rule in rules if re.search(r"\b(unless|except when|but not with)\b", rule)]
    assert len(excepted) > 50
    for rule in excepted:
        assert re.search(r", (unless|except when|but not with) ", rule)


def test_of_two_alternatives_one_is_enough():
    rng = random.Random(5)
    found = []
    for _ in range(400):
        world = procedural.World(TRAINING, rng)
        values = [trait.draw(rng) for trait in world._traits]
        part = world._condition()
        if part is None or part.last:
            continue
        holds = part.holds(values[part.trait])
        either = world._alternative(part, values, holds)
        if either is not part:
            found.append(holds)
            assert " or " in either.text and part.text in either.text
            assert either.holds(values[part.trait]) == holds
    assert {True, False} == set(found)


def test_a_thing_that_may_be_there_or_not_is_said_nothing_else_of():
    for seed in range(300):
        world = procedural.World(TRAINING, random.Random(seed))
        there = {trait.name for trait in world._traits if isinstance(trait, procedural.Presence)}
        assert not there & {trait.subject for trait in world._traits if isinstance(trait, procedural.Ladder)}


def test_an_event_holds_when_it_happened_and_not_when_it_is_only_spoken_of():
    rng = random.Random(1)
    event = procedural.Event(procedural.TRAINED, rng)
    for condition in event.conditions(0, ["event"], rng):
        denied = condition.text.startswith("not so that")
        assert condition.holds(event.HAPPENED) != denied
        assert condition.holds(event.ALMOST) == condition.holds(event.UNSAID) == denied
    assert event.say(event.UNSAID, 0, rng) == ""


def test_cases_of_one_task_share_a_prompt():
    pack, rows = procedural.pack(letters, TRAINING, random.Random(2), 3, 4)
    assert len(pack.prompt.scored) == len(pack.labels) == len(rows) == 3
    assert all(len(ends) == 4 for ends in pack.prompt.scored)
    for row, label, shown in zip(rows, pack.labels, pack.candidates, strict=True):
        assert label == len(shown) if not row.chosen else shown[label].name == row.chosen


def test_a_run_begins_with_easy_tasks_and_ends_with_all_of_them():
    assert procedural.level_at(0.0).plain == 1.0
    assert procedural.level_at(0.99) is procedural.level_at(1.0) is TRAINING
    assert procedural.level_at(0.0).short
    assert not TRAINING.short


def test_an_easy_rule_says_what_the_situation_says_word_by_word():
    for case in drawn(procedural.level_at(0.0), 60):
        right = next((entry.manual.lower() for entry in case.entries if entry.name == case.right), None)
        if right is not None:
            said = [word for word in re.findall(r"[a-z]+", case.view.lower()) if word in right]
            assert len(said) >= 2


def test_facts_about_one_thing_stand_together():
    views = [case.view for case in drawn(TRAINING, 200)]
    together = [view for view in views if re.search(r"(is|:)? ?[a-z ]+, [a-z ]+[.,;]", view)]
    assert together
    for case in drawn(TRAINING, 50):
        subjects = re.findall(r"the ([a-z]+) is", case.view)
        assert len(subjects) == len(set(subjects))
