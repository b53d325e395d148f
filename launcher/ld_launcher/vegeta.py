"""The load generator: vegeta, built from its pinned source where there is none.

It sends at a constant rate whatever becomes of the answers (an open loop): a request that waits holds none back, so the
slow moments of a server are seen by as many requests as they would meet (no coordinated omission).
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import programs
from .problem import Problem

VARIABLE = "PLATFORM_VEGETA"
MODULE = "github.com/tsenart/vegeta/v12"
VERSION = "v12.13.0"

VEGETA = programs.built_by_go("vegeta", VARIABLE, MODULE, VERSION, "Building vegeta, the load generator")
find, ensure = VEGETA.find, VEGETA.ensure


@dataclass(frozen=True)
class Load:
    """What came of one attack; times in milliseconds."""

    requests: int
    failed: int
    p50: float
    p99: float
    rate: float
    errors: str = ""


@dataclass(frozen=True)
class Generator:
    """Sends one request again and again.

    :param headers: lines of the request's head; they hold a key, so they travel in a private file, not as arguments
    """

    program: Path
    folder: Path
    path: str
    headers: tuple[str, ...]
    body: Path

    def at_rate(self, port: int, rate: int, seconds: float) -> Load:
        return self._attack(port, f"-rate={rate}/1s", f"-duration={seconds}s")

    def as_fast_as_possible(self, port: int, at_once: int, seconds: float) -> Load:
        return self._attack(
            port, "-rate=0", f"-workers={at_once}", f"-max-workers={at_once}", f"-connections={at_once}",
            f"-duration={seconds}s",
        )  # fmt: skip

    def _attack(self, port: int, *how: str) -> Load:
        targets, results = self.folder / "targets", self.folder / "results"
        head = "\n".join([f"POST http://127.0.0.1:{port}{self.path}", *self.headers, f"@{self.body}"])
        targets.touch(mode=0o600)
        targets.write_text(head + "\n", encoding="utf-8")
        # Bodies of answers are read and not kept.
        command = ["attack", f"-targets={targets}", f"-output={results}", "-max-body=0", "-http2=false", *how]
        self._run(*command)
        return loads(self._run("report", "-type=json", str(results)))

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([str(self.program), *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Problem(f"vegeta failed: {(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout


def loads(report: str) -> Load:
    """The figures of a report as vegeta writes it; everything but a 200 is a failure."""
    read = json.loads(report)
    requests = int(read["requests"])
    latencies = read["latencies"]
    return Load(
        requests=requests,
        failed=requests - int(read["status_codes"].get("200", 0)),
        p50=latencies["50th"] / 1e6,
        p99=latencies["99th"] / 1e6,
        rate=read["throughput"],
        errors="; ".join(read.get("errors") or [])[:300],
    )
