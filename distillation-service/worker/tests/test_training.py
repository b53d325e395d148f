import hashlib
import json
import re
from dataclasses import replace

import pytest
import tiny
import torch
import words
from transformers.models.llama.modeling_llama import LlamaMLP

from ld_worker import base, evaluation, newcomers, package, prompts, student, training, trajectories
from ld_worker.packing import Sampling
from ld_worker.student import Order


@pytest.fixture
def distil(tmp_path, monkeypatch):
    """Distils the toy task for real, with a tiny random model in place of the base."""
    task_file, rows_file = words.write(tmp_path, episodes=40)
    base_file = tmp_path / "tiny.gguf"
    base_file.write_bytes(b"tiny")
    monkeypatch.setattr(base, "model", lambda _: tiny.model())
    monkeypatch.setattr(base, "tokenizer", lambda _: None)
    monkeypatch.setattr(base, "tokens_of", lambda _: words.tokens)
    task = trajectories.read_task(task_file)

    def run(
        folder,
        ways=prompts.WAYS,
        steps=60,
        seed=7,
        start=None,
        newcomer_share=0.0,
        hard_share=0.0,
        settled=None,
        **more,
    ):
        lines = []
        settings = training.Settings(
            ways=ways,
            steps=steps,
            seed=seed,
            learning_rate=1e-2,
            states={prompts.RECALL: 8, prompts.READING: 8},
            check_every=20,
            half=False,
            sampling=Sampling(none=0.0, hard=hard_share),
            enough=2.0,
            newcomer_share=newcomer_share,
            **(settled or {}),
        )
        dataset = trajectories.read_rows(rows_file, task)
        order = Order("toy-ld", task, dataset, base_file, tmp_path / folder, settings, start=start, **more)
        student.distil(order, lines.append)
        return tmp_path / folder, lines

    return run


def losses(lines):
    return [float(line.split("loss ")[1].split()[0]) for line in lines if " loss " in line]


def test_the_loss_falls_and_a_complete_package_is_written(distil):
    folder, lines = distil("student")
    assert losses(lines)[-1] < 0.8 * losses(lines)[0]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name in ("adapter", "activations"):
        described = manifest["files"][name]
        assert hashlib.sha256((folder / described["path"]).read_bytes()).hexdigest() == described["sha256"]
    assert manifest["method"] == "ld"
    assert re.fullmatch(r"0\.1\.0\+[0-9a-f]{12}", manifest["training"]["versions"]["ld-worker"])
    assert manifest["lora"] == {"rank": 16, "alpha": 32}
    assert len(manifest["knownEntries"]) == 2 * len(words.NAMES)
    assert set(manifest["calibration"]["reading"]["first"]) == {"temperature", "noneBias"}
    assert set(manifest["metrics"]["recall"]) == {"first", "second"}
    first = manifest["metrics"]["recall"]["first"]
    assert first["curve"][0]["kept"] <= first["rows"]
    assert manifest["training"]["dataset"]["episodes"] == 40
    assert (folder / package.ADAPTER_CONFIG).is_file()


def test_functions_that_join_have_a_calibration_of_their_own_which_can_be_fitted_anew(distil, tmp_path):
    folder, _ = distil("student", steps=6, newcomer_share=0.5)
    before = package.read_manifest(folder)
    assert set(before["calibration"]["joining"]) == {"first", "second"}
    assert set(before["calibration"]["joining"]["first"]) == {"temperature", "noneBias"}
    task = trajectories.read_task(tmp_path / "task.json")
    rows = trajectories.read_rows(tmp_path / "rows.ndjson", task).rows
    student.join_anew(folder, task, rows, tmp_path / "tiny.gguf", most=20, seed=1)
    after = package.read_manifest(folder)
    assert after["calibration"].pop("joining").keys() == before["calibration"].pop("joining").keys()
    assert after == before
    assert "joining" not in package.read_manifest(distil("known", steps=6)[0])["calibration"]


def test_how_sure_to_be_of_what_joins_is_fitted_to_what_a_teacher_decided_on(distil, tmp_path):
    folder, _ = distil("student", steps=6)
    task = trajectories.read_task(tmp_path / "task.json")
    known = trajectories.read_rows(tmp_path / "rows.ndjson", task).rows
    new = prompts.Entry("run_away", "away", "It burns: run away.")
    news = [replace(row, candidates=(*row.candidates, new), view=f"{row.view} It burns.") for row in known[:40]]
    asked = [replace(row, chosen=new.name) if at % 2 else row for at, row in enumerate(news)]

    student.join_anew(folder, task, asked, tmp_path / "tiny.gguf", most=20, as_recorded=True)

    assert set(package.read_manifest(folder)["calibration"]["joining"]) == {"first", "second"}
    with pytest.raises(trajectories.TrajectoryError, match="new to the student"):
        student.join_anew(folder, task, known, tmp_path / "tiny.gguf", as_recorded=True)


def test_of_recorded_rows_only_what_is_new_is_read() -> None:
    old, new = prompts.Entry("stay", "stay", "Stay."), prompts.Entry("run_away", "away", "It burns: run away.")
    row = trajectories.Row("e1", "first", "It burns.", (new, old), "run_away", "s")
    known = {old.digest("first")}
    assert newcomers.recorded([row], known) == [replace(row, candidates=(new,))]
    calm = replace(row, chosen="stay")
    assert newcomers.recorded([calm], known) == [replace(row, candidates=(new,), chosen="")]
    assert newcomers.recorded([row], {*known, new.digest("first")}) == []


def test_the_same_seed_gives_the_same_adapter_and_another_seed_another(distil):
    hashes = [
        base.sha256(distil(name, steps=6, seed=seed)[0] / package.ADAPTER)
        for name, seed in (("one", 7), ("two", 7), ("three", 8))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_activations_that_are_computed_twice_teach_the_same(distil, monkeypatch):
    passes = []
    forward = LlamaMLP.forward
    monkeypatch.setattr(
        LlamaMLP, "forward", lambda self, *given: passes.append(torch.is_grad_enabled()) or forward(self, *given)
    )
    counted, adapters = [], []
    for checkpointing in (False, True):
        passes.clear()
        folder, _ = distil(f"c{checkpointing}", steps=6, settled={"gradient_checkpointing": checkpointing})
        counted.append(sum(passes))
        adapters.append((folder / package.ADAPTER).read_bytes())
        assert package.read_manifest(folder)["training"]["gradientCheckpointing"] == checkpointing
    assert counted[1] == 2 * counted[0], "every layer of every step is passed through again on the way back"
    assert adapters[0] == adapters[1]


def test_a_student_that_goes_on_from_another_starts_better_and_says_so(distil):
    first, lines = distil("first", steps=40)
    second, more = distil("second", steps=10, start=first)
    assert losses(more)[0] < losses(lines)[0]
    manifest = package.read_manifest(second)
    assert manifest["training"]["startedFrom"]["adapter"] == package.read_manifest(first)["files"]["adapter"]["sha256"]
    assert manifest["training"]["startedFrom"]["training"]["steps"] == 40


def test_a_run_may_dwell_on_what_the_student_that_it_goes_on_from_finds_hard(distil):
    first, _ = distil("first", steps=6)
    second, lines = distil("second", steps=6, start=first, hard_share=0.5)
    assert any("are hard for the student that this one goes on from" in line for line in lines)
    assert package.read_manifest(second)["training"]["hardShare"] == 0.5
    with pytest.raises(trajectories.TrajectoryError, match="say which one to go on from"):
        distil("third", steps=6, hard_share=0.5)


def test_a_row_is_hard_if_its_choice_is_wrong_or_unsure():
    def scored(*scores):
        row = trajectories.Row("1", "first", "view", (), "", "")
        return evaluation.Scored(row, prompts.RECALL, [], list(scores), 0)

    assert len(evaluation.hard([scored(9.0, 1.0, 0.0)])) == 0
    assert len(evaluation.hard([scored(1.0, 9.0, 0.0), scored(3.0, 2.0, 0.0)])) == 2


def test_a_loaded_student_scores_as_the_one_that_was_trained(distil, tmp_path):
    folder, _ = distil("student", ways=(prompts.RECALL,), steps=6)
    merged = student.load(folder, tmp_path / "tiny.gguf")
    untouched = tiny.model()
    name = "model.layers.0.mlp.down_proj.weight"
    assert not merged.state_dict()[name].equal(untouched.state_dict()[name])
    with pytest.raises(ValueError, match="another base model"):
        (tmp_path / "other.gguf").write_bytes(b"other")
        student.load(folder, tmp_path / "other.gguf")


def test_a_run_that_was_cut_off_can_be_gone_on_from(distil):
    first, _ = distil("first", steps=6)
    (first / package.MANIFEST).unlink()
    second, _ = distil("second", steps=6, start=first)
    known = package.read_manifest(second)["training"]["startedFrom"]
    assert known == {"adapter": base.sha256(first / package.ADAPTER), "training": None}


def test_students_of_other_seeds_are_judged_on_the_same_rows(distil, tmp_path):
    task = trajectories.read_task(tmp_path / "task.json")
    test = trajectories.read_rows(words.write(tmp_path / "other", episodes=10, seed=5)[1], task)
    named = []
    for seed in (7, 8):
        folder, _ = distil(f"seed{seed}", ways=(prompts.RECALL,), steps=4, seed=seed, judged_on=test, judged_rows=15)
        first = package.read_manifest(folder)["metrics"]["recall"]["first"]
        judged = first["judged"]
        names = [judged["rows"][i : i + 10] for i in range(0, len(judged["rows"]), 10)]
        assert len(set(names)) == len(names) == len(judged["agreed"]) <= first["rows"] == 15
        assert set(judged["agreed"]) <= {"0", "1"}
        named.append(names)
    assert named[0] == named[1]
