"""The causal prompt that the set layout is measured beside is the ordinary one, and both are measured alike."""

import layouts
import pytest
import tiny
import words

from ld_worker import prompts, training, trajectories
from ld_worker.packing import Packer


@pytest.fixture
def toy(tmp_path):
    task_file, rows_file = words.write(tmp_path, episodes=40)
    task = trajectories.read_task(task_file)
    return task, trajectories.read_rows(rows_file, task).rows


def test_a_causal_prompt_is_the_text_from_left_to_right(toy):
    task, rows = toy
    row = rows[0]
    pack = layouts.CausalPacker(task, words.tokens, seed=1).recall(row.stage, row.candidates, [row])
    listed = [
        [*words.tokens(task.prefix(row.stage)), *entries, *words.tokens(prompts.recall_tail(row.view))]
        for entries in _orders([words.tokens(prompts.recall_entry(entry)) for entry in row.candidates])
    ]
    assert pack.prompt.ids in listed
    assert pack.prompt.positions == list(range(len(pack.prompt)))
    seen = prompts.visible(pack.prompt)
    assert all(seen[at][earlier] for at in range(len(seen)) for earlier in range(at + 1))
    plain = Packer(task, words.tokens).recall(row.stage, row.candidates, [row])
    assert (pack.options, pack.labels) == (plain.options, plain.labels)


def _orders(entries):
    if not entries:
        return [[]]
    return [
        [*one, *rest] for index, one in enumerate(entries) for rest in _orders(entries[:index] + entries[index + 1 :])
    ]


def test_states_that_share_a_causal_prompt_do_not_see_each_other(toy):
    task, rows = toy
    first, second = [row for row in rows if row.stage == rows[0].stage][:2]
    prompt = (
        layouts.CausalPacker(task, words.tokens, seed=1).recall(first.stage, first.candidates, [first, second]).prompt
    )
    seen = prompts.visible(prompt)
    (end,), (last,) = prompt.scored
    assert not any(seen[last][at] for at in range(len(prompt)) if prompt.segments[at] == prompt.segments[end])
    assert end < last


def test_a_set_answers_alike_in_every_order(toy, monkeypatch):
    task, rows = toy
    monkeypatch.setattr(layouts, "HELD_OUT", 8)
    taught, judged = layouts.divided(rows, seed=1)
    assert len(judged) == 8 * len(trajectories.by_stage(rows))
    assert len(taught) + len(judged) == len(rows)
    settings = training.Settings(
        ways=(prompts.RECALL,), steps=4, warm_up=1, rank=4, alpha=8, states=dict.fromkeys(prompts.WAYS, 4), half=False,
        check_every=2, check_rows=4, enough=2.0, device="cpu",
    )  # fmt: skip
    packer = Packer(task, words.tokens, longest=12)
    found = layouts.measured(tiny.model(), packer, task, taught, judged, settings)
    assert found["steps"] == 4
    assert set(found["agreement"]) == set(trajectories.by_stage(rows))
    assert found["sameInEveryOrder"] == 1.0
    causal = layouts.CausalPacker(task, words.tokens, seed=1)
    assert 0.0 <= layouts.measured(tiny.model(), causal, task, taught, judged, settings)["sameInEveryOrder"] <= 1.0
