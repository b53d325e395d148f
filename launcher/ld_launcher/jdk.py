"""Finding a JDK 25, wherever people and package managers put one."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .problem import Problem

NEEDED = 25


def find(
    env: Mapping[str, str] = os.environ, places: Iterable[str] | None = None, user_home: Path | None = None
) -> Path:
    """The first JDK 25 among JAVA_HOME, the PATH and the usual folders."""
    other: list[str] = []
    for candidate in _candidates(env, places, user_home or Path.home()):
        version = version_of(candidate)
        if version == NEEDED:
            return candidate
        if version is not None:
            other.append(f"{version} in {candidate}")
    found = f" (found only {', '.join(sorted(set(other)))})" if other else ""
    raise Problem(
        f"JDK {NEEDED} was not found{found}; install one (Temurin {NEEDED}, or the package"
        f" openjdk-{NEEDED}-jdk) or point JAVA_HOME at it."
    )


def version_of(java_home: Path) -> int | None:
    """The feature version of a JDK; None where the folder is none (a JRE without a compiler is none)."""
    if not (java_home / "bin" / "javac").exists():
        return None
    try:
        release = (java_home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, re.MULTILINE)
    return int(match.group(1)) if match else None


def _candidates(env: Mapping[str, str], places: Iterable[str] | None, user_home: Path) -> Iterator[Path]:
    for variable in ("JAVA_HOME", "JAVA_25_HOME", "JAVA25_HOME", "JAVA_HOME_25_X64"):
        if env.get(variable):
            yield Path(env[variable])
    on_path = shutil.which("javac", path=env.get("PATH", ""))
    if on_path:
        yield Path(on_path).resolve().parents[1]
    for place in _usual_places(user_home) if places is None else places:
        folder = Path(place)
        if folder.is_dir():
            for child in sorted(folder.iterdir()):
                yield child
                yield child / "Contents" / "Home"
                yield child / "libexec" / "openjdk.jdk" / "Contents" / "Home"


def _usual_places(user_home: Path) -> list[str]:
    return [
        "/usr/lib/jvm",
        "/usr/java",
        "/opt",
        "/opt/java",
        "/usr/local/lib/jvm",
        str(user_home / ".sdkman" / "candidates" / "java"),
        str(user_home / ".jdks"),
        str(user_home / ".m2" / "jdks"),
        "/Library/Java/JavaVirtualMachines",
        str(user_home / "Library" / "Java" / "JavaVirtualMachines"),
        "/opt/homebrew/opt",
        "/usr/local/opt",
    ]
