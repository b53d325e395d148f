"""Students as whole packages: distilled, untuned, and loaded again."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from ld_worker import (
    activations,
    adaptation,
    base,
    devices,
    durable,
    evaluation,
    newcomers,
    package,
    procedural,
    prompts,
    sweeping,
    together,
    training,
)
from ld_worker.packing import Pack, Packer
from ld_worker.prompts import Prompt
from ld_worker.trajectories import Dataset, Row, Task, TrajectoryError, catalogue, split

WATCHED_ROWS = 24
HARD_LOOK = 4000
"""rows of a stage among which hard ones are looked for"""
LD = "ld"
"""Logic Distillation: the rows say which function the teacher chose."""
KD = "kd"
"""Plain distillation, to compare with: the functions of the task are its outputs, and the rows say which one the
teacher's function answered. Everything else is the same: views, prompt, loss, LoRA."""


@dataclass(frozen=True)
class Order:
    """What to distil, from what, and where to put it."""

    name: str
    task: Task
    dataset: Dataset
    base_path: Path
    out: Path
    settings: training.Settings
    judged_on: Dataset | None = None
    start: Path | None = None
    held_out: float = 0.1
    judged_rows: int = 200
    method: str = LD
    hooks: training.Hooks = field(default_factory=training.Hooks)
    sweep: sweeping.Sweep | None = None
    ordered_by: dict[str, Any] | None = None
    base_name: str = base.NAME


def watched(packer: Packer, rows: Sequence[Row], seed: int) -> list[Prompt]:
    """Prompts of both ways, over which activation maxima are recorded; what is read are strangers too."""
    chosen = evaluation.sample(rows, WATCHED_ROWS, seed)
    asked = {prompts.RECALL: chosen, prompts.READING: [*chosen, *newcomers.sample(chosen, seed)]}
    return [pack.prompt for way, found in asked.items() for pack, _ in packer.as_recorded(way, found, 4)]


def save_adapter(student: Any, folder: Path, base_name: str = base.NAME) -> None:
    """The adapter in fp16 under PEFT's names; the model keeps the rounded values, which are the ones that travel."""
    adaptation.take_up(student, keep_adapter(student, folder, base_name))


def keep_adapter(student: Any, folder: Path, base_name: str = base.NAME) -> dict[str, Tensor]:
    """The same of a student that is trained further, which keeps its own values. Answers the rounded ones."""
    rounded = {name: value.half() for name, value in adaptation.trained(student).items()}
    with durable.replacing(folder / package.ADAPTER) as aside:
        save_file(rounded, aside)
    config = student.peft_config["default"]
    config.base_model_name_or_path = base_name
    config.inference_mode = True
    durable.saying(lambda: config.save_pretrained(folder), package.ADAPTER_CONFIG)
    for path in (folder / package.ADAPTER, folder / package.ADAPTER_CONFIG):
        path.chmod(0o644)
    return rounded


def save_activations(model: Any, prompts: Sequence[Prompt], folder: Path) -> None:
    with durable.replacing(folder / package.ACTIVATIONS) as aside:
        save_file(activations.record(model, prompts), aside)
    (folder / package.ACTIVATIONS).chmod(0o644)


def load(folder: Path, base_path: Path) -> Any:
    """The base model with the student's adapter merged into it, in fp32."""
    manifest = package.read_manifest(folder)
    if manifest["base"]["sha256"] != base.sha256(base_path):
        raise ValueError(f"student {manifest['name']} was trained on another base model than {base_path.name}")
    model = base.model(base_path)
    if manifest["files"]["adapter"] is None:
        return model
    lora = manifest["lora"]
    student = adaptation.with_lora(model, lora["rank"], lora["alpha"])
    adaptation.take_up(student, load_file(folder / manifest["files"]["adapter"]["path"]))
    return student.merge_and_unload().eval()


def untuned(
    task: Task, rows: Sequence[Row], base_path: Path, out: Path, name: str = "untuned", base_name: str = base.NAME
) -> Path:
    """The base model as a student of its own, so that it is served by the same engine."""
    out.mkdir(parents=True, exist_ok=True)
    packer = Packer(task, base.tokens_of(base.tokenizer(base_path)))
    save_activations(base.model(base_path), watched(packer, rows, 0), out)
    student = package.Student(name=name, task=task.name, method="untuned", preferred_way="reading")
    return package.write_manifest(out, student, base_path, base_name)


def distil(order: Order, say: Callable[[str], None] = print) -> Path | None:
    """Trains, judges and packages a student; answers its manifest.

    Of processes that train together the first alone judges and packages; the others answer nothing.
    """
    order.out.mkdir(parents=True, exist_ok=True)
    packer = Packer(order.task, base.tokens_of(base.tokenizer(order.base_path)))
    rows, held_out = split(order.dataset.rows, order.held_out, order.settings.seed)
    say(f"{len(rows)} rows to train on, {len(held_out)} held out")
    hard = together.once(lambda: hard_rows(order, packer, rows, say)) if order.settings.sampling.hard else []

    keeps = not together.rank() and order.settings.adaptation != adaptation.FULL

    def run(settings: training.Settings, hooks: training.Hooks) -> tuple[Any, training.Progress]:
        # Each trial has a folder of its own: the trainer keeps the checkpoint with the highest number there.
        with tempfile.TemporaryDirectory(prefix="run-", dir=order.out) as scratch:
            return training.train(
                _base_to_train(order),
                training.plan(settings, order.task, packer, rows, catalogue(rows), hard),
                training.checker(settings, packer, held_out),
                settings,
                scratch=scratch,
                say=say,
                start=load_file(order.start / package.ADAPTER) if order.start else None,
                keep=(lambda better: keep_adapter(better, order.out, order.base_name)) if keeps else None,
                hooks=hooks,
            )

    record = None
    if order.sweep is None:
        trained, progress = run(order.settings, order.hooks)
        values = adaptation.trained(trained)
    else:
        found = sweeping.Sweeping(order.sweep, order.settings, order.hooks, say).run(run)
        order, progress, record = replace(order, settings=found.settings), found.progress, found.record
        trained, values = None, found.trained
    if together.rank():
        return None
    kept = None
    if trained is None or order.settings.sharded or order.settings.adaptation != adaptation.LORA:
        trained, kept = _with_what_was_learned(order, values, say)
    save_adapter(trained, order.out, order.base_name)
    merged = trained.merge_and_unload().eval()
    save_activations(merged, watched(packer, rows, order.settings.seed), order.out)
    return finish(order, merged, packer, rows, held_out, progress, say, swept=record, kept=kept)


def _base_to_train(order: Order) -> Any:
    adaptation.require_possible(order.settings.adaptation)
    if order.settings.adaptation == adaptation.QLORA:
        return base.in_four_bits(order.base_path, devices.choose(order.settings.device))
    return base.model(order.base_path)


def _with_what_was_learned(
    order: Order, values: Mapping[str, Tensor], say: Callable[[str], None]
) -> tuple[Any, float | None]:
    """The base model as it is, with the adapter, or with that to which the change of its weights was cut down.

    Answers the share of the change that the cut kept too, where there was one.
    """
    model, kept, settings = base.model(order.base_path), None, order.settings
    if settings.adaptation == adaptation.FULL:
        before = {name: value for name, value in model.named_parameters() if name in values}
        values, kept = adaptation.cut(before, values, settings.rank, settings.alpha)
        say(f"the change of the weights was cut to rank {settings.rank}, which keeps {kept:.3f} of its squares")
    student = training.with_adapter(model, settings)
    adaptation.take_up(student, values)
    # One whose weights were spread fits no single GPU.
    return student if settings.sharded else student.to(devices.choose(settings.device)), kept


def hard_rows(order: Order, packer: Packer, rows: Sequence[Row], say: Callable[[str], None]) -> list[Row]:
    """The training rows, of a sample of them, on which the student to go on from is wrong or unsure."""
    if order.start is None:
        raise TrajectoryError("rows are hard for a student: say which one to go on from, or ask for no hard ones")
    way = order.settings.ways[0]
    looked_at = evaluation.sample(rows, HARD_LOOK, order.settings.seed)
    model = load(order.start, order.base_path)
    found = evaluation.hard(evaluation.score(model, packer, way, looked_at, order.settings.half))
    say(f"{len(found)} of {len(looked_at)} rows are hard for the student that this one goes on from")
    return found


def record_anew(folder: Path, task: Task, rows: Sequence[Row], base_path: Path) -> Path:
    """Records a packaged student's activation maxima once more; it is another student to the platform then."""
    manifest = package.read_manifest(folder)
    packer = _packer_of(manifest, task, base_path)
    save_activations(load(folder, base_path), watched(packer, rows, 0), folder)
    return package.replace_activations(folder, manifest)


def _packer_of(manifest: Mapping[str, Any], task: Task, base_path: Path) -> Packer:
    """Lays prompts out as a packaged student was trained on them."""
    return Packer(task, base.tokens_of(base.tokenizer(base_path)), manifest["prompt"]["longestEntry"])


GENERAL = "general"


def general(
    name: str,
    base_path: Path,
    out: Path,
    settings: training.Settings,
    start: Path | None = None,
    judged_rows: int = 400,
    say: Callable[[str], None] = print,
    base_name: str = base.NAME,
) -> Path:
    """Trains, judges and packages a student of no task: it reads conditions. Answers its manifest.

    It is judged on words that its training left out, and on kinds of conditions that its training left out too.
    """
    out.mkdir(parents=True, exist_ok=True)
    tokens = base.tokens_of(base.tokenizer(base_path))

    def sample(level: procedural.Level, seed: int, rows: int) -> list[tuple[Pack, list[Row]]]:
        rng = random.Random(seed)
        return [procedural.pack(tokens, level, rng, 4, settings.drawn_functions) for _ in range(rows // 4)]

    checked = sample(procedural.OTHER_WORDS, settings.seed + 1, settings.check_rows)
    trained, progress = training.train(
        base.model(base_path),
        training.general_plan(settings, tokens),
        lambda model: evaluation.agreements(evaluation.score_packs(model, checked, settings.half)),
        settings,
        scratch=str(out),
        say=say,
        start=load_file(start / package.ADAPTER) if start else None,
        keep=lambda better: keep_adapter(better, out, base_name),
    )
    save_adapter(trained, out, base_name)
    merged = trained.merge_and_unload().eval()
    watched_packs = sample(procedural.TRAINING, settings.seed + 2, WATCHED_ROWS * 2)
    save_activations(merged, [pack.prompt for pack, _ in watched_packs], out)

    def scored(level: procedural.Level, seed: int) -> list[evaluation.Scored]:
        return evaluation.score_packs(merged, sample(level, seed, judged_rows), settings.half)

    fitted = scored(procedural.OTHER_WORDS, settings.seed + 3)
    results = {
        "words": evaluation.calibrate(fitted, scored(procedural.OTHER_WORDS, settings.seed + 4))[procedural.STAGE],
        "kinds": evaluation.calibrate(fitted, scored(procedural.OTHER_KINDS, settings.seed + 5))[procedural.STAGE],
    }
    for left_out, found in results.items():
        error = found.expected_calibration_error
        say(f"{left_out} left out of training: agreement {found.agreement:.3f}, calibration error {error:.3f}")
    record = training_record(settings, progress, [prompts.READING]) | {
        "startedFrom": started_from(start),
        "leftOut": {
            left_out: {"agreement": round(found.agreement, 4), "rows": found.rows}
            for left_out, found in results.items()
        },
    }
    student = package.Student(
        name=name,
        task=GENERAL,
        method=GENERAL,
        preferred_way=prompts.READING,
        lora={"rank": settings.rank, "alpha": settings.alpha},
        training=record,
        results={prompts.READING: {procedural.STAGE: results["words"]}},
    )
    return package.write_manifest(out, student, base_path, base_name)


def training_record(settings: training.Settings, progress: training.Progress, ways: Sequence[str]) -> dict[str, Any]:
    """What a manifest says of a run, whatever it was trained on."""
    return {
        "seed": settings.seed,
        "steps": progress.steps,
        "bestStep": progress.best_step,
        "examples": {way: progress.examples[way] for way in ways},
        "learningRate": settings.learning_rate,
        "courseFrom": settings.course_from,
        "batchSize": {way: settings.packs * settings.states[way] for way in ways},
        "versions": package.versions(),
        "tokens": progress.tokens,
        "seconds": round(progress.seconds, 1),
        "machine": package.machine(),
        "device": devices.name(devices.choose(settings.device)),
        "precision": devices.precision(devices.choose(settings.device), settings.half),
        "accumulation": progress.accumulation,
        "gradientCheckpointing": settings.gradient_checkpointing,
        "adaptation": settings.adaptation,
    } | ({"processes": together.size(), "sharded": settings.sharded} if together.size() > 1 else {})


def judge(
    order: Order, model: Any, packer: Packer, held_out: Sequence[Row], say: Callable[[str], None]
) -> dict[str, dict[str, package.StageResult]]:
    """Calibration from the held-out rows; figures from the rows to judge on, the held-out ones where none are given."""
    settings = order.settings
    seed, half = settings.seed, settings.half
    fitted_on = evaluation.sample(held_out, order.judged_rows // 2, seed)
    judged_on = evaluation.spread(order.judged_on.rows if order.judged_on else held_out, order.judged_rows)
    results = {}
    for way in settings.ways:
        fitted = evaluation.score(model, packer, way, training.judged_by(settings, way, fitted_on, seed + 1), half)
        judged = evaluation.score(model, packer, way, training.judged_by(settings, way, judged_on, seed + 2), half)
        results[way] = evaluation.calibrate(fitted, judged)
        for stage, found in results[way].items():
            error = found.expected_calibration_error
            say(f"{way} {stage}: agreement {found.agreement:.3f} over {found.rows} rows, calibration error {error:.3f}")
    return results


def joining(
    model: Any, packer: Packer, rows: Sequence[Row], most: int, seed: int, half: bool
) -> dict[str, dict[str, float]]:
    """The calibration of functions that join known ones, on at most so many held-out rows a stage."""
    asked = newcomers.sample(evaluation.sample(rows, most, seed), seed + 1)
    return evaluation.joining(evaluation.score(model, packer, prompts.READING, asked, half), newcomers.FITS)


def join_anew(
    folder: Path,
    task: Task,
    rows: Sequence[Row],
    base_path: Path,
    most: int = 200,
    seed: int = 7,
    as_recorded: bool = False,
) -> Path:
    """Fits a packaged student's calibration of functions that join anew; it is another student to the platform then.

    :param rows: of episodes that the student was not trained on
    :param as_recorded: whether the rows have such functions among their candidates, as a teacher decided on them; else
        such functions are drawn
    """
    manifest = package.read_manifest(folder)
    packer = _packer_of(manifest, task, base_path)
    model = load(folder, base_path)
    if not as_recorded:
        return package.replace_joining(folder, manifest, joining(model, packer, rows, most, seed, half=False))
    asked = evaluation.sample(newcomers.recorded(rows, frozenset(manifest["knownEntries"])), most, seed)
    if not asked:
        raise TrajectoryError("no row has a candidate that is new to the student; collect decisions with one pinned")
    found = evaluation.joining(evaluation.score(model, packer, prompts.READING, asked, half=False))
    return package.replace_joining(folder, manifest, found)


def started_from(folder: Path | None) -> dict[str, Any] | None:
    """The lineage of a student that goes on from another: the other's adapter, and how that one was trained.

    A run that was cut off leaves an adapter without a manifest; one can go on from there too.
    """
    if folder is None:
        return None
    known = package.read_manifest(folder)["training"] if (folder / package.MANIFEST).is_file() else None
    return {"adapter": base.sha256(folder / package.ADAPTER), "training": known}


def preferred_way(settings: training.Settings, results: Mapping[str, Mapping[str, package.StageResult]]) -> str:
    """Recall for a student that practised reading on new functions alone: its two figures are not of the same rows."""
    if settings.newcomer_share and prompts.RECALL in results:
        return prompts.RECALL
    return evaluation.preferred(results)


def finish(
    order: Order,
    merged: Any,
    packer: Packer,
    rows: Sequence[Row],
    held_out: Sequence[Row],
    progress: training.Progress,
    say: Callable[[str], None],
    swept: Mapping[str, Any] | None = None,
    kept: float | None = None,
) -> Path:
    """Judges a trained student and writes the manifest beside its adapter and activations.

    :param swept: the trials of the sweep that it won
    :param kept: the share of the weights' change that is left in the adapter, where it was cut down to one
    """
    results = judge(order, merged, packer, held_out, say)
    settings, dataset = order.settings, order.dataset
    record = training_record(settings, progress, settings.ways) | {
        "rows": len(rows),
        "epochs": round(max(progress.examples[way] for way in settings.ways) / len(rows), 3),
        "readingShare": settings.reading_share,
        "drawnShare": settings.drawn_share,
        "newcomerShare": settings.newcomer_share,
        "otherWordsShare": settings.sampling.other_words,
        "strayShare": settings.stray_share,
        "hardShare": settings.sampling.hard,
        "recordedShare": settings.sampling.recorded,
        "fewerShare": settings.sampling.fewer,
        "noneShare": settings.sampling.none,
        "dataset": {"sha256": dataset.sha256, "rows": len(dataset.rows), "episodes": dataset.episodes},
        "judgedOn": {"sha256": order.judged_on.sha256, "episodes": order.judged_on.episodes}
        if order.judged_on
        else None,
        "startedFrom": started_from(order.start),
        "snapshot": dataset.snapshot,
    }
    if kept is not None:
        record["kept"] = round(kept, 4)
    if swept:
        record["sweep"] = swept
    if order.ordered_by:
        record["job"] = order.ordered_by
    student = package.Student(
        name=order.name,
        task=order.task.name,
        method=order.method,
        preferred_way=preferred_way(settings, results),
        known_entries=[entry.digest(stage) for stage, found in catalogue(rows).items() for entry in found],
        lora={"rank": settings.rank, "alpha": settings.alpha},
        training=record,
        results=results,
        joining=joining(merged, packer, held_out, order.judged_rows // 2, settings.seed, settings.half)
        if settings.newcomer_share and prompts.READING in settings.ways
        else {},
    )
    return package.write_manifest(order.out, student, order.base_path, order.base_name)
