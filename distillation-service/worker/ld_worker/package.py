"""A student's package: the folder that a student travels as."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ld_worker import __version__, base, durable, prompts

ADAPTER = "adapter.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
ACTIVATIONS = "activations.safetensors"
MANIFEST = "manifest.json"
JOINING = "joining"
"""The calibration of functions that are read beside others that are recalled."""
LARGEST_ADAPTER = 20_000_000
MOST_JUDGED = 1000
"""rows that a manifest names for each way and stage; 11 KB of it"""


class UnsuitableError(ValueError):
    """Settings, a base model or a machine from which no student can come, whatever the rows."""


class ExportError(ValueError):
    """A package that can not be written in the form that was asked for; the message says why."""


@dataclass(frozen=True)
class StageResult:
    """How one stage did on held-out rows in one way, and the calibration fitted there.

    ``judged`` names those rows and says whether it agreed, so that two students can be compared row by row.
    """

    agreement: float
    rows: int
    expected_calibration_error: float
    temperature: float
    none_bias: float = 0.0
    curve: Sequence[Mapping[str, float | int]] = ()
    judged: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Student:
    """What a manifest says beyond the files themselves."""

    name: str
    task: str
    method: str
    preferred_way: str
    known_entries: list[str] = field(default_factory=list)
    lora: Mapping[str, int] | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, StageResult]] = field(default_factory=dict)
    joining: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@functools.cache
def code() -> str:
    """The worker's version and the beginning of a hash of its sources: two students of one code say the same."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


def versions() -> dict[str, str]:
    found = {"ld-worker": code(), "python": platform.python_version()}
    for name in ("torch", "transformers", "peft"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> str:
    """The processor's name and count, as far as the system tells."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        if names:
            return f"{len(names)} x {names[0]}"
    return f"{model}, {sys.platform}"


def describe(folder: Path, name: str) -> dict[str, Any] | None:
    path = folder / name
    if not path.is_file():
        return None
    return {"path": name, "sha256": base.sha256(path), "bytes": path.stat().st_size}


def calibration(results: Mapping[str, Mapping[str, StageResult]]) -> dict[str, Any]:
    return {
        way: {
            stage: {"temperature": r.temperature} | ({"noneBias": r.none_bias} if way == prompts.READING else {})
            for stage, r in results.get(way, {}).items()
        }
        for way in prompts.WAYS
    }


def metrics(results: Mapping[str, Mapping[str, StageResult]]) -> dict[str, Any]:
    return {
        way: {
            stage: {
                "agreement": round(r.agreement, 4),
                "rows": r.rows,
                "expectedCalibrationError": round(r.expected_calibration_error, 4),
            }
            | ({"curve": [dict(point) for point in r.curve]} if r.curve else {})
            | ({"judged": _judged(r.judged)} if r.judged else {})
            for stage, r in stages.items()
        }
        for way, stages in results.items()
    }


def _judged(rows: Mapping[str, bool]) -> dict[str, str]:
    """The rows' names one after the other in their order, and a digit for each; of very many the first alone."""
    first = sorted(rows)[:MOST_JUDGED]
    return {"rows": "".join(first), "agreed": "".join("01"[rows[name]] for name in first)}


def write_manifest(folder: Path, student: Student, base_path: Path, base_name: str = base.NAME) -> Path:
    """Writes manifest.json for the files that already lie in ``folder``; its bytes name the student."""
    adapter = describe(folder, ADAPTER)
    if adapter and adapter["bytes"] > LARGEST_ADAPTER:
        raise ValueError(f"the adapter is {adapter['bytes']} bytes; a student may carry {LARGEST_ADAPTER}")
    manifest = {
        "format": 1,
        "name": student.name,
        "task": student.task,
        "method": student.method,
        "base": {"name": base_name, "file": base.file_of(base_path), "sha256": base.sha256(base_path)},
        "files": {"adapter": adapter, "activations": describe(folder, ACTIVATIONS)},
        "lora": student.lora,
        "prompt": {"format": prompts.FORMAT, "longestEntry": prompts.LONGEST_ENTRY},
        "preferredWay": student.preferred_way,
        "knownEntries": sorted(student.known_entries),
        "calibration": calibration(student.results) | ({JOINING: dict(student.joining)} if student.joining else {}),
        "training": dict(student.training),
        "metrics": metrics(student.results),
    }
    return _write(folder, manifest)


def replace_activations(folder: Path, manifest: dict[str, Any]) -> Path:
    """Writes the manifest anew for other activation maxima that lie in ``folder``."""
    files = manifest["files"] | {"activations": describe(folder, ACTIVATIONS)}
    return _write(folder, manifest | {"files": files})


def replace_joining(folder: Path, manifest: dict[str, Any], joining: Mapping[str, Mapping[str, float]]) -> Path:
    """Writes the manifest anew with another calibration of functions that join."""
    return _write(folder, manifest | {"calibration": manifest["calibration"] | {JOINING: dict(joining)}})


def _write(folder: Path, manifest: dict[str, Any]) -> Path:
    path = folder / MANIFEST
    durable.write_text(path, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return path


def read_manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
