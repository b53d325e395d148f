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
    """Reads a pack and puts the source of every view and function in the place of its file name.

    A pack that `extends` another has that one's task, where it says nothing else, and its functions beside its own.
    One that is `about` another decides on that one's states, by the same rules.
    """
    task, functions = _json(folder / "task.json"), _json(folder / "functions.json")
    extended = load_pack(folder / task.pop("extends")) if "extends" in task else Pack({}, [])
    if "about" in task:
        other = load_pack(folder / task.pop("about")).task
        task |= {name: other[name] for name in ("rules", "stateSchema")}
    for stage in task["stages"]:
        if "view" in stage:
            stage["view"] = _with_source(folder, stage["view"])
    own = [_with_source(folder, function) for function in functions]
    return Pack(extended.task | task, extended.functions + own)


def load_students(folder: Path, task: str) -> list[StudentPackage]:
    """The student packages in a folder, by name, as students of a task; none when the folder is not there.

    A student that was distilled for another task keeps its files and gets a manifest that names this one.
    """
    return [
        StudentPackage(path.parent, _manifest_for(task, _read(path))) for path in sorted(folder.glob("*/manifest.json"))
    ]


def _manifest_for(task: str, manifest: bytes) -> bytes:
    described = json.loads(manifest)
    if task == described["task"]:
        return manifest
    return json.dumps(described | {"task": task}, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"


def _with_source(folder: Path, entry: dict[str, Any]) -> dict[str, Any]:
    """Several files are one source: what comes later may build on what comes before."""
    if "file" not in entry:
        return entry
    files = [entry["file"]] if isinstance(entry["file"], str) else entry["file"]
    source = "\n".join(_read(folder / file).decode("utf-8") for file in files)
    return {key: value for key, value in entry.items() if key != "file"} | {"source": source}


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
