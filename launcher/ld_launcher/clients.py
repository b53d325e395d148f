"""The typed clients: generated from the API's document and built, as whoever uses them does it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from . import build
from .home import Home
from .problem import Problem
from .progress import Progress

FOLDER = Path("clients")
LIBRARY = "clients/java"
EXAMPLE = "io.logicdistillation.client.Example"
NODE_ADVICE = "The TypeScript client needs Node.js 20 or newer with npm (on Debian: apt-get install nodejs npm)."


def build_typescript(home: Home, progress: Progress) -> list[str]:
    """Answers the command that runs its example. :raises Problem: where there is no Node.js, or it can not be built"""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        raise Problem(NODE_ADVICE)
    folder, log = home.repository / FOLDER / "typescript", home.log("client-typescript")
    with progress.step("Building the TypeScript client"):
        for words in (["ci"], ["run", "build"]):
            _run([npm, *words], folder, dict(os.environ), log)
    return [node, str(folder / "dist" / "example.js")]


def build_java(home: Home, java_home: Path, progress: Progress) -> list[str]:
    """Answers the command that runs its example. :raises Problem: where it can not be built"""
    log = home.log("client-java")
    target = home.repository / LIBRARY / "target"
    command, env = build.maven(home, java_home)
    goals = ["test-compile", "dependency:build-classpath", "-Dmdep.outputFile=target/classpath.txt"]
    with progress.step("Building the Java client"):
        _run([*command, "-q", "-pl", LIBRARY, *goals], home.repository, env, log)
    path = [target / "classes", target / "test-classes", (target / "classpath.txt").read_text().strip()]
    return [str(java_home / "bin" / "java"), "-cp", os.pathsep.join(map(str, path)), EXAMPLE]


def _run(command: list[str], folder: Path, env: dict[str, str], log: Path) -> None:
    with log.open("a", encoding="utf-8") as output:
        done = subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        raise Problem(f"{' '.join(Path(word).name for word in command[:2])} failed in {folder}; the log is {log}.")
