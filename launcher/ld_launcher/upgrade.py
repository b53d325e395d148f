"""`./platform test upgrade`: from an earlier version to this one and back, service by service, while requests come.

Every service is replaced as a cluster does it: the new process starts beside the old one on the same database, takes
the connections when it is ready, and then the old one is asked to end.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import build, lifecycle, services, steady_load
from .checks import free_port
from .credentials import Credentials
from .deployed import checked, none_failed
from .door import Door
from .home import SERVICE_PORTS, Home
from .postgres import Postgres
from .problem import Problem
from .processes import RunFile
from .progress import Progress

if TYPE_CHECKING:
    from .testing import Totals

VARIABLE = "PLATFORM_UPGRADE_FROM"
ORDER = ("function-base-service", "distillation-service", "inference-service", "gateway")
AS_IN_A_CLUSTER = {"PLATFORM_FAREWELL": "5s"}
REQUESTS_A_SECOND = 4.0
# By then the callers have met whatever is there now.
SETTLING_S = 5.0
PATIENCE_S = 180.0


def test(home: Home, java_home: Path, progress: Progress) -> Totals:
    reference = _reference(home)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="platform-upgrade-")))
        place = folder / "platform"
        earlier = _checked_out(home, reference, folder, stack)
        old, new = replace(earlier, root=place), replace(home, root=place)
        new.create()
        old.create()
        with progress.step(f"Building {reference}"):
            build.build(old, java_home)
        build.ensure(new, java_home, progress)
        upgrade = Upgrade(java_home, progress, new, Credentials.of(new), stack)
        with progress.step(f"Starting all services of {reference}"):
            upgrade.start(old)
        lifecycle.install_bundled_tasks(old, upgrade.ports, upgrade.credentials, progress)
        return upgrade.test(old, new)


def _reference(home: Home) -> str:
    """What is to be upgraded from: named by the environment, else the newest release."""
    if given := os.environ.get(VARIABLE):
        return given
    newest = _git(home.repository, "describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^")
    if newest.returncode:
        raise Problem(f"There is no release to upgrade from yet; name a commit: {VARIABLE}=HEAD~20.")
    return newest.stdout.strip()


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False)


def _checked_out(home: Home, reference: str, folder: Path, stack: contextlib.ExitStack) -> Home:
    """A version's own checkout and builds, with the downloads of this one."""
    checkout, cache = folder / "checkout", folder / "cache"
    made = _git(home.repository, "worktree", "add", "--detach", str(checkout), reference)
    if made.returncode:
        raise Problem(f"{reference} can not be checked out: {made.stderr.strip()}")
    stack.callback(_git, home.repository, "worktree", "remove", "--force", str(checkout))
    cache.mkdir()
    lifecycle.share_downloads(home, cache)
    return Home(root=folder, cache=cache, repository=checkout)


@dataclass
class Upgrade:
    """An installation whose services are replaced one by one. For one thread.

    :param place: where its data lies
    """

    java_home: Path
    progress: Progress
    place: Home
    credentials: Credentials
    stack: contextlib.ExitStack
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in SERVICE_PORTS})
    doors: dict[str, Door] = field(default_factory=dict)
    living: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    said: io.StringIO = field(default_factory=io.StringIO)

    def start(self, version: Home) -> None:
        running = RunFile(self.place)
        postgres = Postgres.of(self.place, self.ports["postgres"])
        self.stack.callback(postgres.remove)
        self.stack.callback(lifecycle.stop_postgres, running)
        lifecycle.start_postgres(self.place, postgres, self.credentials, running)
        self.stack.callback(self._end_all)
        for name in ORDER:
            self.doors[name] = self.stack.enter_context(Door().open(self.ports[name]))
            self._begin(name, version)

    def _begin(self, name: str, version: Home) -> None:
        """Starts a version of a service and leads to it as soon as it is ready."""
        plans = services.all_services(replace(version, root=self.place.root), self.ports, self.credentials)
        usual = next(plan for plan in plans if plan.name == name)
        environment = {**usual.environment, "SERVER_PORT": str(port := free_port())}
        if name == "inference-service":
            # What it converts is its own, as a pod's is.
            environment["PLATFORM_DATA_DIR"] = str(self.place.root / f"inference-{port}")
        plan = replace(usual, port=port, environment=environment)
        child = services.start(plan, version, self.java_home, {**os.environ, **AS_IN_A_CLUSTER})
        self.living[name] = child
        services.await_ready(plan, child, version, PATIENCE_S)
        self.doors[name].lead_to(port)

    def _end_all(self) -> None:
        for child in self.living.values():
            child.terminate()
        for child in self.living.values():
            child.wait()

    def test(self, old: Home, new: Home) -> Totals:
        address = f"http://127.0.0.1:{self.ports['gateway']}"
        call = partial(services.get, key=self.credentials.api_key, timeout=60)
        before = self._decided(call, address)
        with self._load(address):
            totals = self._rolled("Upgrading", ORDER, new)
            totals += checked(
                self.progress, "Deciding again what was decided before", partial(_same, call, address, before)
            )
            # The new schema is there; whoever takes the step back finds it.
            totals += self._rolled("Going back with", tuple(reversed(ORDER)), old)
        return totals

    def _rolled(self, verb: str, names: tuple[str, ...], version: Home) -> Totals:
        from .testing import Totals

        steps = (
            checked(self.progress, f"{verb} {name} under load", partial(self._under_load, name, version))
            for name in names
        )
        return sum(steps, Totals())

    def _decided(self, call: Callable[..., tuple[int, bytes]], address: str) -> list[str]:
        """The ids of some decisions, on what the task has for an example."""
        state = json.loads(call(f"{address}/v1/tasks/{lifecycle.TASK}")[1])["stateSchema"]["examples"][0]
        answers = [call(f"{address}/v1/tasks/{lifecycle.TASK}/decisions", body={"state": state}) for _ in range(3)]
        return [json.loads(body)["id"] for _, body in answers]

    @contextlib.contextmanager
    def _load(self, address: str) -> Iterator[None]:
        stopped = threading.Event()
        arguments = (address, self.credentials.api_key, lifecycle.TASK, REQUESTS_A_SECOND, self.said, stopped)
        thread = threading.Thread(target=steady_load.run, args=arguments, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def _under_load(self, name: str, version: Home) -> str:
        before = len(self._lines())
        leaving = self.living[name]
        self._begin(name, version)
        leaving.terminate()
        leaving.wait(PATIENCE_S)
        time.sleep(SETTLING_S)
        return none_failed(self._lines()[before:])

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said.getvalue().splitlines() if line.endswith("}")]


def _same(call: Callable[..., tuple[int, bytes]], address: str, decisions: list[str]) -> str:
    """By replay of what the earlier version logged."""
    for decision in decisions:
        status, body = call(f"{address}/v1/decisions/{decision}/replays", body={})
        if status != 200 or not json.loads(body)["same"]:
            raise Problem(f"Decision {decision} is not the same any more: {status} {body[:300]!r}")
    return f"{len(decisions)} decisions of the earlier version, the same by replay"
