"""What was started, so that exactly that is stopped: run.json and the identity of a process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .home import Home, read_json, write_private
from .problem import Problem


@dataclass(frozen=True)
class Started:
    """One process of ours. `identity` tells it from a later process that was given the same id."""

    pid: int
    identity: str
    port: int
    log: str
    at: float

    def alive(self) -> bool:
        return identity_of(self.pid) == self.identity


def identity_of(pid: int) -> str | None:
    """Boot and start time of a living process; None where there is none (a zombie counts as none)."""
    proc = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = proc.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        boot = Path("/proc/sys/kernel/random/boot_id")
        return None if fields[0] in "ZX" else f"{boot.read_text().strip() if boot.exists() else 'boot'}/{fields[19]}"
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, start = answer.stdout.strip().partition(" ")
    return start.strip() if start and not state.startswith("Z") else None


class RunFile:
    """The record of started processes; written after every start, so that a killed launcher leaves nothing unknown."""

    def __init__(self, home: Home) -> None:
        self._path = home.run_file
        stored = (read_json(self._path) or {}).get("processes", {})
        self._processes = {name: Started(**values) for name, values in stored.items()}

    def all(self) -> dict[str, Started]:
        return dict(self._processes)

    def living(self) -> dict[str, Started]:
        return {name: process for name, process in self._processes.items() if process.alive()}

    def add(self, name: str, pid: int, port: int, log: Path) -> Started:
        identity = identity_of(pid)
        if identity is None:
            raise Problem(f"{name} ended as soon as it was started; its log is {log}.")
        self._processes[name] = Started(pid, identity, port, str(log), time.time())
        self._write()
        return self._processes[name]

    def remove(self, name: str) -> None:
        if self._processes.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        if self._processes:
            text = json.dumps({"processes": {name: asdict(p) for name, p in self._processes.items()}}, indent=2)
            write_private(self._path, text + "\n")
        else:
            self._path.unlink(missing_ok=True)


def stop(process: Started, first: signal.Signals, patience: float) -> bool:
    """Ends a process of ours, politely first; True where it had to be killed. Touches no process that is not ours."""
    _signal(process, first)
    if _gone(process, patience):
        return False
    _signal(process, signal.SIGKILL)
    if not _gone(process, 10):
        raise Problem(f"Process {process.pid} does not end even when killed; look at it with ps and end it by hand.")
    return True


def _signal(process: Started, number: signal.Signals) -> None:
    if process.alive():
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return
        except PermissionError as e:
            raise Problem(f"Process {process.pid} belongs to another user; stop it as the user who started it.") from e


def _gone(process: Started, patience: float) -> bool:
    end = time.monotonic() + patience
    while process.alive():
        if time.monotonic() > end:
            return False
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
        time.sleep(0.05)
    return True


@contextlib.contextmanager
def exclusive(home: Home) -> Iterator[None]:
    """One up or down at a time in a home."""
    home.create()
    with (home.root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise Problem(f"Another ./platform command is working in {home.root}; wait for it to end.") from e
        yield


@contextlib.contextmanager
def waiting_turn(file: Path) -> Iterator[None]:
    """Holds a lock for the body, after whoever holds it now."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def memory_mb(pid: int) -> float:
    """Memory of a process in MB: its proportional share where the kernel tells it, else its resident size."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(answer.stdout.strip() or 0) / 1024


def peak_memory_mb(pid: int) -> float:
    """The most memory that a process had in its life so far, where the kernel tells it; else what it has now."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return memory_mb(pid)


def cpu_seconds(pid: int) -> float:
    """Processor time that a living process has taken, as far as the kernel tells it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and its descendants, so that Postgres counts with all its backends."""
    answer = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    children: dict[int, list[int]] = {}
    for line in answer.stdout.splitlines():
        child, parent = line.split()
        children.setdefault(int(parent), []).append(int(child))
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        queue.extend(children.get(current, []))
    return found
