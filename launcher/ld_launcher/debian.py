"""One file out of a package of Debian's, unpacked and not installed: that would start a server, and needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .home import Home
from .problem import Problem


def is_at_hand() -> bool:
    """Whether packages can be fetched and unpacked here."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def fetch(home: Home, package: str, inside: str, target: Path, advice: str) -> None:
    """Puts a program or library of the package in place.

    :param inside: its path in the package, or a pattern of it
    :param advice: what to do where this fails
    :raises Problem: where the package can not be fetched, or holds no such file
    """
    log = home.log(target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        if _run(["apt-get", "download", package], folder, log):
            # The lists of packages may be old or missing; only root may renew them.
            _run(["apt-get", "update"], folder, log)
            if _run(["apt-get", "download", package], folder, log):
                raise Problem(f"Debian's package {package} can not be fetched; the log is {log}. {advice}")
        for archive in Path(folder).glob("*.deb"):
            if _run(["dpkg-deb", "--extract", str(archive), folder], folder, log):
                raise Problem(f"{archive.name} can not be unpacked; the log is {log}. {advice}")
        found = next(Path(folder).glob(inside), None)
        if found is None or not found.exists():
            raise Problem(f"Debian's package {package} holds no {target.name}. {advice}")
        # A library's name is a link to that of its version.
        found.resolve().replace(target)


def _run(command: list[str], folder: str, log: Path) -> int:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("a", encoding="utf-8") as output:
        return subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
