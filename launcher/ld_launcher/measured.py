"""A service that runs for a benchmark alone, with a Postgres of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import build, jdk, lifecycle, services
from .checks import free_port
from .credentials import Credentials
from .home import SERVICE_PORTS, Home
from .postgres import Postgres
from .problem import Problem
from .processes import RunFile, exclusive
from .progress import Progress


@dataclass(frozen=True)
class Measured:
    """:param folder: private, gone when the measurement ends"""

    java_home: Path
    child: subprocess.Popen[bytes]
    port: int
    postgres_port: int
    credentials: Credentials
    folder: Path


@contextlib.contextmanager
def service(home: Home, name: str, progress: Progress, **settings: str) -> Iterator[Measured]:
    """Starts a service with the heap it has in ./platform up, on a Postgres that syncs; both are gone in the end.

    :param settings: of its environment, before those that `up` would give it
    """
    java_home = jdk.find()
    build.ensure(home, java_home, progress)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="platform-bench-")))
        place = Home(root=folder, cache=home.cache, repository=home.repository)
        place.create()
        with progress.step(f"Starting {name}"):
            started = _start(place, name, java_home, stack, settings)
        yield started


def _start(place: Home, name: str, java_home: Path, stack: contextlib.ExitStack, settings: dict[str, str]) -> Measured:
    stack.enter_context(exclusive(place))
    credentials = Credentials.of(place)
    ports = {name: free_port() for name in SERVICE_PORTS}
    postgres, running = Postgres.of(place, ports["postgres"]), RunFile(place)
    stack.callback(postgres.remove)
    stack.callback(lifecycle.stop_postgres, running)
    lifecycle.start_postgres(place, postgres, credentials, running)
    usual = next(each for each in services.all_services(place, ports, credentials) if each.name == name)
    plan = replace(usual, environment={**usual.environment, **settings})
    child = services.start(plan, place, java_home, dict(os.environ))
    stack.callback(child.wait)
    stack.callback(child.terminate)
    end = time.monotonic() + 120
    while not services.is_ready(plan.port):
        if child.poll() is not None or time.monotonic() > end:
            raise Problem(f"{name} did not start: {services.cause_of_death(place.log(name))}")
        time.sleep(0.2)
    return Measured(java_home, child, plan.port, ports["postgres"], credentials, place.root)
