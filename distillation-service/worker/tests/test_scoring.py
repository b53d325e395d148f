import pytest
import tiny
import torch
import words

from ld_worker import activations, evaluation, prompts, scoring, trajectories
from ld_worker.packing import Packer


@pytest.fixture
def toy(tmp_path):
    paths = words.write(tmp_path)
    task = trajectories.read_task(paths[0])
    return trajectories.read_rows(paths[1], task).rows, Packer(task, words.tokens, longest=12)


def scores(model, packs):
    with torch.inference_mode():
        return [state.tolist() for states in scoring.pack_scores(model, packs) for state in states]


@pytest.mark.parametrize("way", prompts.WAYS)
def test_packing_and_padding_change_no_score(toy, way):
    rows, packer = toy
    model, some = tiny.model(), rows[:6]
    alone = [scores(model, [packer.as_recorded(way, [row], 1)[0][0]])[0] for row in some]
    together = {one.row: one.scores for one in evaluation.score(model, packer, way, some, half=False)}
    for row, expected in zip(some, alone, strict=True):
        assert together[row] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("way", prompts.WAYS)
def test_a_wrong_candidate_less_changes_reading_scores_of_no_other(toy, way):
    rows, packer = toy
    model, row = tiny.model(), rows[0]
    build = {
        prompts.RECALL: lambda shown: packer.recall(row.stage, shown, [row]),
        prompts.READING: lambda shown: packer.reading(row.stage, [(row, shown)]),
    }[way]
    fewer = [entry for entry in row.candidates if entry.name == row.chosen or entry is row.candidates[0]]
    all_scores = dict(zip([e.name for e in row.candidates], scores(model, [build(row.candidates)])[0], strict=False))
    some_scores = dict(zip([e.name for e in fewer], scores(model, [build(fewer)])[0], strict=False))
    same = all(abs(all_scores[name] - value) < 1e-4 for name, value in some_scores.items())
    assert same == (way == prompts.READING)


def test_scores_are_those_of_an_ordinary_attention_mask(toy):
    rows, packer = toy
    model, row = tiny.model(), rows[0]
    pack = packer.reading(row.stage, [(row, row.candidates)])
    mask = torch.where(torch.tensor(prompts.visible(pack.prompt)), 0.0, -1e9)[None, None]
    model.config._attn_implementation = "eager"
    with torch.inference_mode():
        logits = model(
            input_ids=torch.tensor([pack.prompt.ids]),
            position_ids=torch.tensor([pack.prompt.positions]),
            attention_mask=mask,
        ).logits[0]
    yes, no = pack.options
    expected = [(logits[end, yes] - logits[end, no]).item() for end in pack.prompt.scored[0]] + [0.0]
    model.config._attn_implementation = "sdpa"
    assert scores(model, [pack])[0] == pytest.approx(expected, abs=1e-4)


def test_activation_maxima_cover_every_group_of_projections(toy):
    rows, packer = toy
    prompts_ = [pack.prompt for pack, _ in packer.as_recorded(prompts.RECALL, rows[:4], 2)]
    found = activations.record(tiny.model(), prompts_)
    assert {name: tuple(values.shape) for name, values in found.items()} == {
        f"layers.{layer}.{group}": (size,)
        for layer in range(2)
        for group, size in (("qkv", 64), ("gate_up", 64), ("down", 128))
    }
    assert all((values > 0).all() for values in found.values())


def test_activation_maxima_leave_the_first_token_out(toy):
    rows, packer = toy
    prompt = packer.as_recorded(prompts.RECALL, rows[:1], 1)[0][0].prompt
    model, seen = tiny.model(), []
    down = scoring.decoder(model).layers[0].mlp.down_proj
    down.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][0].abs()))
    found = activations.record(model, [prompt])["layers.0.down"]
    assert torch.equal(found, seen[0][1:].amax(dim=0))
    assert not torch.equal(found, seen[0].amax(dim=0))
