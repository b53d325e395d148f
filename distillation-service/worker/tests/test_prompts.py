import pytest
import words

from ld_worker import prompts
from ld_worker.prompts import Entry

PREFIX = "Rules here.\nChoose.\n"
ENTRIES = [Entry("b_name", "beta", "second entry"), Entry("a_name", "alpha", "first entry of some length")]


def test_candidates_are_listed_by_handle_whatever_their_order():
    assert [e.handle for e in prompts.canonical(ENTRIES)] == ["alpha", "beta"]
    forward = prompts.recall(words.tokens, PREFIX, ENTRIES, ["a view"])
    backward = prompts.recall(words.tokens, PREFIX, ENTRIES[::-1], ["a view"])
    assert forward == backward


def test_recall_blocks_share_their_start_and_the_state_follows_the_longest_entry():
    prompt = prompts.recall(words.tokens, PREFIX, ENTRIES, ["a view"], longest=20)
    start = len(words.tokens(PREFIX))
    first = {segment: prompt.positions[prompt.segments.index(segment)] for segment in range(4)}
    assert first == {0: 0, 1: start, 2: start, 3: start + 20}
    assert prompt.scored == [[len(prompt) - 1]]


def test_recall_entries_see_prefix_and_themselves_and_the_state_sees_everything():
    prompt = prompts.recall(words.tokens, PREFIX, ENTRIES, ["a view"])
    assert prompt.sees == [frozenset({0}), frozenset({0, 1}), frozenset({0, 2}), frozenset({0, 1, 2, 3})]


def test_recall_cuts_an_entry_at_the_longest():
    long = Entry("long", "long", "word " * 100)
    prompt = prompts.recall(words.tokens, PREFIX, [long, ENTRIES[0]], ["a view"], longest=10)
    assert prompt.segments.count(2) == 10


def test_reading_judges_each_entry_after_the_state_at_one_position():
    prompt = prompts.reading(words.tokens, PREFIX, [("a view", ENTRIES)])
    start = len(words.tokens(PREFIX)) + len(words.tokens("a view\n"))
    assert prompt.sees == [frozenset({0}), frozenset({0, 1}), frozenset({0, 1, 2}), frozenset({0, 1, 3})]
    assert [prompt.positions[prompt.segments.index(s)] for s in (2, 3)] == [start, start]
    assert prompt.scored == [[len(prompt) - 1 - prompt.segments.count(3), len(prompt) - 1]]


def test_reading_names_the_function_and_recall_its_handle():
    assert prompts.reading_entry(ENTRIES[0]) == "- b_name: second entry\nFits now:"
    assert prompts.recall_entry(ENTRIES[0]) == "- beta: second entry\n"


@pytest.mark.parametrize("way", prompts.WAYS)
def test_states_that_share_a_prompt_do_not_see_each_other(way):
    if way == prompts.RECALL:
        prompt = prompts.recall(words.tokens, PREFIX, ENTRIES, ["one view", "another longer view"])
        states = [{3}, {4}]
    else:
        prompt = prompts.reading(words.tokens, PREFIX, [("one view", ENTRIES), ("another longer view", ENTRIES)])
        states = [{1, 2, 3}, {4, 5, 6}]
    for mine, theirs in (states, states[::-1]):
        assert all(not prompt.sees[segment] & theirs for segment in mine)


def test_the_mask_is_causal_within_what_a_segment_sees():
    prompt = prompts.recall(words.tokens, PREFIX, ENTRIES, ["a view"])
    mask = prompts.visible(prompt)
    assert all(not mask[row][column] for row in range(len(prompt)) for column in range(row + 1, len(prompt)))
    assert all(mask[-1])


def test_a_handle_of_two_tokens_is_refused():
    with pytest.raises(ValueError, match="must be one token"):
        prompts.handle_token(words.tokens, "cut off")


def test_an_entry_is_known_by_stage_handle_and_manual():
    entry = ENTRIES[0]
    assert entry.digest("one") != entry.digest("two")
    assert entry.digest("one") == Entry("renamed", entry.handle, entry.manual).digest("one")
