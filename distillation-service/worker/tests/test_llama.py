"""The bundled student of pursuit in a real llama.cpp, beside the worker's own fp32 scores of the same prompts.

Both read the weights of the base model from the same Q4_1 file. llama.cpp rounds what it multiplies them with to eight
bits as well, so the scores differ a little, with an adapter or without (docs/measurements.md).
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ld_worker import base, export, golden, prompts, student, trajectories
from ld_worker.prompts import Entry, Prompt, Tokens

pytestmark = pytest.mark.llama

PURSUIT = Path(__file__).resolve().parents[3] / "experiments" / "pursuit"
STUDENT = PURSUIT / "students" / "pursuit-ld"
PYTHON = "PLATFORM_LLAMA_PYTHON"
VIEWS = 2
"""of each stage"""
TYPICALLY, FARTHEST = 0.5, 2.0
"""Bounds of the mean and of the largest difference. Seen were 0.21 and 1.3, and a mean of 6.8 or 3.6 where wrong."""
CLEARLY = 4
"""times the bound is how far off the mean must be where something is wrong"""


@dataclass(frozen=True)
class Asked:
    """A prompt as a completion server gets it, and the worker's logits of these tokens after it."""

    ids: list[int]
    tokens: list[int]
    wanted: list[float]


def catalogue() -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for one in json.loads((PURSUIT / "pack" / "functions.json").read_text(encoding="utf-8")):
        found.setdefault(one["stage"], []).append(Entry(one["name"], one["handle"], one["manual"]))
    return found


def views() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with gzip.open(PURSUIT / "rows.ndjson.gz", "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            seen = found.setdefault(one["stage"], [])
            if one["view"] not in seen and len(seen) < VIEWS:
                seen.append(one["view"])
    return found


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    """Prompts of some views: every entry alone, for yes or no, and all in a row, for a handle.

    The first are what servers of a student get (the worker scores all entries of a view in one prompt). The second are
    no prompts of ours, but handles are what this student was trained most on.
    """
    base_path = base.locate()
    task = trajectories.read_task(PURSUIT / "pack" / "task.json")
    tokens = base.tokens_of(base.tokenizer(base_path))
    model, found = student.load(STUDENT, base_path), []
    for stage, shown in views().items():
        entries, prefix = prompts.canonical(catalogue()[stage]), task.prefix(stage)
        said, handles = prompts.reading_tokens(tokens), prompts.recall_tokens(tokens, entries)
        for view in shown:
            together = prompts.reading(tokens, prefix, [(view, entries)])
            for entry, wanted in zip(entries, golden.scores(model, together, said).tolist(), strict=True):
                ids = joined(tokens, prefix, prompts.reading_view(view), prompts.reading_entry(entry))
                found.append(Asked(ids, said, wanted))
            ids = joined(tokens, prefix, *map(prompts.recall_entry, entries), prompts.recall_tail(view))
            found.append(Asked(ids, handles, golden.scores(model, in_a_row(ids), handles)[0].tolist()))
    return found


def joined(tokens: Tokens, *parts: str) -> list[int]:
    return [token for part in parts for token in tokens(part)]


def in_a_row(ids: list[int]) -> Prompt:
    """Each token sees all before it, as in every server."""
    return Prompt(ids, list(range(len(ids))), [0] * len(ids), [frozenset({0})], [[len(ids) - 1]])


def differences(asked: list[Asked], adapter: Path | None) -> NDArray[np.float64]:
    """By how much llama.cpp's logits are others than the worker's."""
    question = {
        "model": str(base.locate()),
        "adapter": str(adapter) if adapter else None,
        "sequences": [{"ids": one.ids, "tokens": one.tokens} for one in asked],
    }
    command = [os.environ[PYTHON], str(Path(__file__).with_name("llama_logits.py"))]
    answer = subprocess.run(command, input=json.dumps(question), stdout=subprocess.PIPE, text=True, check=True).stdout
    apart = [np.subtract(got, one.wanted) for got, one in zip(json.loads(answer), asked, strict=True)]
    return np.abs(np.concatenate(apart))


def test_a_real_llama_cpp_scores_with_the_adapter_as_the_worker_does(asked: list[Asked], tmp_path: Path) -> None:
    apart = differences(asked, export.as_gguf(STUDENT, base.locate(), tmp_path / "student.gguf"))
    assert apart.mean() < TYPICALLY
    assert apart.max() < FARTHEST


def test_it_would_be_noticed_if_the_adapter_were_not_there(asked: list[Asked]) -> None:
    apart = differences(asked, None)
    assert apart.mean() > CLEARLY * TYPICALLY


def test_it_would_be_noticed_if_rows_were_in_the_order_of_the_package(
    asked: list[Asked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "interleaved", lambda rows, _: rows)
    apart = differences(asked, export.as_gguf(STUDENT, base.locate(), tmp_path / "wrong.gguf"))
    assert apart.mean() > CLEARLY * TYPICALLY
