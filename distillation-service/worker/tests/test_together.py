"""Several processes that train one student, for real, over gloo: what GPUs do over NCCL."""

import json
import multiprocessing
import os
import re
import signal
from types import SimpleNamespace

import beside
import pytest
from conftest import STEPS
from platform_fake import FakePlatform
from safetensors.torch import load
from test_faults import told_losses

from ld_worker import devices, together
from ld_worker.client import Claim


@pytest.fixture(autouse=True)
def fp32(monkeypatch):
    """Rounding is all that may differ, and in BF16 it is much; what another test had measured is forgotten."""
    monkeypatch.setenv("LD_PRECISION", "fp32")
    devices.half_pays.cache_clear()
    yield
    devices.half_pays.cache_clear()


def said(job):
    return [line for beat in job.beats for line in beat["log"]]


def again(job):
    job.state, job.checkpoints, job.beats, job.failures = "queued", [], [], []


def assert_same_student(one, other):
    """The bytes differ: sums are rounded in another order, and the optimiser makes more of that."""
    found, expected = load(one), load(other)
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].float().sub(tensor.float()).abs().max() < 2e-3, name


def test_two_processes_train_what_one_does_and_a_lost_one_costs_an_attempt_alone(job, worker):
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        alone, losses = job.student, told_losses(job)

        again(job)
        platform.calls.clear()
        worker(platform, processes=2, entry=beside.entry).run(most=1)
        both = job.student
        assert job.failures == []
        assert told_losses(job) == pytest.approx(losses, rel=1e-3)
        assert_same_student(both["adapter"], alone["adapter"])
        manifest, single = json.loads(both["manifest"]), json.loads(alone["manifest"])
        assert manifest["training"]["processes"] == 2
        for same in ("steps", "examples", "tokens", "bestStep"):
            assert manifest["training"][same] == single["training"][same]
        assert sum(call.endswith("/trajectories") for call in platform.calls) == 2, "fetched by one for both"
        assert sum(call.endswith("/completions") for call in platform.calls) == 1
        assert [step for step, _, _ in job.checkpoints] == [12, 8, 4]

        again(job)

        def kill(step):
            if step == 4:
                children = sorted(multiprocessing.active_children(), key=lambda child: child.pid)
                os.kill(children[-1].pid, signal.SIGKILL)

        platform.on_checkpoint = kill
        worker(platform, processes=2, entry=beside.entry).run(most=1)
        assert [(one["reason"], one["retryable"]) for one in job.failures] == [
            ("LostProcessError: process 2 of 2 was ended by SIGKILL", True)
        ]
        assert multiprocessing.active_children() == []

        job.failures = []
        worker(platform, processes=2, entry=beside.entry).run(most=1)
        assert "goes on after step 4" in said(job)
        assert job.student["adapter"] == both["adapter"], "the same processes give the same bytes"


def test_a_sharded_base_model_teaches_the_same_and_a_sweep_goes_with_it(job, worker):
    job.spec["sweep"] = {"rank": [2, 4], "trials": 2, "graceSteps": 1000}
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        assert job.failures == []
        alone, trials = job.student, json.loads(job.student["manifest"])["training"]["sweep"]["trials"]
        again(job)
        job.spec["resources"] = {"sharded": True}
        worker(platform, processes=2, entry=beside.entry).run(most=1)
    assert job.failures == []
    assert_same_student(job.student["adapter"], alone["adapter"])
    training = json.loads(job.student["manifest"])["training"]
    assert training["sharded"]
    assert [trial["curve"] for trial in training["sweep"]["trials"]] == [trial["curve"] for trial in trials]


def test_what_one_process_lacks_all_do_without_and_what_one_meets_ends_all(job, worker):
    with FakePlatform(job) as platform:
        worker(platform, processes=2, entry=beside.out_of_memory_then_no_number).run(most=1)
    halved = [line for line in said(job) if "out of memory" in line]
    assert [line.rsplit("in ", 1)[1] for line in halved] == ["2 parts", "4 parts"]
    assert "(in another process)" in halved[0]
    assert [beat["metrics"]["accumulation"] for beat in job.beats if "metrics" in beat][-1] == 4
    assert [failure["retryable"] for failure in job.failures] == [False]
    assert re.match("NotFiniteError: the loss is no number at step [5-9]: ", job.failures[0]["reason"])


def test_a_cancelled_job_ends_in_every_process(job, worker):
    with FakePlatform(job) as platform:
        platform.on_checkpoint = lambda step: setattr(job, "state", "cancelled")
        made = worker(platform, processes=2, entry=beside.entry)
        made.run(most=1)
    assert (job.completions, job.failures) == (0, [])
    assert f"job {job.id}: given up, it is cancelled" in made.lines
    assert max(beat.get("step", 0) for beat in job.beats) < STEPS
    assert multiprocessing.active_children() == []


def test_what_is_stopped_ends_even_where_processes_wait_for_each_other(tmp_path):
    with pytest.raises(InterruptedError):
        together.run(2, beside.waits, (), tmp_path, stopped=lambda: len(multiprocessing.active_children()) == 2)
    assert multiprocessing.active_children() == []


def test_what_nobody_foresaw_is_told_in_its_own_words(tmp_path):
    assert together.run(2, beside.breaks, (), tmp_path, stopped=lambda: False)["reason"] == (
        "ValueError: nobody foresaw this"
    )


@pytest.mark.parametrize(
    ("allowed", "number", "seen"), [(None, 1, "1"), ("2,5", 1, "5"), ("GPU-a,GPU-b", 0, "GPU-a"), ("3", 1, "")]
)
def test_a_process_sees_one_gpu_of_those_the_run_may_use(monkeypatch, allowed, number, seen):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed or "")
    together._see_one_gpu(number)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == seen


@pytest.mark.parametrize(
    ("gpu", "processes", "asked", "found"),
    [(None, 1, 0, 1), (None, 2, 0, 2), (None, 1, 4, 1), ({"count": 4}, 1, 4, 4), ({"count": 4}, 1, 1, 1)],
)
def test_a_run_has_as_many_processes_as_its_job_asks_gpus_for(job, worker, gpu, processes, asked, found):
    job.spec["resources"] = {"gpus": asked}
    with FakePlatform(job) as platform:
        made = worker(platform, gpu=gpu, processes=processes)
        assert made._processes(Claim("c", 1, 60, "j", 1, job.spec)) == found


def test_gpus_of_one_kind_are_announced_together(monkeypatch):
    def properties(number):
        return SimpleNamespace(name="H100" if number < 2 else "T4", total_memory=80_000 << 20)

    monkeypatch.setattr(devices.torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(devices.torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(devices.torch.cuda, "get_device_properties", properties)
    assert devices.described() == {"type": "H100", "memoryMb": 80_000, "count": 2}


def test_alone_there_is_nobody_to_agree_with():
    assert (together.size(), together.rank(), together.worst(2), together.once(lambda: "x")) == (1, 0, 2, "x")
