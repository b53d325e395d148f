"""`./platform bench gateway`: what the gateway adds to a request, beside what nginx adds before the same upstream."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import jdk, measured, nginx, vegeta
from .figures import Figure
from .home import Home
from .problem import Problem
from .processes import cpu_seconds, family, peak_memory_mb
from .progress import Progress
from .vegeta import Generator, Load

RATE = 1000
ROUNDS = 5
ROUND_S = 10
# First as fast as it answers, which can not be too fast for a cold one; then at the rate that is measured.
WARM_UP_S = 15
WARM_UP_AT_ONCE = 8
HIGHEST_S = 8
AT_ONCE = (4, 16, 64)
UPSTREAM = Path("benchmarks/upstream/FixedUpstream.java")
DOCUMENT = Path("gateway/src/main/resources/static/v1/openapi.json")
PATH = "/v1/tasks/pursuit/decisions"
# They are counted on every request and shown on every answer; what is measured here is not where they refuse.
LIMITS = {"PLATFORM_DOOR_KEYRATE": "1000000", "PLATFORM_DOOR_TENANTRATE": "1000000"}
# Candidates of an answer in the document's example, so often that it is as long as one of pursuit's (about 2.5 kB).
REPEATED = 4


@dataclass
class Way:
    """One way to the upstream, and what was measured on it."""

    port: int
    pid: int | None = None
    rounds: list[Load] = field(default_factory=list)
    cpu_s: float = 0
    highest: float = 0

    def requests(self) -> int:
        return sum(load.requests for load in self.rounds)

    def failed(self) -> int:
        return sum(load.failed for load in self.rounds)


def run(home: Home, as_json: bool, progress: Progress, beside_nginx: bool = True) -> int:
    generator_program = vegeta.ensure(home, progress)
    nginx_program = nginx.ensure(home, progress) if beside_nginx else None
    with contextlib.ExitStack() as stack:
        body, answer = sample(home.repository)
        behind = upstream(home, answer, stack)
        gateway = stack.enter_context(
            measured.service(
                home, "gateway", progress, **LIMITS,
                **{name: f"http://127.0.0.1:{behind}" for name in ("INFERENCE_URL", "FUNCTION_BASE_URL")},
            )
        )  # fmt: skip
        ways = {"direct": Way(behind), "gateway": Way(gateway.port, gateway.child.pid)}
        if nginx_program:
            port, pid = nginx.serve(nginx_program, gateway.folder, behind, stack)
            ways["nginx"] = Way(port, pid)
        sent = gateway.folder / "body.json"
        sent.write_bytes(body)
        headers = (f"Authorization: Bearer {gateway.credentials.api_key}", "Content-Type: application/json")
        measure(Generator(generator_program, gateway.folder, PATH, headers, sent), ways, progress)
        memory = peak_memory_mb(gateway.child.pid)
    for figure in figures(ways, memory):
        print(figure.as_json() if as_json else figure.as_text(), flush=True)
    return 0


def sample(repository: Path) -> tuple[bytes, bytes]:
    """A request and an answer as the API's document gives them."""
    document: dict[str, Any] = json.loads((repository / DOCUMENT).read_text(encoding="utf-8"))
    asked = document["paths"]["/v1/tasks/{task}/decisions"]["post"]["requestBody"]["content"]["application/json"]
    decision = document["components"]["examples"]["decision"]["value"]
    for stage in decision["stages"]:
        stage["candidates"] *= REPEATED
    return json.dumps(asked["example"]).encode(), json.dumps(decision).encode()


def upstream(home: Home, answer: bytes, stack: contextlib.ExitStack) -> int:
    """Starts it from its source and answers its port; it ends with this process."""
    file = home.root / "bench-answer.json"
    file.write_bytes(answer)
    stack.callback(file.unlink)
    command = [
        str(jdk.find() / "bin" / "java"), "-Xmx128m", "-XX:+UseSerialGC", str(home.repository / UPSTREAM), str(file),
    ]  # fmt: skip
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.callback(child.wait)
    stack.callback(child.terminate)
    assert child.stdout is not None
    said = child.stdout.readline().strip()
    if not said.isdecimal():
        raise Problem(f"The upstream to measure with did not start: {said}")
    return int(said)


def measure(generator: Generator, ways: dict[str, Way], progress: Progress) -> None:
    """The ways take turns, so that whatever else the machine does falls on all of them."""
    with progress.step("Warming up") as report:
        for name, way in ways.items():
            report(name)
            generator.as_fast_as_possible(way.port, WARM_UP_AT_ONCE, WARM_UP_S)
            generator.at_rate(way.port, RATE, WARM_UP_S)
    with progress.step(f"Measuring at {RATE} requests a second") as report:
        for number in range(ROUNDS):
            for name, way in ways.items():
                report(f"{name}, round {number + 1} of {ROUNDS}")
                _round(generator, way)
    with progress.step("Looking for the highest rate without error") as report:
        for at_once in AT_ONCE:
            for name, way in ways.items():
                report(f"{name}, {at_once} at once")
                load = generator.as_fast_as_possible(way.port, at_once, HIGHEST_S)
                if not load.failed:
                    way.highest = max(way.highest, load.rate)


def _round(generator: Generator, way: Way) -> None:
    pids = family(way.pid) if way.pid else []
    before = sum(cpu_seconds(pid) for pid in pids)
    way.rounds.append(generator.at_rate(way.port, RATE, ROUND_S))
    way.cpu_s += sum(cpu_seconds(pid) for pid in pids) - before


def figures(ways: dict[str, Way], memory: float) -> Iterator[Figure]:
    direct, gateway, beside = ways["direct"], ways["gateway"], ways.get("nginx")

    def compared(name: str, unit: str, of: Callable[[Way], float]) -> Figure:
        return Figure(name, of(gateway), unit, of(beside) if beside else None)

    yield compared("added_p50", "ms", lambda way: added(way, direct, lambda load: load.p50))
    yield compared("added_p99", "ms", lambda way: added(way, direct, lambda load: load.p99))
    yield compared("max_rate", "1/s", lambda way: way.highest)
    yield Figure("memory_mb", memory, "MB")
    yield compared("cpu_per_request", "us", lambda way: way.cpu_s / max(way.requests(), 1) * 1e6)
    yield Figure("failed", gateway.failed(), "requests")
    yield Figure("direct_p50", statistics.median(load.p50 for load in direct.rounds), "ms")
    yield Figure("direct_p99", statistics.median(load.p99 for load in direct.rounds), "ms")
    yield Figure("direct_max_rate", direct.highest, "1/s")


def added(way: Way, direct: Way, of: Callable[[Load], float]) -> float:
    """Through the way less directly, in the same round; the middle one of the rounds."""
    return statistics.median(of(through) - of(past) for through, past in zip(way.rounds, direct.rounds, strict=True))
