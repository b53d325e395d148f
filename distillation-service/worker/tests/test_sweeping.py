"""Sweeps: which trials there are, which of them are ended early, and what a kill in the middle changes."""

import hashlib
import json

import pytest
from conftest import STEPS
from platform_fake import FakePlatform

from ld_worker import package, sweeping, training
from ld_worker.sweeping import Sweep, Trial


def test_trials_are_all_combinations_or_some_of_them_drawn_by_the_seed():
    values = {"learningRate": [1e-3, 2e-3], "rank": [4, 8, 16]}
    every = Sweep(values, 6, 50).drawn(7)
    assert every == [{"learningRate": rate, "rank": rank} for rate in (1e-3, 2e-3) for rank in (4, 8, 16)]
    some = Sweep(values, 3, 50).drawn(7)
    assert some == Sweep(values, 3, 50).drawn(7) != Sweep(values, 3, 50).drawn(8)
    assert all(trial in every for trial in some)
    assert len({json.dumps(trial) for trial in some}) == 3


def test_trials_are_compared_after_the_grace_and_each_time_twice_as_many_steps():
    assert [step for step in range(50, 500, 50) if sweeping.is_rung(step, 50)] == [50, 100, 200, 400]
    assert [step for step in range(50, 500, 50) if sweeping.is_rung(step, 100)] == [100, 200, 400]


@pytest.mark.parametrize(
    ("best", "others", "goes_on"),
    [
        (0.1, [], True),
        (0.5, [0.4], True),
        (0.5, [0.5], False),
        (0.5, [0.6], False),
        (0.5, [0.6, 0.4, 0.3], True),
        (0.5, [0.6, 0.55, 0.3], False),
    ],
)
def test_a_trial_goes_on_among_the_better_half(best, others, goes_on):
    assert sweeping.stays(best, others) == goes_on


def test_a_trial_that_failed_or_was_ended_before_is_no_measure():
    trial = Trial({}, steps=100, curve=[[50, 0.7], [100, 0.6]])
    assert (trial.by(50), trial.by(100), trial.by(200)) == (0.7, 0.7, None)
    trial.state = sweeping.FAILED
    assert trial.by(50) is None


AGREEMENT = {1e-7: 0.3, 1e-2: 0.6, 1e-6: 0.2}
"""by learning rate, at whichever step: twelve steps of the toy job teach too little to tell trials apart"""


@pytest.fixture
def swept(job, monkeypatch):
    """The toy job with trials of three learning rates, of which the second is the best and the third the worst."""
    job.spec["sweep"] = {"learningRate": list(AGREEMENT), "trials": 3, "graceSteps": 4}
    monkeypatch.setattr(
        training, "checker", lambda settings, *_: lambda _: {"recall first": AGREEMENT[settings.learning_rate]}
    )
    return job


def told_trials(job):
    return [beat["trials"] for beat in job.beats if "trials" in beat]


def test_the_best_trial_becomes_the_student_and_is_what_a_run_of_its_own_gives(swept, worker):
    with FakePlatform(swept) as platform:
        worker(platform).run(most=1)
        adapter, manifest = swept.student["adapter"], json.loads(swept.student["manifest"])
        sweep = manifest["training"]["sweep"]
        assert [trial["state"] for trial in sweep["trials"]] == ["finished", "won", "stopped"]
        assert [trial["step"] for trial in sweep["trials"]] == [STEPS, STEPS, 4]
        assert [[step for step, _ in trial["curve"]] for trial in sweep["trials"]] == [[4, 8, 12], [4, 8, 12], [4]]
        assert (sweep["graceSteps"], sweep["factor"]) == (4, 2)
        assert manifest["training"]["learningRate"] == 1e-2

        told = told_trials(swept)
        assert [trial["state"] for trial in told[0]] == ["running", "waiting", "waiting"]
        assert [trial["state"] for trial in told[-1]] == ["finished", "won", "stopped"]
        steps = [beat["step"] for beat in swept.beats if "step" in beat]
        assert steps == sorted(steps)
        assert steps[-1] == 2 * STEPS + 4
        assert all(beat["step"] <= beat["steps"] for beat in swept.beats if "step" in beat)

        del swept.spec["sweep"]
        swept.spec["hyperparameters"]["learningRate"] = 1e-2
        swept.state, swept.checkpoints = "queued", []
        worker(platform).run(most=1)
    assert swept.student["adapter"] == adapter
    assert "sweep" not in json.loads(swept.student["manifest"])["training"]


@pytest.mark.parametrize("died_after", [STEPS, STEPS + 8, 2 * STEPS + 4])
def test_a_sweep_killed_in_the_middle_goes_on_at_its_trial_to_the_same_student(swept, worker, died_after):
    """At the end of the first trial, in the second after one to compare with, and when the third was just ended."""
    with FakePlatform(swept) as platform:
        worker(platform).run(most=1)
        uninterrupted, trials = swept.student["adapter"], told_trials(swept)[-1]
        swept.state, swept.checkpoints, swept.beats = "queued", [], []

        def die(step):
            if step == died_after:
                swept.state = "queued"

        platform.on_checkpoint = die
        worker(platform).run(most=1)
        assert swept.state == "queued"
        platform.on_checkpoint = lambda step: None
        swept.beats = []
        second = worker(platform)
        second.run(most=1)
    assert f"goes on after step {died_after}" in second.lines
    redone = {int(line.split()[1]) for line in second.lines if line.startswith("trial ") and " of 3" in line}
    assert redone == set(range(1 + (died_after - 1) // STEPS, 4))
    assert swept.student["adapter"] == uninterrupted
    assert told_trials(swept)[-1] == trials
    assert min(beat["step"] for beat in swept.beats if "step" in beat) >= died_after


def test_a_trial_that_diverges_ends_alone(swept, worker, monkeypatch):
    diverge(monkeypatch, 1e-2)
    with FakePlatform(swept) as platform:
        worker(platform).run(most=1)
    trials = told_trials(swept)[-1]
    assert [trial["state"] for trial in trials] == ["won", "failed", "stopped"]
    assert "the loss is no number at step 1" in trials[1]["reason"]


def test_a_sweep_of_which_every_trial_fails_is_not_tried_again(swept, worker, monkeypatch):
    diverge(monkeypatch, 0)
    with FakePlatform(swept) as platform:
        worker(platform).run(most=1)
    assert [failure["retryable"] for failure in swept.failures] == [False]
    assert "every trial of the sweep failed: trial 1: the loss is no number" in swept.failures[0]["reason"]


def diverge(monkeypatch, least):
    """Every run at such a learning rate or a higher one."""
    loss, train = training.scoring.pack_loss, training.train

    def watching(model, batches, check, settings, *arguments, **more):
        nan = training.torch.tensor(float("nan"), requires_grad=True)
        found = (lambda *_: nan) if settings.learning_rate >= least else loss
        monkeypatch.setattr(training.scoring, "pack_loss", found)
        return train(model, batches, check, settings, *arguments, **more)

    monkeypatch.setattr(training, "train", watching)


def test_a_trial_that_is_good_enough_makes_the_others_unneeded(swept, worker):
    swept.spec["hyperparameters"]["enough"] = 0.0
    with FakePlatform(swept) as platform:
        worker(platform).run(most=1)
    assert [trial["state"] for trial in told_trials(swept)[-1]] == ["won", "skipped", "skipped"]


def test_a_rank_whose_adapter_may_not_travel_fails_its_trial_before_it_trains(job, worker, monkeypatch):
    monkeypatch.setattr(package, "LARGEST_ADAPTER", 60_000)
    job.spec["sweep"] = {"rank": [64, 4], "trials": 2, "graceSteps": 4}
    with FakePlatform(job) as platform:
        worker(platform).run(most=1)
        trials = told_trials(job)[-1]
        assert [trial["state"] for trial in trials] == ["failed", "won"]
        assert "lower the rank" in trials[0]["reason"]
        assert json.loads(job.student["manifest"])["lora"] == {"rank": 4, "alpha": 8}

        del job.spec["sweep"]
        job.spec["hyperparameters"]["rank"] = 64
        job.state, job.checkpoints = "queued", []
        worker(platform).run(most=1)
    assert [failure["retryable"] for failure in job.failures] == [False]


def test_the_same_seed_gives_the_same_trials_and_the_same_winner_byte_for_byte(job, worker):
    job.spec["sweep"] = {"learningRate": [1e-3, 3e-2], "rank": [2, 4], "trials": 3, "graceSteps": 4}
    found = []
    with FakePlatform(job) as platform:
        for _ in range(2):
            job.state, job.checkpoints, job.beats = "queued", [], []
            worker(platform).run(most=1)
            found.append((hashlib.sha256(job.student["adapter"]).hexdigest(), told_trials(job)[-1]))
    assert found[0] == found[1]
    assert sum(trial["state"] == "won" for trial in found[0][1]) == 1
