"""Programs that no package of Python brings: the one that is named, one that is there, or one made for the purpose."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import debian
from .home import Home
from .problem import Problem
from .progress import Progress


@dataclass(frozen=True)
class Program:
    """Where a program comes from.

    :param variable: of the environment, which names one
    :param place: of one that was made, below the cache's tools
    :param advice: what to do where there is none
    :param step: what is said while one is made
    :param can_make: whether one can be made here
    :param make: puts one in place; raises a Problem where that fails
    :param made_first: whether a made one, whose version is known, goes before one that is installed
    :param paths: to search, the usual one if None
    """

    name: str
    variable: str
    place: str
    advice: str
    step: str
    can_make: Callable[[], bool]
    make: Callable[[Home, Path], None]
    made_first: bool = False
    paths: tuple[str | None, ...] = (None,)

    def find(self, home: Home) -> Path:
        """:raises Problem: where there is none"""
        named = os.environ.get(self.variable)
        if named:
            if os.access(named, os.X_OK):
                return Path(named)
            raise Problem(f"{self.variable} names {named}, which is no program.")
        made = self._place(home) if os.access(self._place(home), os.X_OK) else None
        installed = next((Path(found) for path in self.paths if (found := shutil.which(self.name, path=path))), None)
        found = made or installed if self.made_first else installed or made
        if found is None:
            raise Problem(self.advice)
        return found

    def ensure(self, home: Home, progress: Progress) -> Path:
        """Finds it, or makes it where that is possible. :raises Problem: where neither works"""
        try:
            return self.find(home)
        except Problem:
            if os.environ.get(self.variable) or not self.can_make():
                raise
        with progress.step(self.step):
            self.make(home, self._place(home))
        return self.find(home)

    def _place(self, home: Home) -> Path:
        return home.cache / "tools" / self.place


def built_by_go(name: str, variable: str, module: str, version: str, step: str) -> Program:
    """A program built from its pinned source, which goes before an installed one of some version."""

    def make(home: Home, place: Path) -> None:
        log = home.log(name)
        with log.open("a", encoding="utf-8") as output:
            done = subprocess.run(
                ["go", "install", f"{module}@{version}"], env={**os.environ, "GOBIN": str(place.parent)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        if done.returncode:
            raise Problem(f"{name} can not be built; the log is {log}.")

    return Program(
        name, variable, f"{name}-{version}/{name}",
        f"There is no {name}; install it or Go (1.24 or newer), or set {variable} to one.",
        step, lambda: shutil.which("go") is not None, make, made_first=True,
    )  # fmt: skip


def of_debian(
    name: str, variable: str, package: str, inside: str, advice: str, step: str, paths: tuple[str | None, ...] = (None,)
) -> Program:
    """A program taken out of a package of Debian's where none is installed."""
    return Program(
        name, variable, name, advice, step, debian.is_at_hand,
        lambda home, place: debian.fetch(home, package, inside, place, advice), paths=paths,
    )  # fmt: skip
