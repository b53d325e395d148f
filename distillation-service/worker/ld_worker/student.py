"""Students as whole packages: distilled, untuned, and loaded again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save_file

from ld_worker import activations, base, evaluation, package, training
from ld_worker.packing import Packer
from ld_worker.prompts import Prompt
from ld_worker.trajectories import Dataset, Row, Task, catalogue, split

WATCHED_ROWS = 24


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
    held_out: float = 0.1
    judged_rows: int = 200


def watched(packer: Packer, rows: Sequence[Row], seed: int) -> list[Prompt]:
    """Prompts of both ways, over which activation maxima are recorded."""
    chosen = evaluation.sample(rows, WATCHED_ROWS, seed)
    return [pack.prompt for way in ("recall", "reading") for pack, _ in packer.as_recorded(way, chosen, 4)]


def save_adapter(student: Any, folder: Path) -> None:
    """The adapter in fp16 under PEFT's names; the model keeps the rounded values, which are the ones that travel."""
    rounded = {name: value.half().contiguous() for name, value in get_peft_model_state_dict(student).items()}
    save_file(rounded, folder / package.ADAPTER)
    set_peft_model_state_dict(student, {name: value.float() for name, value in rounded.items()})
    config = student.peft_config["default"]
    config.base_model_name_or_path = base.NAME
    config.inference_mode = True
    config.save_pretrained(folder)
    for path in (folder / package.ADAPTER, folder / package.ADAPTER_CONFIG):
        path.chmod(0o644)


def save_activations(model: Any, prompts: Sequence[Prompt], folder: Path) -> None:
    save_file(activations.record(model, prompts), folder / package.ACTIVATIONS)
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
    config = LoraConfig(r=lora["rank"], lora_alpha=lora["alpha"], target_modules=list(training.PROJECTIONS))
    student = get_peft_model(model, config)
    saved = load_file(folder / manifest["files"]["adapter"]["path"])
    set_peft_model_state_dict(student, {name: value.float() for name, value in saved.items()})
    return student.merge_and_unload().eval()


def untuned(task: Task, rows: Sequence[Row], base_path: Path, out: Path, name: str = "untuned") -> Path:
    """The base model as a student of its own, so that it is served by the same engine."""
    out.mkdir(parents=True, exist_ok=True)
    packer = Packer(task, base.tokens_of(base.tokenizer(base_path)))
    save_activations(base.model(base_path), watched(packer, rows, 0), out)
    student = package.Student(name=name, task=task.name, method="untuned", preferred_way="reading")
    return package.write_manifest(out, student, base_path)


def distil(order: Order, say: Callable[[str], None] = print) -> Path:
    """Trains, judges and packages a student; answers its manifest."""
    begun = time.monotonic()
    settings = order.settings
    order.out.mkdir(parents=True, exist_ok=True)
    packer = Packer(order.task, base.tokens_of(base.tokenizer(order.base_path)))
    rows, kept_back = split(order.dataset.rows, order.held_out, settings.seed)
    entries = catalogue(rows)
    say(f"{len(rows)} rows to train on, {len(kept_back)} held out")
    model = base.model(order.base_path)
    trained, progress = training.train(model, order.task, packer, rows, kept_back, entries, settings, str(order.out), say)
    save_adapter(trained, order.out)
    merged = trained.merge_and_unload().eval()
    save_activations(merged, watched(packer, rows, settings.seed), order.out)
    fitted_on = evaluation.sample(kept_back, order.judged_rows // 2, settings.seed)
    judged_on = evaluation.sample(
        order.judged_on.rows if order.judged_on else kept_back, order.judged_rows, settings.seed
    )
    results = {}
    for way in settings.ways:
        fitted = evaluation.score(merged, packer, way, fitted_on, settings.half)
        judged = evaluation.score(merged, packer, way, judged_on, settings.half)
        results[way] = evaluation.calibrate(fitted, judged)
        for stage, found in results[way].items():
            say(f"{way} {stage}: agreement {found.agreement:.3f} over {found.rows} rows, {found}")
    dataset = order.dataset
    seen = {way: round(count / len(rows), 3) for way, count in progress.examples.items() if way in settings.ways}
    student = package.Student(
        name=order.name,
        task=order.task.name,
        method="ld",
        preferred_way=evaluation.preferred(results),
        known_entries=[entry.digest(stage) for stage, found in entries.items() for entry in found],
        lora={"rank": settings.rank, "alpha": settings.alpha},
        training={
            "seed": settings.seed,
            "rows": len(rows),
            "epochs": max(seen.values()),
            "epochsByWay": seen,
            "steps": progress.steps,
            "bestStep": progress.best_step,
            "examples": {way: progress.examples[way] for way in settings.ways},
            "learningRate": settings.learning_rate,
            "batchSize": {way: settings.packs * settings.states[way] for way in settings.ways},
            "dataset": {"sha256": dataset.sha256, "rows": len(dataset.rows), "episodes": dataset.episodes},
            "judgedOn": {"sha256": (order.judged_on or dataset).sha256, "rows": len(judged_on)},
            "snapshot": dataset.snapshot,
            "versions": package.versions(),
            "tokens": progress.tokens,
            "seconds": round(progress.seconds, 1),
            "secondsInAll": round(time.monotonic() - begun, 1),
            "machine": package.machine(),
        },
        results=results,
    )
    return package.write_manifest(order.out, student, order.base_path)
