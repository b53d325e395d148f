"""What runs for a benchmark alone, with a Postgres of its own: a service, or the platform."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import build, jdk, lifecycle, services
from .checks import free_port
from .credentials import Credentials
from .home import SERVICE_PORTS, Home
from .postgres import Postgres
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
    child = _ready(plan, place, java_home, stack)
    return Measured(java_home, child, plan.port, ports["postgres"], credentials, place.root)


def _ready(
    plan: services.Service, place: Home, java_home: Path, stack: contextlib.ExitStack
) -> subprocess.Popen[bytes]:
    child = services.start(plan, place, java_home, dict(os.environ))
    stack.callback(child.wait)
    stack.callback(child.terminate)
    services.await_ready(plan, child, place, patience=120)
    return child


@dataclass(frozen=True)
class Platform:
    """:param place: private, gone when the measurement ends"""

    java_home: Path
    ports: dict[str, int]
    credentials: Credentials
    place: Home
    stack: contextlib.ExitStack

    def another(self, name: str, progress: Progress, **settings: str) -> int:
        """Starts a second service of a kind beside the one that runs, on the same database; answers its port.

        :param settings: of its environment, before those that `up` would give it
        """
        folder = self.place.root / f"another-{name}"
        place = Home(root=folder, cache=self.place.cache, repository=self.place.repository)
        place.create()
        ports = {**self.ports, name: free_port()}
        plans = services.all_services(place, ports, self.credentials)
        usual = next(each for each in plans if each.name == name)
        with progress.step(f"Starting another {name}"):
            _ready(replace(usual, environment={**usual.environment, **settings}), place, self.java_home, self.stack)
        return ports[name]


@contextlib.contextmanager
def platform(home: Home, progress: Progress, **settings: str) -> Iterator[Platform]:
    """Starts all services as `up` does, with the bundled tasks, on free ports; all of it is gone in the end.

    :param settings: of the environment of all services
    """
    java_home = jdk.find()
    build.ensure(home, java_home, progress)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="platform-bench-")))
        place = Home(root=folder, cache=home.cache, repository=home.repository)
        place.create()
        stack.enter_context(exclusive(place))
        ports = {name: free_port() for name in SERVICE_PORTS}
        credentials, running = Credentials.of(place), RunFile(place)
        stack.callback(Postgres.of(place, ports["postgres"]).remove)
        stack.callback(lifecycle.stop_all, running, progress)
        lifecycle.start_missing(place, ports, java_home, running, progress, settings)
        yield Platform(java_home, ports, credentials, place, stack)
