import importlib.util
import json

import pytest
import tiny
import tiny_folder
import torch
import words
from safetensors.torch import load_file

from ld_worker import __main__, adaptation, base, package, prompts, student, training, trajectories
from ld_worker.packing import Sampling
from ld_worker.student import Order

RANK, ALPHA = 8, 16


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The toy task's rows, and a base model in a folder."""
    place = tmp_path_factory.mktemp("toy")
    task_file, rows_file = words.write(place, episodes=40)
    task = trajectories.read_task(task_file)
    return task, trajectories.read_rows(rows_file, task), tiny_folder.write(place / "tiny-llama")


@pytest.fixture
def distil(toy, tmp_path):
    task, rows, folder = toy

    def run(name, way, steps=40, learning_rate=1e-2, base_path=folder, **more):
        lines = []
        settings = training.Settings(
            ways=(prompts.RECALL,),
            steps=steps,
            learning_rate=learning_rate,
            rank=RANK,
            alpha=ALPHA,
            states={prompts.RECALL: 8, prompts.READING: 8},
            check_every=20,
            half=False,
            sampling=Sampling(none=0.0),
            enough=2.0,
            adaptation=way,
        )
        order = Order("toy-ld", task, rows, base_path, tmp_path / name, settings, base_name=base_path.name, **more)
        student.distil(order, lines.append)
        return tmp_path / name, lines

    return run


def losses(lines):
    return [float(line.split("loss ")[1].split()[0]) for line in lines if " loss " in line]


def agreement(folder):
    return min(stage["agreement"] for stage in package.read_manifest(folder)["metrics"]["recall"].values())


@pytest.mark.parametrize(("way", "rate"), [("lora", 1e-2), ("qlora", 1e-2), ("full", 2e-3)])
def test_each_way_learns_the_toy_and_hands_out_an_adapter(distil, toy, way, rate):
    folder, lines = distil("student", way, learning_rate=rate)
    assert losses(lines)[-1] < 0.8 * losses(lines)[0]
    manifest = package.read_manifest(folder)
    assert manifest["training"]["adaptation"] == way
    assert manifest["lora"] == {"rank": RANK, "alpha": ALPHA}
    assert manifest["base"] == {"name": "tiny-llama", "file": "config.json", "sha256": base.sha256(toy[2])}
    tensors = load_file(folder / package.ADAPTER)
    assert {name.rsplit(".", 3)[1] for name in tensors} == set(adaptation.PROJECTIONS)
    assert all(RANK in value.shape and value.dtype == torch.float16 for value in tensors.values())
    assert agreement(folder) > 0.7, "what was learned is in the adapter that travels"
    assert (("kept" in manifest["training"]), any("was cut" in line for line in lines)) == (way == "full",) * 2


@pytest.mark.parametrize("way", adaptation.ALL)
def test_the_same_seed_gives_the_same_adapter(distil, way):
    one, other = (base.sha256(distil(name, way, steps=6)[0] / package.ADAPTER) for name in ("one", "two"))
    assert one == other


def test_four_bits_are_what_qlora_trains_on(toy):
    held = base.in_four_bits(toy[2], "cpu").model.layers[0].self_attn.q_proj.weight
    assert (held.dtype, held.numel()) == (torch.uint8, 64 * 64 // 2)


def test_what_was_trained_in_full_goes_on_where_another_student_was(distil):
    first, _ = distil("first", "lora")
    again, _ = distil("again", "full", steps=4, learning_rate=1e-8, start=first)
    assert agreement(again) == pytest.approx(agreement(first), abs=0.05)
    assert package.read_manifest(again)["training"]["kept"] > 0.99, "the other's adapter has this rank"


def test_no_adapter_of_its_rank_is_nearer_to_a_change():
    torch.manual_seed(1)
    before = {"m.weight": torch.randn(12, 20)}
    low = torch.randn(12, 3) @ torch.randn(3, 20)
    adapter, kept = adaptation.cut(before, {"m.weight": before["m.weight"] + low}, rank=3, alpha=6)
    product = adapter["base_model.model.m.lora_B.weight"] @ adapter["base_model.model.m.lora_A.weight"]
    assert kept == pytest.approx(1)
    assert torch.allclose(product * 2, low, atol=1e-4)
    change = torch.randn(12, 20)
    adapter, kept = adaptation.cut(before, {"m.weight": before["m.weight"] + change}, rank=4, alpha=4)
    product = adapter["base_model.model.m.lora_B.weight"] @ adapter["base_model.model.m.lora_A.weight"]
    assert kept == pytest.approx(1 - ((change - product).square().sum() / change.square().sum()).item(), abs=1e-4)
    padded, _ = adaptation.cut(before, {"m.weight": before["m.weight"] + change}, rank=16, alpha=16)
    assert padded["base_model.model.m.lora_A.weight"].shape == (16, 20)


def test_a_machine_without_the_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert adaptation.possible() == ("lora", "full")
    assert __main__.ADAPTATIONS == adaptation.ALL, "the command line does not load torch to say its help"
    with pytest.raises(package.UnsuitableError, match=r"requirements-qlora\.txt"):
        adaptation.require_possible("qlora")
    with pytest.raises(package.UnsuitableError, match="one of lora, qlora, full"):
        adaptation.require_possible("dora")


@pytest.mark.parametrize("way", ["qlora", "full"])
def test_weights_are_spread_over_gpus_for_lora_alone(way):
    with pytest.raises(training.SettingsError, match="lora only"):
        training.adapted(tiny.model(), training.Settings(sharded=True, adaptation=way))


def test_an_architecture_that_the_engine_does_not_know_is_trained_too(distil, tmp_path):
    folder, lines = distil("student", "lora", base_path=tiny_folder.write(tmp_path / "tiny-neox", tiny_folder.neox))
    assert losses(lines)[-1] < 0.9 * losses(lines)[0]
    assert any("query_key_value" in name for name in load_file(folder / package.ADAPTER))
    assert not load_file(folder / package.ACTIVATIONS), "nothing for the engine, which does not serve it"
    json.loads((folder / package.ADAPTER_CONFIG).read_text(encoding="utf-8"))
