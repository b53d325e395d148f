"""The program that checks GitHub's workflows: actionlint, built from its pinned source where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .home import Home
from .problem import Problem
from .progress import Progress

VARIABLE = "PLATFORM_ACTIONLINT"
MODULE = "github.com/rhysd/actionlint/cmd/actionlint"
VERSION = "v1.7.12"


def _place(home: Home) -> Path:
    return home.cache / "tools" / f"actionlint-{VERSION}" / "actionlint"


def find(home: Home) -> Path:
    """:raises Problem: where there is none"""
    named = os.environ.get(VARIABLE)
    if named:
        if os.access(named, os.X_OK):
            return Path(named)
        raise Problem(f"{VARIABLE} names {named}, which is no program.")
    if os.access(_place(home), os.X_OK):
        return _place(home)
    found = shutil.which("actionlint")
    if found:
        return Path(found)
    raise Problem(f"There is no actionlint; install it or Go (1.24 or newer), or set {VARIABLE} to one.")


def ensure(home: Home, progress: Progress) -> Path:
    """Finds it, or builds it where there is Go. :raises Problem: where neither works"""
    try:
        return find(home)
    except Problem:
        if os.environ.get(VARIABLE) or not shutil.which("go"):
            raise
    with progress.step("Building actionlint for the tests of the workflows"):
        log = home.log("actionlint")
        env = {**os.environ, "GOBIN": str(_place(home).parent)}
        with log.open("a", encoding="utf-8") as output:
            done = subprocess.run(
                ["go", "install", f"{MODULE}@{VERSION}"],
                env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        if done.returncode:
            raise Problem(f"actionlint can not be built; the log is {log}.")
    return find(home)
