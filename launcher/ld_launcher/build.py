"""Building the services when their sources changed, and laying the jars out for a fast start."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .artifacts import ensure_maven, file_digest
from .checks import maven_on_path
from .home import Home, read_json, write_private
from .problem import Problem
from .processes import waiting_turn
from .progress import Progress

VERSION = "0.1.0-SNAPSHOT"
JARS = {
    "gateway": f"gateway-{VERSION}.jar",
    "function-base-service": f"function-base-service-{VERSION}-exec.jar",
    "distillation-service": f"distillation-service-{VERSION}.jar",
    "inference-service": f"inference-service-{VERSION}-exec.jar",
}

# Tests and the formatter are gates for changes (./platform test), not for starting what is there.
WITHOUT_GATES = ["-q", "-Dmaven.test.skip=true", "-Dspotless.check.skip=true"]


def jar_of(home: Home, service: str) -> Path:
    return home.repository / service / "target" / JARS[service]


def is_stale(home: Home) -> bool:
    """Whether a jar is missing or its sources are not those it was built from."""
    built = read_json(home.build_file) or {}
    if built.get("repository") != str(home.repository) or built.get("sources") != sources_hash(home.repository):
        return True
    return not all(app.exists() for app in apps(home).values())


def apps(home: Home) -> dict[str, Path]:
    """The jar that starts each service, as the last build laid it out."""
    built = (read_json(home.build_file) or {}).get("apps", {})
    return {service: home.apps / built.get(service, service) / "app.jar" for service in JARS}


def sources_hash(repository: Path) -> str:
    """One hash over everything that goes into the jars."""
    digest = hashlib.sha256()
    for path in sorted(_sources(repository)):
        digest.update(f"{path.relative_to(repository)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(repository: Path) -> Iterable[Path]:
    yield repository / "pom.xml"
    for folder in repository.iterdir():
        if (folder / "pom.xml").exists():
            yield folder / "pom.xml"
            yield from (path for path in (folder / "src" / "main").rglob("*") if path.is_file())


def maven(home: Home, java_home: Path) -> tuple[list[str], dict[str, str]]:
    """The command and environment that run Maven on the JDK 25."""
    command = maven_on_path(java_home) or str(ensure_maven(home))
    return [command, "-B", "-ntp"], {**os.environ, "JAVA_HOME": str(java_home)}


def ensure(home: Home, java_home: Path, progress: Progress) -> None:
    """Builds what is missing or stale; two commands that share a checkout wait for each other."""
    if not is_stale(home):
        return
    with progress.step("Building the services"), waiting_turn(home.cache / "build.lock"):
        if is_stale(home):
            build(home, java_home)


def build(home: Home, java_home: Path) -> None:
    """Packages the four services without their tests and lays them out below the cache."""
    sources = sources_hash(home.repository)
    command, env = maven(home, java_home)
    full = [*command, *WITHOUT_GATES, "-pl", ",".join(JARS), "-am", "package"]
    run_maven(full, env, home, home.log("build"))
    laid_out = {service: lay_out(home, java_home, service) for service in JARS}
    record = {"repository": str(home.repository), "sources": sources, "apps": laid_out}
    write_private(home.build_file, json.dumps(record, indent=2) + "\n")


def benchmarks_classpath(home: Home, java_home: Path) -> str:
    """Packages the benchmarks' module and answers the class path that runs it."""
    log = home.log("build-benchmarks")
    listed = home.repository / "benchmarks" / "target" / "classpath.txt"
    command, env = maven(home, java_home)
    goals = ["package", "dependency:build-classpath", "-Dmdep.outputFile=target/classpath.txt"]
    run_maven([*command, *WITHOUT_GATES, "-pl", "benchmarks", "-am", *goals], env, home, log)
    jar = listed.with_name(f"benchmarks-{VERSION}.jar")
    return os.pathsep.join([str(jar), listed.read_text(encoding="utf-8").strip()])


def run_maven(command: list[str], env: dict[str, str], home: Home, log: Path) -> None:
    with log.open("wb") as output:
        result = subprocess.run(
            command, cwd=home.repository, env=env, check=False,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if result.returncode:
        raise Problem(f"The build failed: {first_error(log)}; its log is {log}.")


def lay_out(home: Home, java_home: Path, service: str) -> str:
    """Unpacks an executable jar into app.jar and lib/, for a faster start; answers the folder's name.

    The folder is named by content and the one before is kept, so that a build never pulls anything from under a service
    that runs.
    """
    jar = jar_of(home, service)
    if not jar.exists():
        raise Problem(f"The build made no {jar}; its log is {home.log('build')}.")
    folder = home.apps / f"{service}-{file_digest(jar, 'sha256')[:12]}"
    if not folder.exists():
        part = home.apps / f"{service}.part"
        shutil.rmtree(part, ignore_errors=True)
        command = [str(java_home / "bin" / "java"), "-Djarmode=tools", "-jar", str(jar), "extract", "--destination"]
        result = subprocess.run([*command, str(part)], capture_output=True, text=True, check=False)
        if result.returncode or not (part / jar.name).exists():
            raise Problem(
                f"{jar} is not an executable Spring Boot jar: {(result.stderr or result.stdout).strip()[:300]}"
            )
        (part / jar.name).rename(part / "app.jar")
        part.rename(folder)
    folder.touch()
    for old in sorted(home.apps.glob(f"{service}-*"), key=lambda path: path.stat().st_mtime)[:-2]:
        shutil.rmtree(old, ignore_errors=True)
    return folder.name


def first_error(log: Path) -> str:
    """The first line of a Maven log that names a mistake."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(encoding="utf-8", errors="replace"))
    errors = [line[len("[ERROR]") :].strip() for line in plain.splitlines() if line.startswith("[ERROR]")]
    said = [error for error in errors if error and not error.startswith(("COMPILATION ERROR", "Some problems were"))]
    return said[0][:300] if said else "Maven gave no reason"
