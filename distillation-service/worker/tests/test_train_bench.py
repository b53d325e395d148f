"""The bare loop that the worker's speed is measured beside does the same work."""

import json
from pathlib import Path

import pytest
import tiny
import torch
import train_bench
import words
from peft import get_peft_model_state_dict

from ld_worker import base, prompts, training, trajectories
from ld_worker.packing import Packer


@pytest.fixture
def given(tmp_path):
    task_file, rows_file = words.write(tmp_path, episodes=20)
    task = trajectories.read_task(task_file)
    rows = trajectories.read_rows(rows_file, task).rows
    settings = training.Settings(
        steps=6,
        drawn_share=0.0,
        warm_up=2,
        rank=4,
        alpha=8,
        states=dict.fromkeys(prompts.WAYS, 4),
        half=False,
        check_every=100,
        device="cpu",
    )
    packer = Packer(task, words.tokens, longest=12)
    return training.plan(settings, task, packer, rows, trajectories.catalogue(rows)), settings


def trained(way, batches, settings):
    stamps = []
    found = train_bench.TRAINERS[way](tiny.model(), batches, settings, lambda: stamps.append(0))
    assert len(stamps) == len(batches)
    return get_peft_model_state_dict(found, save_embedding_layers=False)


def test_both_ways_train_the_same_adapter(given):
    ours, bare = (trained(way, *given) for way in train_bench.WAYS)
    assert ours.keys() == bare.keys()
    assert all(torch.allclose(ours[name], bare[name], atol=1e-4) for name in ours)
    assert any(value.abs().max() > 1e-3 for name, value in bare.items() if "lora_B" in name)


def test_a_run_counts_the_tokens_behind_its_first_step_and_leaves_the_model_as_it_was(given):
    batches, settings = given
    model = tiny.model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    runs = [train_bench.measured(way, model, batches, settings) for way in train_bench.WAYS]
    for run in runs:
        assert run.tokens == sum(len(pack.prompt) for packs in batches[1:] for pack in packs)
        assert run.seconds > 0
        assert run.memory_mb > 0
    assert runs[0].loss == pytest.approx(runs[1].loss, abs=1e-3)
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_who_begins_changes():
    assert [train_bench.order(number)[0] for number in range(3)] == ["worker", "bare", "worker"]


def test_standard_output_is_what_the_launcher_reads(tmp_path, monkeypatch, capsys):
    (tmp_path / "tiny.gguf").write_bytes(b"tiny")
    monkeypatch.setattr(base, "locate", lambda: tmp_path / "tiny.gguf")
    monkeypatch.setattr(base, "model", lambda _: tiny.model())
    monkeypatch.setattr(base, "tokenizer", lambda _: None)
    monkeypatch.setattr(base, "tokens_of", lambda _: words.tokens)
    game = Path(__file__).resolve().parents[3] / "experiments" / "pursuit"
    assert train_bench.main(["--game", str(game), "--steps", "2", "--rounds", "2"]) == 0
    where, *runs = map(json.loads, capsys.readouterr().out.splitlines())
    assert where.keys() == {"device", "precision", "gpu"}
    assert [run["way"] for run in runs] == ["worker", "bare", "bare", "worker"]
    assert all(run.keys() == {"way", "tokens", "seconds", "loss", "memory_mb"} for run in runs)
