"""Golden files: prompts and fp32 scores that the inference engine's tests are held to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ld_worker import base, calibration, evaluation, package, prompts, scoring, student
from ld_worker.packing import Packer
from ld_worker.prompts import Entry, Prompt, Tokens
from ld_worker.trajectories import Row, Task

TEXTS = (
    "Hello world, a 12x12 grid.\n",
    " cut",
    "- cut: use it when the target runs\n",
    "Fits now:",
    "\nAnswer:",
    "two  spaces\tand a tab\n\nand a blank line",
    "don't, won't; it's 3.14 (or 1,024)",
    "naïve café, 東京 ☕",
    "a special token as text: <|im_start|>user",
)

RULES = (
    "Two chasers hunt one target on a grid of 12 by 12 cells. A chaser moves one cell a turn, up, down, left or right, "
    "or stays. The target is caught when both chasers stand beside it."
)

CASES: tuple[tuple[str, str, str, tuple[Entry, ...]], ...] = (
    (
        "three candidates",
        "Choose how this chaser approaches the target.",
        "The target is four cells away, the larger gap is along the row, the target stands at a wall.",
        (
            Entry("flank", "flank", "Go round to the other side when the partner already holds the near one."),
            Entry(
                "cut_off",
                "cut",
                "Step into the cell the target would flee to; use it when the target stands at a wall.",
            ),
            Entry("close_in", "close", "Close the larger gap first; use it when the target is far away in the open."),
        ),
    ),
    (
        "six candidates, one of them longer than an entry may be",
        "Choose which target to hunt.",
        "Two targets. The first is near and moving, the second is far and trapped in a corner. "
        "Bob's partner hunts the first.",
        (
            Entry("nearest", "near", "Hunt the target with the fewest steps to it."),
            Entry("weakest", "weak", "Hunt the target with the fewest ways out, for example one in a corner."),
            Entry(
                "shared", "same", "Hunt the target that the partner hunts, so that both chasers stand beside it soon."
            ),
            Entry("keep", "keep", "Stay with the target hunted so far unless it has come out of reach."),
            Entry(
                "split",
                "split",
                "Hunt the target that the partner does not hunt. " + "Two targets make two hunts. " * 12,
            ),
            Entry("far_first", "far", "Hunt the farthest target while nobody is near the others."),
        ),
    ),
)


def _layout(prompt: Prompt) -> dict[str, Any]:
    return {
        "ids": prompt.ids,
        "positions": prompt.positions,
        "segments": prompt.segments,
        "sees": [sorted(others) for others in prompt.sees],
        "scoredPositions": prompt.scored[0],
    }


def scores(model: Any, prompt: Prompt, wanted: Sequence[int]) -> torch.Tensor:
    """[scored positions, wanted tokens] of one prompt, fp32, nothing cached."""
    with torch.inference_mode():
        hidden = scoring.hidden_at_scored(model, scoring.collate([prompt]))
        return scoring.logits(hidden, scoring.head(model), wanted)


def case(
    model: Any, tokens: Tokens, name: str, instruction: str, view: str, entries: Sequence[Entry]
) -> dict[str, Any]:
    prefix = prompts.prefix_text(RULES, instruction)
    by_recall = prompts.recall(tokens, prefix, entries, [view])
    recall_tokens = prompts.recall_tokens(tokens, entries)
    by_reading = prompts.reading(tokens, prefix, [(view, entries)])
    reading_tokens = prompts.reading_tokens(tokens)
    recall_logits = scores(model, by_recall, recall_tokens)[0]
    reading_logits = scores(model, by_reading, reading_tokens)
    margins = reading_logits[:, 0] - reading_logits[:, 1]
    return {
        "name": name,
        "rules": RULES,
        "instruction": instruction,
        "prefixText": prefix,
        "prefixIds": tokens(prefix),
        "view": view,
        "entries": [{"name": e.name, "handle": e.handle, "manual": e.manual} for e in entries],
        "canonicalOrder": [e.handle for e in prompts.canonical(entries)],
        "recall": {
            **_layout(by_recall),
            "scoredTokens": recall_tokens,
            "logits": recall_logits.tolist(),
            "probabilities": recall_logits.softmax(0).tolist(),
        },
        "reading": {
            **_layout(by_reading),
            "scoredTokens": reading_tokens,
            "logits": reading_logits.tolist(),
            "margins": margins.tolist(),
            "probabilities": torch.cat([margins, torch.zeros(1)]).softmax(0).tolist(),
        },
    }


def untuned(path: Path) -> dict[str, Any]:
    """The golden file of the untuned base model."""
    built = base.tokenizer(path)
    tokens = base.tokens_of(built)
    model = base.model(path)
    return {
        "format": prompts.FORMAT,
        "note": (
            "A token sees a token at or before its own index whose segment is listed in sees[own segment]. "
            "Probabilities are at temperature 1, in canonical order, none last."
        ),
        "base": {"name": base.NAME, "file": path.name, "sha256": base.sha256(path)},
        "longestEntry": prompts.LONGEST_ENTRY,
        "texts": [{"text": text, "ids": tokens(text)} for text in TEXTS],
        "cases": [case(model, tokens, *given) for given in CASES],
    }


def student_rows(folder: Path, base_path: Path, task: Task, rows: Sequence[Row], ways: Sequence[str]) -> dict[str, Any]:
    """The golden file of a student: its fp32 scores on recorded states, for measuring what an engine loses."""
    manifest = package.read_manifest(folder)
    packer = Packer(task, base.tokens_of(base.tokenizer(base_path)), manifest["prompt"]["longestEntry"])
    model = student.load(folder, base_path)
    found = []
    for way in ways:
        temperatures = manifest["calibration"].get(way, {})
        for one in evaluation.score(model, packer, way, rows, half=False):
            temperature = temperatures.get(one.row.stage, {}).get("temperature", 1.0)
            best = max(range(len(one.scores)), key=one.scores.__getitem__)
            names = [e.name for e in one.candidates]
            found.append(
                {
                    "stage": one.row.stage,
                    "way": way,
                    "view": one.row.view,
                    "candidates": [{"name": e.name, "handle": e.handle, "manual": e.manual} for e in one.candidates],
                    "scores": one.scores,
                    "probabilities": calibration.probabilities(one.scores, temperature).tolist(),
                    "choice": [*names, None][best],
                    "teacher": one.row.chosen,
                }
            )
    return {
        "format": prompts.FORMAT,
        "note": "Candidates in canonical order; scores and probabilities name them in this order, none last.",
        "student": {"name": manifest["name"], "manifest": base.sha256(folder / package.MANIFEST)},
        "base": manifest["base"],
        "rules": task.rules,
        "instructions": {stage.name: stage.instruction for stage in task.stages},
        "rows": found,
    }
