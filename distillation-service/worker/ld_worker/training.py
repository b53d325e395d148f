"""Logic Distillation: a LoRA student learns which function its teacher chose."""

from __future__ import annotations

import json
import math
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset
from transformers import Trainer, TrainerCallback, TrainingArguments

from ld_worker import (
    adaptation,
    devices,
    durable,
    evaluation,
    newcomers,
    package,
    packing,
    procedural,
    prompts,
    rewording,
    scoring,
    together,
)
from ld_worker.packing import Pack, Packer, Sampling
from ld_worker.prompts import Entry, Tokens
from ld_worker.trajectories import Row, Task

WEIGHTS = "weights.safetensors"
BEST = "best.safetensors"
PROGRESS = "progress.json"


@dataclass(frozen=True)
class Settings:
    """How a run is made up.

    ``reading_share`` of the steps read. ``newcomer_share`` of those read new functions in the task's views,
    ``drawn_share`` of the rest tasks drawn by chance, and what is left the rows as they are. ``stray_share`` of the
    states that are recalled hold news that concern none of their candidates. Tasks drawn by chance go from easy to
    hard, beginning at ``course_from`` of the course: 0 for a model that has never read, 1 for one that needs no course.
    ``sharded`` spreads the base model's weights over the processes that train together, where there are several.
    ``adaptation`` says which weights are trained, see :mod:`ld_worker.adaptation`; what comes of any is an adapter of
    this ``rank`` and ``alpha``.
    """

    ways: tuple[str, ...] = prompts.WAYS
    steps: int = 400
    reading_share: float = 0.5
    drawn_share: float = 0.5
    newcomer_share: float = 0.0
    stray_share: float = 0.0
    drawn_functions: int = 4
    course_from: float = 0.0
    learning_rate: float = 5e-4
    warm_up: int = 10
    seed: int = 7
    rank: int = 16
    alpha: int = 32
    packs: int = 2
    states: dict[str, int] = field(default_factory=lambda: {prompts.RECALL: 12, prompts.READING: 5})
    sampling: Sampling = field(default_factory=Sampling)
    check_every: int = 50
    check_rows: int = 60
    enough: float = 0.99
    half: bool = True
    device: str = devices.AUTO
    sharded: bool = False
    gradient_checkpointing: bool = False
    adaptation: str = adaptation.LORA


@dataclass
class Progress:
    """What a run saw and how good it was at its best.

    ``accumulation`` is in how many parts a batch goes through the model: 1 until it does not fit the memory. ``curve``
    holds step and mean agreement of each look at held-out rows.
    """

    steps: int = 0
    examples: dict[str, int] = field(default_factory=lambda: dict.fromkeys(prompts.WAYS, 0))
    tokens: int = 0
    seconds: float = 0.0
    best: float = -1.0
    best_step: int = 0
    accumulation: int = 1
    curve: list[list[float]] = field(default_factory=list)


class NotFiniteError(ArithmeticError):
    """The loss is no number any more: the same rows, seed and settings would come to the same end."""


class SettingsError(package.UnsuitableError):
    """Hyperparameters from which no student can come, whatever the rows."""


@dataclass(frozen=True)
class Hooks:
    """Where a run tells of itself, and where it goes on.

    ``step`` is called after every step and may raise to stop the run; ``report`` gets numbers by name now and then, and
    in a sweep how each trial does; ``save`` gets the folder of a checkpoint, which is gone afterwards; ``resume`` is
    such a folder. ``worth`` is asked after each look at held-out rows whether the run shall go on.
    """

    step: Callable[[int], None] = lambda _: None
    report: Callable[..., None] = lambda *_: None
    worth: Callable[[Progress], bool] = lambda _: True
    save: Callable[[int, Path], None] | None = None
    save_every: int = 50
    resume: Path | None = None


def resident_mb() -> float:
    """The largest memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


class _Packs(TorchDataset):
    """All packs of a run in training order. Batches are laid out here, so that each holds one way alone."""

    def __init__(self, batches: Sequence[Sequence[Pack]]) -> None:
        self._packs = [pack for batch in batches for pack in batch]

    def __len__(self) -> int:
        return len(self._packs)

    def __getitem__(self, index: int) -> Pack:
        return self._packs[index]


def drawn(settings: Settings, tokens: Tokens, rng: random.Random, batches: int) -> Iterator[list[Pack]]:
    """Batches of packs of tasks drawn by chance, from easy to hard."""
    states, functions, begin = settings.states[prompts.READING], settings.drawn_functions, settings.course_from
    for batch in range(batches):
        level = procedural.level_at(begin + (1 - begin) * batch / batches)
        shared = states * (2 if level.short else 1)
        yield [procedural.pack(tokens, level, rng, shared, functions)[0] for _ in range(settings.packs)]


def turns(share: float, steps: int) -> Iterator[bool]:
    """In which of the steps something has its turn that gets ``share`` of them, spread evenly."""
    return (int((step + 1) * share) > int(step * share) for step in range(steps))


def plan(
    settings: Settings,
    task: Task,
    packer: Packer,
    rows: Sequence[Row],
    entries: dict[str, list[Entry]],
    hard: Sequence[Row] = (),
) -> list[list[Pack]]:
    """One batch per step; the ways take turns in proportion to their share."""
    rng = random.Random(settings.seed)
    recalled = with_strays(rows, settings.stray_share, rng)
    hard_recalled = with_strays(hard, settings.stray_share, rng)
    streams = {
        way: packing.batches(
            packer,
            task,
            recalled if way == prompts.RECALL else rows,
            entries,
            way,
            settings.states[way],
            settings.packs,
            settings.sampling,
            rng,
            hard_recalled if way == prompts.RECALL else hard,
        )
        for way in settings.ways
    }
    share = settings.reading_share if len(settings.ways) > 1 else float(prompts.READING in settings.ways)
    reads = list(turns(share, settings.steps))
    new = list(turns(settings.newcomer_share, sum(reads)))
    chance = list(turns(settings.drawn_share, len(new) - sum(new)))
    joining = newcomers.batches(
        packer, rows, settings.states[prompts.READING], settings.packs, sum(new), rng, settings.course_from
    )
    by_chance = drawn(settings, packer.tokens, rng, sum(chance))
    is_new, is_drawn = iter(new), iter(chance)

    def reading() -> list[Pack]:
        if next(is_new):
            return next(joining)
        return next(by_chance) if next(is_drawn) else next(streams[prompts.READING])

    return [reading() if read else next(streams[prompts.RECALL]) for read in reads]


def with_strays(rows: Sequence[Row], share: float, rng: random.Random) -> list[Row]:
    """The rows, of which a share holds news that concern none of their candidates."""
    return [
        replace(row, view=newcomers.stray(row.view, procedural.TRAINED, rng)) if rng.random() < share else row
        for row in rows
    ]


def general_plan(settings: Settings, tokens: Tokens) -> list[list[Pack]]:
    """One batch per step, all of tasks drawn by chance."""
    return list(drawn(settings, tokens, random.Random(settings.seed), settings.steps))


def with_adapter(model: Any, settings: Settings) -> Any:
    torch.manual_seed(settings.seed)
    return adaptation.with_lora(model, settings.rank, settings.alpha)


def adapted(model: Any, settings: Settings) -> Any:
    """The model with what is to be trained of it.

    :raises SettingsError: if no student can come of it
    """
    if settings.sharded and settings.adaptation != adaptation.LORA:
        raise SettingsError("weights can be spread over GPUs for the adaptation lora only")
    student = with_adapter(model, settings)
    require_small(student)
    return adaptation.unfrozen(student.unload()) if settings.adaptation == adaptation.FULL else student


def require_small(student: Any) -> None:
    """:raises SettingsError: if the adapter, in the two bytes a number that it travels in, is more than may travel"""
    size = 2 * sum(parameter.numel() for parameter in student.parameters() if parameter.requires_grad)
    if size > package.LARGEST_ADAPTER:
        raise SettingsError(
            f"an adapter of this rank takes {size} bytes, a student may carry {package.LARGEST_ADAPTER}: lower the rank"
        )


def in_parts(packs: Sequence[Pack], parts: int) -> list[list[Pack]]:
    """The batch in so many parts, or in as many as it has states; halved by packs first, then by the packs' states."""
    found = [list(packs)]
    while len(found) < parts:
        smaller = []
        for part in found:
            middle = len(part) // 2
            smaller += [part[:middle], part[middle:]] if middle else [[half] for half in packing.halves(part[0])]
        if len(smaller) == len(found):
            break
        found = smaller
    return found


NONE, NO_MEMORY, NO_NUMBER = range(3)


@dataclass(frozen=True)
class _Trouble:
    """What stood in the way of a step, the worst last, and the words for it."""

    kind: int
    why: str


def _states(packs: Sequence[Pack]) -> int:
    return sum(len(pack.labels) for pack in packs)


class _ChoiceTrainer(Trainer):
    """The stock trainer with the set loss: cross-entropy over the scores of the candidates and none."""

    def __init__(self, *args: Any, progress: Progress, half: bool, say: Callable[[str], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._progress = progress
        self._half = half
        self._say = say

    def training_step(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> Tensor:
        """One batch, in as many parts as the memory asks for. Gradients add up to those of the whole batch.

        A step that ran out of memory leaves nothing behind: its gradients are dropped and it is taken again.
        """
        packs: list[Pack] = inputs["packs"]
        while True:
            parts = in_parts(packs, self._progress.accumulation * together.size())
            own = parts[together.rank() :: together.size()]
            if not own:
                raise SettingsError(
                    f"a batch of {_states(packs)} states can not be shared by {together.size()} processes"
                )
            loss, trouble = self._tried(model, own, _states(packs))
            worst = together.worst(trouble.kind)
            why = trouble.why or "in another process"
            if worst == NO_NUMBER:
                raise NotFiniteError(f"the loss is no number at step {self.state.global_step + 1}: {why}")
            if worst == NONE:
                self._progress.examples[packs[0].way] += _states(packs)
                self._progress.tokens += sum(len(pack.prompt) for part in parts for pack in part)
                return together.add_up(loss, model.parameters())
            model.zero_grad(set_to_none=True)
            self._progress.accumulation = self._halved(parts, why)

    def _tried(self, model: Any, parts: Sequence[Sequence[Pack]], states: int) -> tuple[Any, _Trouble]:
        """The loss of the parts of a batch of so many states, or what stood in the way."""
        try:
            loss, why = devices.shrinking(lambda: self._accumulated(model, parts, states))
        except NotFiniteError as failure:
            return None, _Trouble(NO_NUMBER, str(failure))
        if why is not None:
            return None, _Trouble(NO_MEMORY, why)
        return loss, _Trouble(NONE, "")

    def _accumulated(self, model: Any, parts: Sequence[Sequence[Pack]], states: int) -> Tensor:
        losses = [
            super(_ChoiceTrainer, self).training_step(model, {"packs": part, "share": _states(part) / states})
            for part in parts
        ]
        return torch.stack(losses).sum()

    def _halved(self, parts: Sequence[Sequence[Pack]], why: str) -> int:
        accumulation = self._progress.accumulation * 2
        if all(len(part) == 1 and len(part[0].labels) == 1 for part in parts):
            raise MemoryError(f"out of memory even with one state at a time: {why}")
        step = self.state.global_step + 1
        self._say(f"step {step}: out of memory ({why}); the batch is halved and goes through in {accumulation} parts")
        return accumulation

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> Tensor:
        packs: list[Pack] = inputs["packs"]
        with devices.half(self.args.device, self._half):
            loss = scoring.pack_loss(model, packs)
        if not torch.isfinite(loss):
            raise NotFiniteError(f"it is {loss.item()}, try a lower learning rate")
        return loss * inputs["share"]

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """What is trained alone, in full precision: the rest of what the stock trainer saves is not needed to go on."""
        folder = Path(output_dir or self.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        with durable.replacing(folder / WEIGHTS) as aside:
            save_file(adaptation.trained(self.model), aside)

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        durable.saying(lambda: super(_ChoiceTrainer, self)._save_checkpoint(*args, **kwargs), "a checkpoint")

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        adaptation.take_up(model or self.model, load_file(Path(resume_from_checkpoint) / WEIGHTS))


Check = Callable[[Any], dict[str, float]]


class _Checks(TrainerCallback):
    """Prints progress, keeps the best weights by held-out agreement, and stops when it is good enough."""

    def __init__(
        self,
        settings: Settings,
        progress: Progress,
        check: Check,
        say: Callable[[str], None],
        keep: Callable[[Any], None] | None,
        hooks: Hooks,
    ) -> None:
        self._settings, self._progress, self._check, self._say, self._keep = settings, progress, check, say, keep
        self._hooks = hooks
        self._device = devices.choose(settings.device)
        self._begun = time.monotonic()
        self._agreement: dict[str, float] = {}
        self.best: dict[str, Tensor] = {}
        self.done = False

    def go_on(self, folder: Path) -> None:
        """Takes up what a checkpoint says beyond the trainer's own state."""
        found = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
        for name, value in found["progress"].items():
            setattr(self._progress, name, value)
        self.done, self._agreement = found["done"], found["agreement"]
        self._begun = time.monotonic() - self._progress.seconds
        if (folder / BEST).is_file():
            self.best = load_file(folder / BEST)

    def on_save(self, arguments: Any, state: Any, control: Any, **_: Any) -> None:
        if self._hooks.save is None:
            return
        folder = Path(arguments.output_dir) / f"checkpoint-{state.global_step}"
        if self.best:
            with durable.replacing(folder / BEST) as aside:
                save_file(self.best, aside)
        self._progress.seconds = time.monotonic() - self._begun
        found = {"progress": asdict(self._progress), "done": self.done, "agreement": self._agreement}
        durable.write_text(folder / PROGRESS, json.dumps(found))
        self._hooks.save(state.global_step, folder)

    def on_log(self, _: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **__: Any) -> None:
        if logs and "loss" in logs:
            seconds = time.monotonic() - self._begun
            step, rate = f"step {state.global_step}/{state.max_steps}", self._progress.tokens / seconds
            self._say(f"{step} loss {float(logs['loss']):.3f} {seconds:.0f} s {rate:.0f} tokens/s")
            self._report(state, seconds, {"loss": float(logs["loss"]), "tokensPerSecond": round(rate, 1)})

    def _report(self, state: Any, seconds: float, found: dict[str, float]) -> None:
        found = found | self._agreement | {"memoryMb": round(resident_mb(), 1)} | devices.memory_mb(self._device)
        found["accumulation"] = self._progress.accumulation
        finite = {name: value for name, value in found.items() if math.isfinite(value)}
        self._hooks.report(state.global_step, state.max_steps, round(seconds, 3), finite)

    def on_step_end(self, _: Any, state: Any, control: Any, model: Any = None, **__: Any) -> Any:
        self._progress.steps = state.global_step
        self._hooks.step(state.global_step)
        last = state.global_step >= state.max_steps
        if state.global_step % self._settings.check_every and not last:
            return control
        # All look, because all must hold the model's parts where it is sharded; one figure counts.
        seen = self._check(model)
        found = together.once(lambda: seen)
        mean = sum(found.values()) / len(found)
        self._agreement = {"agreement": round(mean, 4)}
        self._progress.curve.append([state.global_step, mean])
        self._say(f"step {state.global_step} held out: " + ", ".join(f"{k} {v:.3f}" for k, v in sorted(found.items())))
        if mean >= self._progress.best:
            self._progress.best, self._progress.best_step = mean, state.global_step
            self.best = adaptation.trained(model)
            if self._keep:
                self._keep(model)
        if not self._hooks.worth(self._progress) or min(found.values()) >= self._settings.enough:
            control.should_training_stop = True
        self.done = last or control.should_training_stop
        self._report(state, time.monotonic() - self._begun, {})
        return control


def checker(settings: Settings, packer: Packer, held_out: Sequence[Row]) -> Check:
    """Agreement on a sample of held-out rows, by way and stage."""
    checked = evaluation.sample(held_out, settings.check_rows, settings.seed)
    asked = {way: judged_by(settings, way, checked, settings.seed) for way in settings.ways}
    return lambda current: {
        f"{way} {stage}": value
        for way, rows in asked.items()
        for stage, value in evaluation.agreements(evaluation.score(current, packer, way, rows, settings.half)).items()
    }


def judged_by(settings: Settings, way: str, rows: Sequence[Row], seed: int) -> list[Row]:
    """What a way is judged on: the rows, or what the student reads in them: new functions, its own in other words."""
    if way == prompts.READING and settings.newcomer_share:
        if not settings.sampling.other_words:
            return newcomers.sample(rows, seed)
        return newcomers.sample(rows[::2], seed) + rewording.sample(rows[1::2], seed)
    return with_strays(rows, settings.stray_share, random.Random(seed)) if way == prompts.RECALL else list(rows)


def train(
    model: Any,
    batches: Sequence[Sequence[Pack]],
    check: Check,
    settings: Settings,
    scratch: str,
    say: Callable[[str], None] = print,
    start: dict[str, Tensor] | None = None,
    keep: Callable[[Any], None] | None = None,
    hooks: Hooks | None = None,
) -> tuple[Any, Progress]:
    """Trains what is to be adapted of ``model``, a step per batch, and leaves it where ``check`` found most agreement.

    ``start`` is an adapter to go on from; ``keep`` is called whenever the student got better. A run that goes on from a
    checkpoint ends as one that was never stopped, bit by bit on a CPU.
    """
    hooks = hooks or Hooks()
    device = devices.choose(settings.device)
    devices.prepare(device)
    if device == devices.CPU and (hint := devices.allocator_hint()):
        say(hint)
    if settings.gradient_checkpointing:
        # Renamed in transformers; what is pinned for the oldest Python may know the other name only.
        enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        enable({"use_reentrant": False})
    student = adapted(model, settings)
    if start:
        adaptation.begin_with(student, start, settings.alpha)
    if settings.sharded:
        together.shard(student.to(device), scoring.decoder(student).layers)
    progress = Progress()
    checks = _Checks(settings, progress, check, say, keep, hooks)
    arguments = TrainingArguments(
        output_dir=scratch,
        per_device_train_batch_size=settings.packs,
        num_train_epochs=1,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=settings.warm_up,
        weight_decay=0.0,
        max_grad_norm=1.0,
        seed=settings.seed,
        logging_steps=10,
        save_strategy="steps" if hooks.save else "no",
        save_steps=hooks.save_every,
        save_total_limit=1,
        report_to="none",
        disable_tqdm=True,
        use_cpu=device == devices.CPU,
        remove_unused_columns=False,
        train_sampling_strategy="sequential",
    )
    if device == devices.CUDA:
        devices.use_one_gpu(arguments)
    trainer = _ChoiceTrainer(
        model=student,
        args=arguments,
        train_dataset=_Packs(batches),
        data_collator=lambda packs: {"packs": packs},
        callbacks=[checks],
        progress=progress,
        half=settings.half,
        say=say,
    )
    if hooks.resume:
        checks.go_on(hooks.resume)
    begun = time.monotonic() - progress.seconds
    if not checks.done:
        trainer.train(resume_from_checkpoint=str(hooks.resume) if hooks.resume else None)
    progress.seconds = time.monotonic() - begun
    adaptation.take_up(student, checks.best)
    return student, progress
