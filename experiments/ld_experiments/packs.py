"""Task packs: a task, its functions and views as files that people can read and change."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ExperimentError


@dataclass(frozen=True)
class Pack:
    """A task and its functions in the shape that the API takes."""

    task: dict[str, Any]
    functions: list[dict[str, Any]]

    @property
    def name(self) -> str:
        return self.task["name"]

    @property
    def sha256(self) -> str:
        """Names the content of the pack, whatever the layout of its files."""
        text = json.dumps([self.task, self.functions], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class StudentPackage:
    """A student's folder: manifest.json and the files that it names."""

    folder: Path
    manifest: bytes

    @property
    def id(self) -> str:
        return f"sha256:{hashlib.sha256(self.manifest).hexdigest()}"

    @property
    def described(self) -> dict[str, Any]:
        return json.loads(self.manifest)

    def parts(self) -> dict[str, tuple[str, bytes, str]]:
        """The parts of the import, checked against the hashes in the manifest."""
        parts = {"manifest": ("manifest.json", self.manifest, "application/json")}
        for part in ("adapter", "activations"):
            entry = self.described["files"].get(part)
            if entry is None:
                continue
            content = _read(self.folder / entry["path"])
            if hashlib.sha256(content).hexdigest() != entry["sha256"].removeprefix("sha256:"):
                raise ExperimentError(f"{self.folder / entry['path']} differs from the hash in its manifest.")
            parts[part] = (Path(entry["path"]).name, content, "application/octet-stream")
        return parts


def load_pack(folder: Path) -> Pack:
    """Reads a pack and puts the source of every view and function in the place of its file name."""
    task, functions = _json(folder / "task.json"), _json(folder / "functions.json")
    for stage in task["stages"]:
        if "view" in stage:
            stage["view"] = _with_source(folder, stage["view"])
    return Pack(task, [_with_source(folder, function) for function in functions])


def load_students(folder: Path) -> list[StudentPackage]:
    """The student packages in a folder, by name; none when the folder is not there."""
    return [StudentPackage(path.parent, _read(path)) for path in sorted(folder.glob("*/manifest.json"))]


def _with_source(folder: Path, entry: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in entry.items() if key != "file"}
    return rest | {"source": _read(folder / entry["file"]).decode("utf-8")} if "file" in entry else rest


def _json(path: Path) -> Any:
    try:
        return json.loads(_read(path))
    except ValueError as error:
        raise ExperimentError(f"{path} is not valid JSON: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExperimentError(f"{path} cannot be read: {error.strerror}") from error
