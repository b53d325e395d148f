"""A standing worker: asks for jobs, trains them, hands students in."""

from __future__ import annotations

import os
import shutil
import socket
import tarfile
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ld_worker import base, durable, package, prompts, trajectories
from ld_worker.client import Claim, Client, LeaseLostError, RefusedError, UnreachableError
from ld_worker.heart import Heart

METHODS = ("ld", "kd")
PARTS = {"manifest": "manifest.json", "adapter": "adapter.safetensors", "activations": "activations.safetensors"}


class StoppedError(Exception):
    """The worker was told to stop."""


class ElsewhereError(Exception):
    """One of the processes of a run failed, in its own words."""

    def __init__(self, reason: str, retryable: bool) -> None:
        super().__init__(reason)
        self.retryable = retryable


def unpack(file: Path, target: Path) -> None:
    """Unpacks a checkpoint, which is a flat folder of files.

    By hand, as Pythons before 3.10.12 and 3.11.4 (Debian 12's among them) can not be told to take nothing else.

    :raises tarfile.TarError: if the archive is damaged, or holds anything else
    """
    target.mkdir(exist_ok=True)
    with tarfile.open(file) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is None or member.name != Path(member.name).name or member.name == "..":
                raise tarfile.TarError(f"it holds {member.name!r}, which is no file of a checkpoint")
            with content, (target / member.name).open("wb") as written:
                shutil.copyfileobj(content, written)


@dataclass
class Worker:
    """Works one job after the other until ``stop`` is set. Not for several threads."""

    client: Client
    bases: Mapping[str, Path]
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    pause: float = 3.0
    scratch: Path | None = None
    gpu: Mapping[str, Any] | None = None
    say: Callable[[str], None] = print
    stop: threading.Event = field(default_factory=threading.Event)
    beat_every: float | None = None
    device: str = "auto"
    processes: int = 1
    """In how many processes a run without GPUs is trained; one with GPUs is in as many as its job asks for."""
    entry: Callable[..., dict[str, Any] | None] | None = None
    """What each of several processes does, ``train_together`` if nothing is named; another process must find it."""
    only: Mapping[str, Any] | None = None
    """The one run that this worker is there for: ``job`` and ``run``, the fencing token that it would get."""
    adaptations: Sequence[str] = ("lora",)
    """In which ways it can train; see ``ld_worker.adaptation``."""
    give_up_after: float = 60.0
    """Seconds for which a worker of one run asks for it before it ends."""

    def run(self, most: int | None = None) -> int:
        """Answers how many jobs it has had; ends after ``most``, when it is stopped, or if its only run is gone."""
        done, key, begun = 0, str(uuid.uuid4()), time.monotonic()
        while not self.stop.is_set() and (most is None or done < most):
            try:
                claim = self.client.claim(self._described(), key)
            except UnreachableError as away:
                self.say(f"no answer, trying again: {away}")
                self.stop.wait(self.pause)
                continue
            key = str(uuid.uuid4())
            if claim is None:
                if self.only and time.monotonic() - begun > self.give_up_after:
                    self.say(f"run {self.only['run']} of job {self.only['job']} is not to be had: ended or another's")
                    return done
                self.stop.wait(self.pause)
                continue
            self.work(claim)
            done += 1
        return done

    def work(self, claim: Claim) -> None:
        """One job, to whichever end. Nothing that a job does ends the worker."""
        self.say(f"job {claim.job}: attempt {claim.attempt}")
        folder: Path | None = None
        try:
            folder = Path(tempfile.mkdtemp(prefix="ld-job-", dir=self.scratch))
            processes = self._processes(claim)
            if processes > 1:
                self._spread(claim, folder, processes)
            else:
                self._train(claim, folder)
        except LeaseLostError as lost:
            self.say(f"job {claim.job}: given up, it is {lost.state}")
        except StoppedError:
            self._tell_failure(claim, "the worker was stopped", retryable=True, released=True)
        except Exception as failure:
            self._tell_failure(claim, _reason(failure), retryable=not _is_hopeless(failure))
        finally:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _processes(self, claim: Claim) -> int:
        gpus = claim.spec.get("resources", {}).get("gpus", 0)
        return gpus if gpus > 1 and self.gpu else self.processes

    def _spread(self, claim: Claim, folder: Path, processes: int) -> None:
        """Trains in several processes, of which the first does all that a single one would."""
        from ld_worker import together

        given = (self.client, dict(self.bases), claim, folder, self.device, self.beat_every)
        with Heart(self.client, claim, self.beat_every) as heart:  # for as long as no process has one, or all hang
            heart.say(f"trains in {processes} processes")

            def ends() -> bool:
                return self.stop.is_set() or heart.lost is not None

            try:
                failure = together.run(processes, self.entry or train_together, given, folder, ends)
            except InterruptedError as ended:
                if isinstance(heart.lost, LeaseLostError) and heart.lost.state == "completed":
                    return  # by the first process, which was about to end
                heart.check()
                raise StoppedError from ended
        if failure and "state" in failure:
            raise LeaseLostError(409, failure["reason"], failure["state"])
        if failure:
            raise ElsewhereError(failure["reason"], failure.get("retryable", True))

    def _train(self, claim: Claim, folder: Path) -> None:
        with Heart(self.client, claim, self.beat_every) as heart:

            def say(line: str) -> None:
                self.say(line)
                heart.say(line)

            from ld_worker import student

            order = self._order(claim, folder, heart, say)
            student.distil(order, say)
            heart.beat()
            heart.check()
            found = self.client.complete(claim, {part: order.out / name for part, name in PARTS.items()})
            self.say(f"job {claim.job}: {found}")

    def _help(self, claim: Claim, folder: Path) -> None:
        """Trains beside the process that does the rest, silently."""
        from ld_worker import student

        student.distil(self._order(claim, folder, None, lambda _: None), lambda _: None)

    def _order(self, claim: Claim, folder: Path, heart: Heart | None, say: Callable[[str], None]) -> Any:
        """What to train. Of several processes the first fetches what that needs, and it alone has a heart."""
        from ld_worker import adaptation, packing, student, sweeping, together, training

        spec, given = claim.spec, claim.spec["hyperparameters"]
        base_path = self.bases.get(spec["base"])
        if base_path is None or not base_path.exists():
            raise FileNotFoundError(f"this worker does not have the base model {spec['base']}")
        task = trajectories.task_of(spec["task"])
        train, test = together.once(lambda: self._rows(claim, folder))
        dataset = trajectories.read_rows(train, task)
        judged_on = trajectories.read_rows(test, task) if test.stat().st_size else None
        settings = training.Settings(
            ways=tuple(given["ways"]),
            steps=given["steps"],
            reading_share=given["readingShare"],
            newcomer_share=given.get("newcomerShare", 0.0),
            drawn_share=given.get("drawnShare", 0.5),
            stray_share=given.get("strayShare", 0.0),
            sampling=packing.Sampling(
                recorded=given.get("recordedShare", packing.Sampling.recorded),
                fewer=given.get("fewerShare", packing.Sampling.fewer),
                none=given.get("noneShare", packing.Sampling.none),
                other_words=given.get("otherWordsShare", 0.0),
                hard=given.get("hardShare", 0.0),
            ),
            course_from=0.0 if spec.get("start") is None else 1.0,
            learning_rate=given["learningRate"],
            rank=given["rank"],
            alpha=given["alpha"],
            seed=spec["seed"],
            check_every=given["checkEvery"],
            check_rows=given["checkRows"],
            enough=given["enough"],
            device=self.device,
            gradient_checkpointing=given.get("gradientCheckpointing", False),
            sharded=spec.get("resources", {}).get("sharded", False),
            adaptation=given.get("adaptation", adaptation.LORA),
        )
        resume = together.once(lambda: self._resume(claim, folder, say))
        return student.Order(
            name=spec["name"],
            task=task,
            dataset=dataset,
            base_path=base_path,
            out=folder / ("student" if heart else f"beside-{together.rank()}"),
            settings=settings,
            judged_on=judged_on,
            start=together.once(lambda: self._start(claim, folder)),
            held_out=given["heldOut"],
            judged_rows=given["judgeRows"],
            method=spec["method"],
            hooks=self._hooks(claim, folder, heart, given["checkEvery"], resume),
            sweep=sweeping.Sweep.of(spec["sweep"]) if spec.get("sweep") else None,
            ordered_by={"id": claim.job, "dataset": dict(spec["dataset"])},
            base_name=spec["base"],
        )

    def _hooks(self, claim: Claim, folder: Path, heart: Heart | None, every: int, resume: Path | None) -> Any:
        from ld_worker import training

        if heart is None:
            return training.Hooks(resume=resume)

        def step(_: int) -> None:
            heart.check()
            if self.stop.is_set():
                raise StoppedError

        return training.Hooks(
            step=step,
            report=heart.report,
            save=lambda number, saved: self._save(claim, number, saved, folder),
            save_every=every,
            resume=resume,
        )

    def _start(self, claim: Claim, folder: Path) -> Path | None:
        """The package of the student that the job goes on from: its id vouches for the manifest, that for the rest."""
        expected = claim.spec.get("start")
        if expected is None:
            return None
        target = folder / "start"
        target.mkdir()
        if f"sha256:{self.client.start(claim, 'manifest', target / PARTS['manifest'])}" != expected:
            raise OSError("the manifest of the student to start from arrived damaged")
        adapter = package.read_manifest(target)["files"]["adapter"]["sha256"]
        if self.client.start(claim, "adapter", target / PARTS["adapter"]) != adapter:
            raise OSError("the adapter of the student to start from arrived damaged")
        return target

    def _rows(self, claim: Claim, folder: Path) -> tuple[Path, Path]:
        """The training side and the test side. Only the whole version has a hash, so both are taken from it."""
        whole, test, train = (folder / name for name in ("all.ndjson", "test.ndjson", "train.ndjson"))
        expected = claim.spec["dataset"]["sha256"]
        found = self.client.rows(claim, whole)
        if found != expected:
            raise OSError(f"the dataset arrived damaged: SHA-256 {found}, the job says {expected}")
        self.client.rows(claim, test, "test")
        held_out = set(test.read_bytes().splitlines(keepends=True))
        lines = whole.read_bytes().splitlines(keepends=True)
        if not held_out.issubset(lines):
            raise OSError("the dataset's test side arrived damaged")
        with durable.replacing(train) as aside:
            aside.write_bytes(b"".join(line for line in lines if line not in held_out))
        return train, test

    def _save(self, claim: Claim, step: int, saved: Path, folder: Path) -> None:
        """A checkpoint that can not be stored costs time if the worker dies, not the job.

        A full disk ends the job here: its student could not be written either.
        """
        file = folder / "checkpoint.tar"
        with durable.replacing(file) as aside, tarfile.open(aside, "w") as archive:
            for path in sorted(saved.iterdir()):
                archive.add(path, arcname=path.name)
        try:
            self.client.save(claim, step, file)
        except LeaseLostError:
            raise
        except (UnreachableError, RefusedError) as failure:
            self.say(f"job {claim.job}: checkpoint {step} is not stored: {failure}")
        finally:
            file.unlink(missing_ok=True)

    def _resume(self, claim: Claim, folder: Path, say: Callable[[str], None]) -> Path | None:
        """The newest checkpoint whose bytes are what they were; without one, the beginning."""
        for checkpoint in claim.checkpoints:
            step, file, target = checkpoint["step"], folder / "resume.tar", folder / f"resume-{checkpoint['step']}"
            try:
                if self.client.checkpoint(claim, checkpoint["sha256"], file) != checkpoint["sha256"]:
                    raise OSError("it arrived damaged")
                unpack(file, target)
            except (LeaseLostError, durable.DiskFullError):
                raise
            except (OSError, RefusedError, tarfile.TarError) as failure:
                if durable.is_full(failure):
                    raise
                say(f"checkpoint {step} can not be used: {failure}")
                continue
            say(f"goes on after step {step}")
            return target
        return None

    def _tell_failure(self, claim: Claim, reason: str, retryable: bool, released: bool = False) -> None:
        self.say(f"job {claim.job}: {reason}")
        try:
            self.client.fail(claim, reason, retryable, released)
        except (UnreachableError, RefusedError) as unheard:
            self.say(f"job {claim.job}: its lease will tell: {unheard}")

    def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = {
            "worker": self.name,
            "bases": list(self.bases),
            "methods": list(METHODS),
            "sweeps": True,
            "adaptations": list(self.adaptations),
        }
        return described | ({"gpu": dict(self.gpu)} if self.gpu else {}) | dict(self.only or {})


HOPELESS = (
    ArithmeticError,
    base.BaseError,
    package.UnsuitableError,
    prompts.HandleError,
    trajectories.TrajectoryError,
)


def _is_hopeless(failure: Exception) -> bool:
    """Whether another attempt would come to the same end."""
    if isinstance(failure, ElsewhereError):
        return not failure.retryable
    return isinstance(failure, HOPELESS)


def train_together(
    client: Client, bases: Mapping[str, Path], claim: Claim, folder: Path, device: str, beat_every: float | None
) -> dict[str, Any] | None:
    """A job in one of several processes; answers what to say of its failure, if it fails."""
    from ld_worker import devices, together

    # Measured by one for all: two that decide otherwise would not train one student.
    os.environ["LD_PRECISION"] = together.once(lambda: "bf16" if devices.half_pays() else "fp32")
    worker = Worker(client, bases, say=lambda line: print(line, flush=True), beat_every=beat_every, device=device)
    try:
        worker._train(claim, folder) if together.rank() == 0 else worker._help(claim, folder)
    except LeaseLostError as lost:
        return {"reason": str(lost), "state": lost.state}
    except Exception as failure:
        return {"reason": _reason(failure), "retryable": not _is_hopeless(failure)}
    return None


def _reason(failure: BaseException) -> str:
    """What people read; a full disk is named as such, whichever library met it."""
    if isinstance(failure, ElsewhereError):
        return str(failure)
    said = f"{type(failure).__name__}: {failure}"
    full = durable.is_full(failure) and not isinstance(failure, durable.DiskFullError)
    return (f"the worker's disk is full: {said}" if full else said)[:2000]
