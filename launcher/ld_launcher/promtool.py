"""The program that tests alerts: Prometheus' promtool, taken out of Debian's package where there is none.

The package is unpacked and not installed, because installing it would start a Prometheus. That also needs no root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .home import Home
from .problem import Problem
from .progress import Progress

VARIABLE = "PLATFORM_PROMTOOL"
ADVICE = (
    "There is no promtool; install Prometheus (on Debian: apt-get install prometheus) or set PLATFORM_PROMTOOL to one."
)


def _place(home: Home) -> Path:
    return home.cache / "tools" / "promtool"


def find(home: Home) -> Path:
    """:raises Problem: where there is none"""
    named = os.environ.get(VARIABLE)
    if named:
        if os.access(named, os.X_OK):
            return Path(named)
        raise Problem(f"{VARIABLE} names {named}, which is no program.")
    found = shutil.which("promtool")
    if found:
        return Path(found)
    if os.access(_place(home), os.X_OK):
        return _place(home)
    raise Problem(ADVICE)


def ensure(home: Home, progress: Progress) -> Path:
    """Finds it, or fetches it where Debian's packages are at hand. :raises Problem: where neither works"""
    try:
        return find(home)
    except Problem:
        if os.environ.get(VARIABLE) or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise
    with progress.step("Fetching promtool for the tests of the alerts"):
        _fetch(home)
    return find(home)


def _fetch(home: Home) -> None:
    log = home.log("promtool")
    target = _place(home)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        if _run(["apt-get", "download", "prometheus"], folder, log):
            # The lists of packages may be old or missing; only root may renew them.
            _run(["apt-get", "update"], folder, log)
            if _run(["apt-get", "download", "prometheus"], folder, log):
                raise Problem(f"Debian's package prometheus can not be fetched; the log is {log}. {ADVICE}")
        for package in Path(folder).glob("*.deb"):
            if _run(["dpkg-deb", "--extract", str(package), folder], folder, log):
                raise Problem(f"{package.name} can not be unpacked; the log is {log}. {ADVICE}")
        program = Path(folder) / "usr" / "bin" / "promtool"
        if not program.exists():
            raise Problem(f"Debian's package prometheus holds no promtool. {ADVICE}")
        program.replace(target)


def _run(command: list[str], folder: str, log: Path) -> int:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("a", encoding="utf-8") as output:
        return subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
