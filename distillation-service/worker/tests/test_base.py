import re

import pytest
import tiny_folder
import torch
import words
from peft import PeftModel
from platform_fake import FakePlatform
from safetensors.torch import load_file, save_file

from ld_worker import __main__, base, export, package, prompts, scoring, student
from ld_worker.client import Client
from ld_worker.packing import Packer
from ld_worker.trajectories import read_rows, read_task
from ld_worker.work import Worker


@pytest.fixture
def folder(tmp_path):
    return tiny_folder.write(tmp_path / "tiny-llama")


def train(folder, tmp_path, *more):
    task, rows = words.write(tmp_path / "toy", episodes=20)
    out = tmp_path / "student"
    code = __main__.main(
        [
            *("--base", str(folder), "train", "--task", str(task), "--rows", str(rows), "--out", str(out)),
            *("--name", "toy-ld", "--ways", "recall", "--steps", "4", "--check-every", "4", "--judge-rows", "10"),
            *("--rank", "4", "--alpha", "8", "--device", "cpu", *more),
        ]
    )
    return code, out


def test_the_command_line_trains_on_a_folder_and_other_servers_take_the_adapter(folder, tmp_path, capsys):
    code, out = train(folder, tmp_path)
    assert code == 0, capsys.readouterr().err
    manifest = package.read_manifest(out)
    assert manifest["base"] == {"name": "tiny-llama", "file": "config.json", "sha256": base.sha256(folder)}
    with_peft = PeftModel.from_pretrained(base.model(folder), str(export.as_peft(out, tmp_path / "peft"))).eval()
    task = read_task(tmp_path / "toy" / "task.json")
    rows = read_rows(tmp_path / "toy" / "rows.ndjson", task).rows[:4]
    packer = Packer(task, base.tokens_of(base.tokenizer(folder)))
    packs = [pack for pack, _ in packer.as_recorded(prompts.RECALL, rows, 4)]
    with torch.inference_mode():
        ours, theirs = (scoring.pack_scores(model, packs) for model in (student.load(out, folder), with_peft))
    for one, other in zip(ours, theirs, strict=True):
        assert torch.allclose(torch.stack(one), torch.stack(other), atol=1e-4)


def test_a_gguf_of_it_is_refused_with_what_to_do(folder, tmp_path, capsys):
    _, out = train(folder, tmp_path)
    assert __main__.main(["--base", str(folder), "gguf", "--student", str(out), "--out", str(tmp_path / "a")]) == 2
    assert "convert_lora_to_gguf.py" in capsys.readouterr().err


def test_another_folder_is_another_base(folder, tmp_path):
    _, out = train(folder, tmp_path)
    weights = load_file(folder / "model.safetensors")
    save_file({name: value + 0.1 for name, value in weights.items()}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match="another base model"):
        student.load(out, folder)


def test_special_tokens_in_a_state_are_text(folder):
    tokens = base.tokens_of(base.tokenizer(folder))
    assert len(tokens(tiny_folder.SPECIAL)) == len(tiny_folder.SPECIAL)
    assert tokens(" yes") != tokens("yes")
    assert len(tokens(" yes")) == 1


def test_a_folder_that_lacks_a_part_and_an_id_that_nobody_knows_are_one_sentence(folder, tmp_path, capsys, monkeypatch):
    (folder / base.TOKENIZER).unlink()
    assert train(folder, tmp_path)[0] == 2
    assert f"{folder} has no {base.TOKENIZER}" in capsys.readouterr().err
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assert train("nobody/nothing", tmp_path)[0] == 2
    assert "nobody/nothing is no folder here and can not be fetched" in capsys.readouterr().err
    assert train(tmp_path / "nowhere", tmp_path)[0] == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_handle_of_several_tokens_is_one_sentence(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(words, "NAMES", words.NAMES | {"wander": "sun"})
    assert train(folder, tmp_path)[0] == 2
    assert re.search("handle .wander. is [0-9] tokens", capsys.readouterr().err)


def test_a_base_is_named_by_its_folder_or_as_one_likes(folder, tmp_path):
    other = tiny_folder.write(tmp_path / "other", tiny_folder.neox)
    assert base.named([str(folder), f"mine={other}"]) == {"tiny-llama": folder, "mine": other}
    assert base.name_of("Org/Model", folder) == "Org/Model", "as the hub calls it"


@pytest.mark.parametrize("way", ["lora", "full"])
def test_a_job_asks_for_a_base_and_a_way_and_gets_both(job, tmp_path, way, monkeypatch):
    monkeypatch.undo()  # of the fixture's own model
    folder = tiny_folder.write(tmp_path / "tiny-llama")
    job.spec["base"] = "Tiny"
    job.spec["hyperparameters"] |= {"adaptation": way, "learningRate": 1e-3}
    with FakePlatform(job) as platform:
        client = Client(platform.url, "secret", patience=6, timeout=5)
        bases = base.named([f"Tiny={folder}"])
        made = Worker(client, bases, pause=0.05, scratch=tmp_path, beat_every=0.05, adaptations=("lora", "full"))
        made.run(most=1)
    assert (job.state, job.failures) == ("completed", [])
    manifest = package.json.loads(job.student["manifest"])
    assert (manifest["base"]["name"], manifest["training"]["adaptation"]) == ("Tiny", way)
