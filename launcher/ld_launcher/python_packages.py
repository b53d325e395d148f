"""The launcher's private Python environment, made from fully pinned and hash-checked requirements."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .home import Home
from .problem import Problem
from .progress import Progress

LAUNCHER = Path(__file__).resolve().parents[1]
REQUIREMENTS = LAUNCHER / "requirements.txt"
TEST_REQUIREMENTS = LAUNCHER / "requirements-test.txt"
API_REQUIREMENTS = LAUNCHER / "requirements-api.txt"
CLIENT_REQUIREMENTS = LAUNCHER / "requirements-client.txt"
MODEL_REQUIREMENTS = LAUNCHER / "requirements-model.txt"


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def is_current(venv: Path, *requirements: Path) -> bool:
    return python_of(venv).exists() and all(_marker(venv, r).exists() for r in requirements)


def fetch(
    home: Home, progress: Progress, text: str, venv: Path, *requirements: Path, from_source: Sequence[str] = ()
) -> Path:
    """`ensure`, as a step that is shown under this text; nothing is shown where all is there. Answers its Python."""
    if not is_current(venv, *requirements):
        with progress.step(text):
            ensure(home, venv, *requirements, from_source=from_source)
    return python_of(venv)


def ensure(home: Home, venv: Path, *requirements: Path, from_source: Sequence[str] = ()) -> Path:
    """Makes or completes a virtual environment; answers its Python.

    :param from_source: packages that are built here, because nobody publishes them built
    """
    binary = ["--only-binary", ":all:", *(word for name in from_source for word in ("--no-binary", name))]
    log = home.log("pip")
    if not python_of(venv).exists():
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise Problem(
                "Python cannot make a virtual environment; install its venv module (on Debian and Ubuntu python3-venv)."
                f" Python said: {_last_line(made.stdout + made.stderr)}"
            )
    for file in requirements:
        if not _marker(venv, file).exists():
            # The files are complete, so nothing is to be resolved.
            pip(python_of(venv), log, "install", "--no-deps", *binary, "-r", str(file))
            _marker(venv, file).touch()
    return python_of(venv)


def pip(python: Path, log: Path, command: str, *arguments: str) -> None:
    """Runs pip with hash checking and no prompts."""
    full = [
        str(python),
        "-m",
        "pip",
        command,
        "--require-hashes",
        "--no-input",
        "--disable-pip-version-check",
        *arguments,
    ]
    with log.open("a", encoding="utf-8") as output:
        result = subprocess.run(full, stdout=output, stderr=subprocess.STDOUT, env=_quiet_environment(), check=False)
    if result.returncode:
        raise Problem(
            f"Python packages could not be fetched ({_last_line(log.read_text(errors='replace'))});"
            f" check the network and pip's configuration, the log is {log}."
        )


def _marker(venv: Path, requirements: Path) -> Path:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    return venv / f"{requirements.stem}-{digest}"


def _quiet_environment() -> dict[str, str]:
    env = dict(os.environ)
    env.pop("PYTHONPATH", None)
    return env


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no output"])[-1][:300]
