"""Adapters in the forms of other servers. What a real llama.cpp makes of the file is in test_llama.py."""

import json

import gguf
import numpy as np
import pytest
import tiny
import torch
from peft import PeftModel
from safetensors.numpy import load_file

from ld_worker import adaptation, base, export, package, student, training
from ld_worker.__main__ import main

HEADS, HEADS_KV, LAYERS = 4, 2, 2


def base_file(path, architecture="llama"):
    """What of a base model's file is read here: the facts about its shape."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS_KV)
    writer.add_block_count(LAYERS)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def pack(folder, base_path):
    """A student of the tiny model, whose adapter changes everything that it can."""
    folder.mkdir()
    made = training.with_adapter(tiny.model(), training.Settings(rank=4, alpha=8))
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.1)
    student.save_adapter(made, folder)
    written = package.Student("toy", "toy", "ld", "recall", lora={"rank": 4, "alpha": 8})
    package.write_manifest(folder, written, base_path)
    return folder


@pytest.fixture
def given(tmp_path):
    base_path = base_file(tmp_path / "tiny.gguf")
    return pack(tmp_path / "student", base_path), base_path


def test_the_metadata_are_those_of_an_adapter(given, tmp_path):
    folder, base_path = given
    found = gguf.GGUFReader(export.as_gguf(folder, base_path, tmp_path / "toy.gguf"))
    said = {name: field.contents() for name, field in found.fields.items() if not name.startswith("GGUF.")}
    assert said == {
        "general.architecture": "llama",
        "general.type": "adapter",
        "general.name": "toy",
        "general.version": f"sha256:{base.sha256(folder / package.MANIFEST)}",
        "general.quantization_version": gguf.GGML_QUANT_VERSION,
        "adapter.type": "lora",
        "adapter.lora.alpha": 8.0,
    }


def test_every_matrix_is_there_under_llama_cpp_s_name(given, tmp_path):
    folder, base_path = given
    adapter = load_file(folder / package.ADAPTER)
    found = {t.name: t.data for t in gguf.GGUFReader(export.as_gguf(folder, base_path, tmp_path / "a.gguf")).tensors}
    assert len(found) == len(adapter) == LAYERS * len(adaptation.PROJECTIONS) * 2
    for ours, theirs in (
        ("self_attn.v_proj.lora_B", "attn_v.weight.lora_b"),
        ("self_attn.q_proj.lora_A", "attn_q.weight.lora_a"),
        ("self_attn.o_proj.lora_B", "attn_output.weight.lora_b"),
        ("mlp.gate_proj.lora_A", "ffn_gate.weight.lora_a"),
        ("mlp.down_proj.lora_B", "ffn_down.weight.lora_b"),
        ("mlp.up_proj.lora_B", "ffn_up.weight.lora_b"),
    ):
        np.testing.assert_array_equal(found[f"blk.1.{theirs}"], adapter[f"{export.PREFIX}model.layers.1.{ours}.weight"])


@pytest.mark.parametrize(("projection", "heads"), [("q", HEADS), ("k", HEADS_KV)])
def test_rows_of_queries_and_keys_have_their_halves_in_turns(given, tmp_path, projection, heads):
    folder, base_path = given
    name = f"{export.PREFIX}model.layers.0.self_attn.{projection}_proj{export.OUTPUT}"
    ours = load_file(folder / package.ADAPTER)[name]
    tensors = gguf.GGUFReader(export.as_gguf(folder, base_path, tmp_path / "a.gguf")).tensors
    theirs = next(t.data for t in tensors if t.name == f"blk.0.attn_{projection}.weight.lora_b")
    # As Matrix.withHalvesApart of the inference engine undoes it.
    half = len(theirs) // heads // 2
    for head in range(heads):
        for side in range(2):
            for i in range(half):
                np.testing.assert_array_equal(
                    theirs[head * 2 * half + 2 * i + side], ours[head * 2 * half + side * half + i]
                )


def test_the_same_student_gives_the_same_bytes(given, tmp_path):
    folder, base_path = given
    assert base.sha256(export.as_gguf(folder, base_path, tmp_path / "a.gguf")) == base.sha256(
        export.as_gguf(folder, base_path, tmp_path / "b.gguf")
    )


def test_peft_loads_the_folder_and_scores_as_the_student(given, tmp_path, monkeypatch):
    folder, base_path = given
    monkeypatch.setattr(base, "model", lambda _: tiny.model())
    (folder / package.ADAPTER_CONFIG).unlink()  # a student from the registry comes without it
    loaded = PeftModel.from_pretrained(tiny.model(), str(export.as_peft(folder, tmp_path / "peft"))).eval()
    ids = torch.arange(1, 40)[None]
    with torch.inference_mode():
        wanted = student.load(folder, base_path)(input_ids=ids).logits
        assert torch.allclose(loaded(input_ids=ids).logits, wanted, atol=1e-4)
        assert not torch.allclose(tiny.model()(input_ids=ids).logits, wanted, atol=1e-1)


def test_the_folder_of_peft_says_what_vllm_asks_for(given, tmp_path):
    folder, _ = given
    out = export.as_peft(folder, tmp_path / "peft")
    said = json.loads((out / package.ADAPTER_CONFIG).read_text(encoding="utf-8"))
    assert (said["peft_type"], said["r"], said["lora_alpha"], said["bias"]) == ("LORA", 4, 8, "none")
    assert said["target_modules"] == sorted(adaptation.PROJECTIONS)
    assert {file.name for file in out.iterdir()} == {export.PEFT_ADAPTER, package.ADAPTER_CONFIG}


def refused(given, tmp_path, capsys, base_path=None):
    folder, own = given
    out = tmp_path / "out.gguf"
    assert main(["--base", str(base_path or own), "gguf", "--student", str(folder), "--out", str(out)]) == 2
    assert not out.exists()
    return capsys.readouterr().err


def test_a_student_of_another_base_model_is_refused(given, tmp_path, capsys):
    (tmp_path / "other.gguf").write_bytes(b"other")
    assert "another base model than other.gguf" in refused(given, tmp_path, capsys, tmp_path / "other.gguf")


def test_a_base_model_whose_row_order_is_unknown_is_refused(tmp_path, capsys):
    base_path = base_file(tmp_path / "q.gguf", "qwen2")
    given = pack(tmp_path / "student", base_path), base_path
    assert "the architecture qwen2, not llama" in refused(given, tmp_path, capsys)


def test_a_damaged_adapter_is_refused(given, tmp_path, capsys):
    (given[0] / package.ADAPTER).write_bytes(b"damaged")
    assert "its hash is another" in refused(given, tmp_path, capsys)
    (given[0] / package.ADAPTER).unlink()
    assert "does not exist" in refused(given, tmp_path, capsys)


def test_a_student_without_an_adapter_is_refused(tmp_path, capsys):
    base_path = base_file(tmp_path / "tiny.gguf")
    folder = tmp_path / "untuned"
    folder.mkdir()
    package.write_manifest(folder, package.Student("untuned", "toy", "untuned", "reading"), base_path)
    assert "has no adapter" in refused((folder, base_path), tmp_path, capsys)
