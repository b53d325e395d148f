"""The typed clients, built from the API's document as it is, and their examples on a started platform."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from installation import Installation
from ld_launcher import clients, jdk
from ld_launcher.home import REPOSITORY, Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress

OWN = Home.from_environment()
TASKS = {"pursuit", "twenty-one"}


def check_example(installation: Installation, command: list[str]) -> None:
    """Each example lists the tasks, has a decision made, reads it back, and asks for what there is not."""
    settings = {"PLATFORM_URL": f"http://127.0.0.1:{installation.port}/", "PLATFORM_KEY": installation.key()}
    done = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    tasks = next(line.removeprefix("tasks: ") for line in said if line.startswith("tasks: "))
    assert set(tasks.split(", ")) >= TASKS
    chosen = [line for line in said if re.fullmatch(r"(target|approach): \w+, decided by [\w-]+", line)]
    assert len(chosen) == 2, said
    made = next(re.fullmatch(r"decision ([0-9a-f-]{36}): (\{.*\})", line) for line in said if line.startswith("dec"))
    assert made is not None, said
    logged = installation.call("GET", f"/v1/decisions/{made[1]}").body
    assert f'"move":"{logged["output"]["move"]}"' in made[2].replace(" ", "")
    assert "refused: 404 urn:logic-distillation:problem:unknown-task" in said


@pytest.mark.e2e
def test_the_typescript_client_decides(installation: Installation) -> None:
    check_example(installation, clients.build_typescript(OWN, Progress()))


@pytest.mark.e2e
def test_the_java_client_decides(installation: Installation) -> None:
    check_example(installation, clients.build_java(OWN, jdk.find(), Progress()))


def test_without_node_it_says_what_is_needed(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match=r"needs Node\.js 20"):
        clients.build_typescript(home, Progress())


def test_a_client_that_can_not_be_built_names_its_log(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("npm", "node"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho no such package; exit 1\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (home.repository / "clients" / "typescript").mkdir(parents=True)
    with pytest.raises(Problem, match="npm ci failed"):
        clients.build_typescript(home, Progress())
    assert "no such package" in home.log("client-typescript").read_text()


def test_the_lock_file_says_what_and_not_from_where() -> None:
    lock = (REPOSITORY / "clients" / "typescript" / "package-lock.json").read_text()
    assert lock.count('"integrity": "sha512-') > 20
    assert "://" not in re.sub(r'"(url|homepage)": "[^"]*"', "", lock)
