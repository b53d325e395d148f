"""What a worker does when its disk is full, its server away or its memory too small."""

import errno
import json
import math
from pathlib import Path

import pytest
import tiny
import torch
import words
from conftest import STEPS
from platform_fake import FakePlatform

from ld_worker import devices, durable, evaluation, heart, packing, prompts, scoring, training, trajectories
from ld_worker.client import Claim, UnreachableError


@pytest.fixture
def full(monkeypatch):
    """A disk that takes no file of a name with this in it: the system says so when the bytes shall reach it."""

    def fill(part):
        flush = durable._flush

        def refuse(path, how):
            if part in path.name:
                raise OSError(errno.ENOSPC, "No space left on device")
            flush(path, how)

        monkeypatch.setattr(durable, "_flush", refuse)

    return fill


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, full):
    place = tmp_path / "adapter"
    durable.write_text(place, "one")
    durable.write_text(place, "two")
    assert place.read_text() == "two"
    with pytest.raises(ZeroDivisionError), durable.replacing(place) as aside:
        aside.write_text("hal")
        raise ZeroDivisionError
    full("adapter")
    with pytest.raises(durable.DiskFullError, match="the disk is full: adapter"):
        durable.write_text(place, "three")
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]
    assert place.read_text() == "two"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the system has no device that is always full")
def test_a_disk_that_really_is_full_is_known():
    with pytest.raises(OSError) as plain, Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")
    assert durable.is_full(plain.value)


@pytest.mark.parametrize(
    "said",
    [
        "Error while serializing: I/O error: No space left on device (os error 28)",
        "[Errno 122] Disk quota exceeded: 'x'",
    ],
)
def test_a_full_disk_is_known_whoever_met_it_first(said):
    try:
        try:
            raise ValueError(said)
        except ValueError as failure:
            raise RuntimeError("the writer failed") from failure
    except RuntimeError as wrapped:
        assert durable.is_full(wrapped)
    assert not durable.is_full(OSError(errno.EACCES, "denied"))


@pytest.mark.parametrize("name", ["adapter.safetensors", "activations.safetensors", "manifest.json", "checkpoint.tar"])
def test_a_full_disk_fails_the_job_with_the_reason_and_sends_nothing_half_written(job, worker, full, name):
    full(name)
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
    assert [failure["retryable"] for failure in job.failures] == [True]
    assert "the disk is full" in job.failures[0]["reason"]
    assert name in job.failures[0]["reason"]
    assert (job.completions, job.student) == (0, {})
    if name == "checkpoint.tar":
        assert job.checkpoints == []


def test_a_disk_that_is_full_before_the_job_begins_does_not_end_the_worker(job, worker, monkeypatch):
    def refuse(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ld_worker.work.tempfile.mkdtemp", refuse)
    with FakePlatform(job) as platform:
        assert worker(platform).run(most=1) == 1
    assert "the worker's disk is full" in job.failures[0]["reason"]


def test_a_server_that_goes_away_in_the_middle_is_waited_for_and_told_all(job, worker):
    with FakePlatform(job) as platform:
        platform.on_checkpoint = lambda step: platform.go_away(2) if step == 4 else None
        worker(platform).run(most=1)
        assert platform.gone.is_set()
        assert platform.back.is_set()
    assert (job.state, job.completions, job.failures) == ("completed", 1, [])
    steps = [beat["step"] for beat in job.beats if "step" in beat]
    assert steps == sorted(steps)
    assert set(steps) >= {4, 8, 10, STEPS}, "what was reported while nobody listened came later"


def test_words_that_find_no_ear_wait_in_order_and_the_oldest_go_first():
    class Deaf:
        def __init__(self):
            self.heard, self.away = [], True

        def beat(self, _, said):
            if self.away:
                raise UnreachableError("away")
            self.heard.append(said)

    client = Deaf()
    beating = heart.Heart(client, Claim("c", 1, 60, "j", 1, {}))
    for number in range(heart.KEPT_LINES + 3):
        beating.say(f"line {number}")
        if number % 1000 == 0:
            beating.report(number, 5000, 1.0, {"loss": 1.0})
            beating.beat()
    client.away = False
    beating.beat()
    lines = [line for said in client.heard for line in said["log"]]
    assert lines == [f"line {number}" for number in range(3, heart.KEPT_LINES + 3)]
    assert max(len(said["log"]) for said in client.heard) == heart.MOST_LINES
    assert [said["step"] for said in client.heard if "step" in said] == [0, 1000, 2000]


@pytest.mark.parametrize(
    "refusal", [torch.OutOfMemoryError("CUDA out of memory. Tried"), RuntimeError("CUDA error: out of memory")]
)
def test_a_batch_that_does_not_fit_goes_through_in_parts_and_teaches_the_same(job, worker, monkeypatch, refusal):
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        whole = told_losses(job)
        job.state, job.beats, job.checkpoints = "queued", [], []
        loss = scoring.pack_loss

        def small(model, packs):
            if sum(len(pack.labels) for pack in packs) > 6:
                raise refusal
            return loss(model, packs)

        monkeypatch.setattr(training.scoring, "pack_loss", small)
        worker(platform).run(most=1)
    assert job.completions == 2
    assert told_losses(job) == pytest.approx(whole, rel=0.05)
    said = [line for beat in job.beats for line in beat["log"] if "out of memory" in line]
    assert [line.rsplit("in ", 1)[1] for line in said] == ["2 parts", "4 parts"]
    assert [beat["metrics"]["accumulation"] for beat in job.beats if "metrics" in beat][-1] == 4
    assert json.loads(job.student["manifest"])["training"]["accumulation"] == 4


def told_losses(job):
    return [beat["metrics"]["loss"] for beat in job.beats if "loss" in beat.get("metrics", {})]


def test_a_job_that_fits_no_memory_at_all_says_so_and_is_another_workers_chance(job, worker, monkeypatch):
    def never(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(training.scoring, "pack_loss", never)
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
    assert [failure["retryable"] for failure in job.failures] == [True]
    assert "even with one state at a time" in job.failures[0]["reason"]


def test_other_failures_are_not_taken_for_a_lack_of_memory(job, worker, monkeypatch):
    def broken(*_):
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(training.scoring, "pack_loss", broken)
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
    assert "device-side assert" in job.failures[0]["reason"]


def packs(tmp_path, way):
    task_file, rows_file = words.write(tmp_path, episodes=4)
    task = trajectories.read_task(task_file)
    rows = [row for row in trajectories.read_rows(rows_file, task).rows if row.stage == "first"][:5]
    packer = packing.Packer(task, words.tokens)
    if way == prompts.READING:
        return packer.reading("first", [(row, row.candidates) for row in rows]), rows
    return packer.recall("first", words.entries(), rows), rows


@pytest.mark.parametrize("way", prompts.WAYS)
def test_half_a_pack_scores_as_the_whole(tmp_path, way):
    pack, _ = packs(tmp_path, way)
    first, second = packing.halves(pack)
    assert len(first.labels) + len(second.labels) == len(pack.labels) == 5
    assert max(len(first.prompt), len(second.prompt)) < len(pack.prompt)
    model = tiny.model()
    with torch.inference_mode():
        (whole,) = scoring.pack_scores(model, [pack])
        apart = scoring.pack_scores(model, [first, second])
    for expected, found in zip(whole, apart[0] + apart[1], strict=True):
        assert torch.allclose(expected, found, atol=1e-5)
    assert packing.halves(packing.halves(first)[0]) == [packing.halves(first)[0]]


def test_a_batch_is_halved_by_packs_then_by_states_as_far_as_it_goes(tmp_path):
    pack, _ = packs(tmp_path, prompts.RECALL)
    batch = [pack, pack]
    sizes = {parts: [[len(p.labels) for p in part] for part in training.in_parts(batch, parts)] for parts in (1, 2, 4)}
    assert sizes == {1: [[5, 5]], 2: [[5], [5]], 4: [[2], [3], [2], [3]]}
    assert len(training.in_parts(batch, 64)) == 10


def test_scoring_that_does_not_fit_is_done_in_halves(tmp_path, monkeypatch):
    pack, rows = packs(tmp_path, prompts.RECALL)
    scores = scoring.pack_scores
    asked = []

    def narrow(model, chunk):
        asked.append(len(chunk))
        if len(chunk) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return scores(model, chunk)

    monkeypatch.setattr(scoring, "pack_scores", narrow)
    found = evaluation.score_packs(tiny.model(), [(pack, rows)] * 4, half=False)
    assert asked == [4, 2, 1, 1, 2, 1, 1]
    assert len(found) == 20
    assert all(math.isfinite(score) for one in found for score in one.scores)


def test_a_gpu_is_used_where_there_is_one_and_never_where_it_is_not_wanted(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (devices.choose(), devices.choose("cuda"), devices.choose("cpu")) == ("cuda", "cuda", "cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (devices.choose(), devices.choose("cpu"), devices.described()) == ("cpu", "cpu", None)
    with pytest.raises(ValueError, match="torch finds none"):
        devices.choose("cuda")


def test_the_trainer_keeps_to_one_gpu_however_many_it_sees(tmp_path):
    arguments = training.TrainingArguments(output_dir=str(tmp_path), per_device_train_batch_size=2, use_cpu=True)
    _ = arguments.device
    arguments._n_gpu = 4
    assert arguments.train_batch_size == 8
    devices.use_one_gpu(arguments)
    assert (arguments.n_gpu, arguments.train_batch_size) == (1, 2)
