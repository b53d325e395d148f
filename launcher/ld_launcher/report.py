"""doctor, status and logs: what is, without changing it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

from . import artifacts, build, checks, python_packages, services
from .checks import Check
from .home import Home, ports_from
from .lifecycle import TASK
from .problem import Problem
from .processes import RunFile, family, memory_mb


def doctor(home: Home) -> int:
    """Prints every point; 1 where one is wrong."""
    ports = ports_from()
    run = RunFile(home)
    living = run.living()
    points = [*checks.before_start(home, ports, set(living)), *_stored(home), *_running(home, ports, run)]
    for point in points:
        print(f"{'ok   ' if point.ok else 'wrong'}  {point.name:<24}{point.detail}")
    wrong = sum(not point.ok for point in points)
    print("Everything is in order." if not wrong else f"{wrong} of {len(points)} points are wrong.")
    return 1 if wrong else 0


def _stored(home: Home) -> list[Check]:
    packages = python_packages.is_current(home.venv, python_packages.REQUIREMENTS)
    points = [
        Check("packages", True, f"in {home.venv}" if packages else "not there yet; ./platform up fetches them"),
        Check(
            "model",
            True,
            str(home.models) if artifacts.model_is_present(home) else "not there yet; ./platform up fetches it",
        ),
        Check(
            "build", True, "missing or stale; ./platform up builds" if build.is_stale(home) else "matches the sources"
        ),
    ]
    if home.key_file.exists():
        mode = home.key_file.stat().st_mode & 0o777
        fine = mode == 0o600
        points.append(
            Check(
                "key",
                fine,
                f"{home.key_file}" if fine else f"{home.key_file} has mode {mode:o}; run chmod 600 {home.key_file}.",
            )
        )
    return points


def _running(home: Home, ports: dict[str, int], run: RunFile) -> list[Check]:
    living = run.living()
    if not run.all():
        return [Check("running", True, "nothing was started; ./platform up starts it")]
    points = []
    for name in ports:
        process = living.get(name)
        if process is None:
            points.append(
                Check(name, False, f"does not run; its log is {home.log(name)}; ./platform up starts it again.")
            )
        elif name != "postgres" and not services.is_ready(process.port):
            points.append(
                Check(name, False, f"runs (process {process.pid}) but is not ready; its log is {process.log}.")
            )
        else:
            points.append(Check(name, True, f"process {process.pid}, port {process.port}"))
    return points


def status(home: Home) -> int:
    """Prints what runs; 3 where nothing does."""
    living = RunFile(home).living()
    if not living:
        print("Nothing runs; start it with ./platform up.")
        return 3
    total = 0.0
    for name, process in living.items():
        memory = sum(memory_mb(pid) for pid in family(process.pid))
        total += memory
        state = "up" if name == "postgres" else "ready" if services.is_ready(process.port) else "not ready"
        print(f"{name:<24}{state:<11}process {process.pid:<9}port {process.port:<7}{memory:>6.0f} MB")
    print(f"{'memory of all':<24}{total:.0f} MB")
    if "gateway" in living:
        address = f"http://127.0.0.1:{living['gateway'].port}"
        print(
            f"{'address':<24}{address}\n{'key':<24}{home.key_file}\n{'student of ' + TASK:<24}{_student(home, address)}"
        )
    return 0


def _student(home: Home, address: str) -> str:
    if not home.key_file.exists():
        return "not known without the key"
    code, body = services.get(f"{address}/v1/students", home.key_file.read_text(encoding="utf-8").strip())
    try:
        listed = json.loads(body)
        students = listed["items"] if isinstance(listed, dict) else listed
        promoted = [s for s in students if s.get("task") == TASK and s.get("promoted")]
        return f"{promoted[0]['name']} {promoted[0]['id']}" if promoted else "none is promoted"
    except (ValueError, KeyError, TypeError):
        return f"not known (status {code})"


def logs(home: Home, service: str, follow: bool, lines: int) -> int:
    """Shows the end of a service's log."""
    log = home.log(service)
    if not log.exists():
        known = ", ".join(sorted(path.stem for path in home.logs.glob("*.log"))) or "none yet"
        raise Problem(f"There is no log of {service!r}; there are: {known}.")
    sys.stdout.flush()
    tail = shutil.which("tail")
    if tail is None:
        print("\n".join(log.read_text(errors="replace").splitlines()[-lines:]))
        return 0
    command = [tail, "-n", str(lines), *(["-f"] if follow else []), str(log)]
    try:
        return subprocess.run(command, env=dict(os.environ), check=False).returncode
    except KeyboardInterrupt:
        return 0
