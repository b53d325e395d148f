"""Keeps finished episodes, so that a run that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

from .play import Result


class Journal:
    """The finished episodes of one policy, one a line. May be shared by threads.

    The file is named by everything that an episode depends on beside its seed, so an answer is never taken from another
    snapshot, student or version of the game.
    """

    def __init__(self, folder: Path, depends_on: dict[str, Any]) -> None:
        text = json.dumps(depends_on, sort_keys=True)
        self.key = hashlib.sha256(text.encode()).hexdigest()[:16]
        self._path = folder / f"{depends_on['game']}-{depends_on['policy']}-{self.key}.ndjson"
        self._lock = threading.Lock()
        self._done: dict[int, Result] = {}

    def read(self) -> None:
        """Takes up what an earlier run finished; a last line that was cut off is left out."""
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                result = Result.from_json(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
            self._done[result.seed] = result

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)
        self._done = {}

    def find(self, seed: int) -> Result | None:
        return self._done.get(seed)

    def add(self, result: Result) -> None:
        with self._lock:
            self._done[result.seed] = result
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                # A line that was cut off must not swallow the next one.
                file.write("\n" * self._torn() + json.dumps(result.as_json(), separators=(",", ":")) + "\n")

    def _torn(self) -> bool:
        with self._path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 1))
            return size > 0 and file.read(1) != b"\n"


def digest_of(folder: Path) -> str:
    """The hash of a game's sources: a changed game begins anew."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
