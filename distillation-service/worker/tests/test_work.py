import hashlib
import io
import json
import tarfile

import pytest
from conftest import STEPS
from platform_fake import FakePlatform

from ld_worker import training, work


def test_a_job_becomes_a_student_and_tells_how_it_went(job, worker):
    with FakePlatform(job) as platform:
        assert worker(platform).run(most=1) == 1
    assert (job.state, job.completions, job.failures) == ("completed", 1, [])
    manifest = json.loads(job.student["manifest"])
    assert manifest["files"]["adapter"]["sha256"] == hashlib.sha256(job.student["adapter"]).hexdigest()
    assert manifest["lora"] == {"rank": 4, "alpha": 8}
    assert manifest["training"]["job"] == {"id": "job-1", "dataset": job.spec["dataset"]}
    assert manifest["training"]["judgedOn"]["episodes"] == 2
    told = [beat for beat in job.beats if "metrics" in beat]
    assert told[-1]["step"] == told[-1]["steps"] == STEPS
    assert {"loss", "tokensPerSecond", "agreement", "memoryMb"} <= told[-1]["metrics"].keys() | told[-2][
        "metrics"
    ].keys()
    assert any("held out" in line for beat in job.beats for line in beat["log"])


def test_a_worker_killed_in_the_middle_changes_nothing_in_the_adapter(job, worker):
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        uninterrupted = job.student["adapter"]
        job.state, job.checkpoints = "queued", []

        def die(step):
            if step == 4:
                job.state = "queued"  # as after a lease that ran out

        platform.on_checkpoint = die
        first = worker(platform)
        first.run(most=1)
        assert any("given up" in line for line in first.lines)
        assert [step for step, _, _ in job.checkpoints] == [4]
        second = worker(platform)
        second.run(most=1)
    assert "goes on after step 4" in second.lines
    assert job.student["adapter"] == uninterrupted
    assert job.completions == 2


def test_a_damaged_checkpoint_is_refused_and_the_one_before_it_used(job, worker):
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        uninterrupted = job.student["adapter"]
        step, sha256, content = job.checkpoints[0]
        job.checkpoints[0] = (step, sha256, content[:-1] + b"x")
        job.state = "queued"
        again = worker(platform)
        again.run(most=1)
    assert any(f"checkpoint {step} can not be used" in line for line in again.lines)
    assert "goes on after step 8" in again.lines
    assert job.student["adapter"] == uninterrupted


def test_a_run_whose_last_checkpoint_is_its_end_is_not_trained_further(job, worker):
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        uninterrupted = job.student["adapter"]
        job.state = "queued"
        worker(platform).run(most=1)
    assert job.student["adapter"] == uninterrupted


def test_a_job_goes_on_from_another_student_and_says_so(job, worker):
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        job.start, first = dict(job.student), json.loads(job.student["manifest"])
        job.spec["start"] = "sha256:" + hashlib.sha256(job.start["manifest"]).hexdigest()
        job.spec["hyperparameters"] |= {"strayShare": 0.0, "newcomerShare": 0.0, "learningRate": 1e-9, "hardShare": 0.5}
        job.spec["hyperparameters"] |= {"recordedShare": 1.0, "fewerShare": 0.0, "noneShare": 0.25}
        job.state, job.checkpoints = "queued", []
        again = worker(platform)
        again.run(most=1)
        assert any("are hard for the student that this one goes on from" in line for line in again.lines)
        manifest = json.loads(job.student["manifest"])
        told = manifest["training"]
        assert told["hardShare"] == 0.5
        assert (told["recordedShare"], told["fewerShare"], told["noneShare"]) == (1.0, 0.0, 0.25)
        assert manifest["training"]["startedFrom"]["adapter"] == first["files"]["adapter"]["sha256"]
        assert manifest["metrics"] == first["metrics"], "so slow a rate leaves the student where it began"

        job.start["adapter"] += b"x"
        job.state, job.checkpoints, job.failures = "queued", [], []
        worker(platform).run(most=1)
    assert "arrived damaged" in job.failures[0]["reason"]
    assert job.failures[0]["retryable"]


def test_cuts_of_the_network_and_a_server_that_starts_again_are_waited_out(job, worker):
    with FakePlatform(job) as platform:
        platform.faults = {
            "claims$": [0, 503],
            "heartbeats": [0, 503, 0],
            "trajectories": [0, 503],
            "checkpoints": [503, 0],
            "completions": [0, 503, 502],
        }
        worker(platform).run(most=1)
        assert not any(platform.faults.values())
    assert (job.state, job.completions, job.failures) == ("completed", 1, [])


def test_an_answer_that_was_lost_does_not_complete_twice(job, worker):
    with FakePlatform(job) as platform:
        serve = platform._serve

        def lose(call, path, query, body):
            answer = serve(call, path, query, body)
            return (503, b"{}") if path.endswith("completions") and job.completions == 1 and not lost.pop() else answer

        lost = [True, False]
        platform._serve = lose
        worker(platform).run(most=1)
    assert (job.state, job.completions, job.failures) == ("completed", 1, [])


def test_a_cancelled_job_is_left_alone(job, worker):
    with FakePlatform(job) as platform:
        platform.on_checkpoint = lambda step: setattr(job, "state", "cancelled")
        made = worker(platform)
        made.run(most=1)
    assert (job.completions, job.failures) == (0, [])
    assert any("cancelled" in line for line in made.lines)


def test_a_worker_that_is_stopped_gives_its_job_back(job, worker):
    with FakePlatform(job) as platform:
        made = worker(platform)
        platform.on_checkpoint = lambda step: made.stop.set()
        made.run()
    assert [failure["released"] for failure in job.failures] == [True]


def test_a_loss_that_is_no_number_is_not_tried_again(job, worker, monkeypatch):
    monkeypatch.setattr(
        training.scoring, "pack_loss", lambda *_: training.torch.tensor(float("nan"), requires_grad=True)
    )
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
    assert [failure["retryable"] for failure in job.failures] == [False]
    assert "the loss is no number at step 1: it is nan" in job.failures[0]["reason"]


def test_a_base_model_that_is_gone_is_another_workers_chance(job, worker, tmp_path):
    with FakePlatform(job) as platform:
        worker(platform, bases={"tiny": tmp_path / "gone.gguf"}).run(most=1)
    assert [failure["retryable"] for failure in job.failures] == [True]
    assert "base model tiny" in job.failures[0]["reason"]


def test_rows_that_are_not_those_of_the_hash_are_not_trained_on(job, worker):
    job.spec["dataset"]["sha256"] = "0" * 64
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
    assert "arrived damaged" in job.failures[0]["reason"]


def test_rows_that_can_not_be_trained_on_are_not_tried_again(job, worker):
    job.rows = job.test = b"{}\n"
    job.spec["dataset"]["sha256"] = hashlib.sha256(job.rows).hexdigest()
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
    assert [failure["retryable"] for failure in job.failures] == [False]


def test_a_worker_of_one_run_takes_no_other_and_ends_without_it(job, worker):
    with FakePlatform(job) as platform:
        other = worker(platform, only={"job": "job-1", "run": 2}, give_up_after=0.1)
        assert other.run(most=1) == 0
        assert "not to be had" in other.lines[-1]
        assert job.state == "queued"
        assert worker(platform, only={"job": "job-1", "run": 1}).run(most=1) == 1
    assert (job.state, job.fence) == ("completed", 1)


@pytest.mark.parametrize("name", ["../outside", "/outside", "folder/inside", ".."])
def test_a_checkpoint_holds_files_of_its_own_folder_alone(tmp_path, name):
    archive = tmp_path / "checkpoint.tar"
    with tarfile.open(archive, "w") as written:
        written.addfile(tarfile.TarInfo("weights"), io.BytesIO())
        written.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(tarfile.TarError, match="no file of a checkpoint"):
        work.unpack(archive, tmp_path / "unpacked")
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.tar", "unpacked"}


def test_a_checkpoint_holds_no_links(tmp_path):
    archive = tmp_path / "checkpoint.tar"
    link = tarfile.TarInfo("weights")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(archive, "w") as written:
        written.addfile(link)
    with pytest.raises(tarfile.TarError, match="no file of a checkpoint"):
        work.unpack(archive, tmp_path / "unpacked")
