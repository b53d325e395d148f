"""The browser in which the console is tested: Debian's Chromium, installed where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .home import Home
from .problem import Problem
from .progress import Progress

VARIABLE = "PLATFORM_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL = (("apt-get", "update"), ("apt-get", "install", "-y", "--no-install-recommends", "chromium"))


def find() -> Path:
    """The browser's program. :raises Problem: where there is none"""
    named = os.environ.get(VARIABLE)
    if named:
        if os.access(named, os.X_OK):
            return Path(named)
        raise Problem(f"{VARIABLE} names {named}, which is no program.")
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Problem(f"There is no Chromium; install it (on Debian: apt-get install chromium) or set {VARIABLE} to one.")


def ensure(home: Home, progress: Progress) -> Path:
    """Finds the browser, or installs it where this user may. :raises Problem: where neither works"""
    try:
        return find()
    except Problem:
        if os.environ.get(VARIABLE) or shutil.which("apt-get") is None or os.geteuid() != 0:
            raise
    with progress.step("Fetching Chromium for the console's tests"):
        _install(home.log("chromium"))
    return find()


def _install(log: Path) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALL:
        with log.open("a", encoding="utf-8") as output:
            done = subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode:
            raise Problem(f"Chromium can not be installed: '{' '.join(command)}' failed, the log is {log}.")
