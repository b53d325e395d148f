"""`./platform bench`: figures that anyone can measure again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import artifacts, build, jdk, lifecycle, llama, services
from .checks import free_port
from .credentials import Credentials
from .home import SERVICE_PORTS, Home
from .postgres import Postgres
from .problem import Problem
from .processes import RunFile, exclusive, family, memory_mb
from .progress import Progress

BENCHES = ("start", "decision", "retrieval", "sandbox", "jobs", "upload")
SIZES = "1k,10k,100k,1m"
SERVICE_BENCHES = {"jobs": "JobsBench", "upload": "UploadBench"}
HOSTILE = Path("function-runtime/src/test/resources/io/logicdistillation/runtime/hostile-javascript.txt")
LEFT_OUT = shutil.ignore_patterns(".git", ".platform", "target", "__pycache__", ".venv", "node_modules")


def run(home: Home, name: str, as_json: bool, progress: Progress, beside_llama: bool = True, sizes: str = SIZES) -> int:
    home.create()
    lifecycle.fetch(home, progress)
    if name == "start":
        return _starting(home, as_json, progress)
    if name == "sandbox":
        return _sandbox(home, as_json, progress)
    if name == "retrieval":
        return _retrieval(home, as_json, progress, sizes)
    if name in SERVICE_BENCHES:
        return _distillation(home, name, as_json, progress)
    return _decision(home, as_json, progress, beside_llama)


def _starting(home: Home, as_json: bool, progress: Progress) -> int:
    """Starts a copy of the checkout that was never built, with the downloads at hand; then starts it once more."""
    with tempfile.TemporaryDirectory(prefix="platform-bench-", dir=home.root) as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(home.repository, copy, ignore=LEFT_OUT, symlinks=True)
        state = copy / ".platform"
        state.mkdir()
        for downloaded in (home.venv, home.models, home.cache / "maven"):
            if downloaded.exists():
                (state / downloaded.name).symlink_to(downloaded)
        env = {name: value for name, value in os.environ.items() if not name.startswith("PLATFORM_")}
        env.update({variable: str(free_port()) for variable, _ in SERVICE_PORTS.values()})
        try:
            first = _timed_up(copy, env, "a first start", progress)
            _call(copy, env, "down")
            later = _timed_up(copy, env, "a later start", progress)
            memory = sum(
                memory_mb(pid)
                for process in RunFile(Home(state, state, copy)).living().values()
                for pid in family(process.pid)
            )
        finally:
            _call(copy, env, "down", "--wipe")
    figures = [("first_start_s", first, "s"), ("start_s", later, "s"), ("memory_mb", memory, "MB")]
    for figure, value, unit in figures:
        if as_json:
            print(json.dumps({"name": figure, "value": round(value, 1), "unit": unit}))
        else:
            print(f"{figure:<16}{value:>8.1f} {unit}")
    return 0


def _timed_up(copy: Path, env: dict[str, str], what: str, progress: Progress) -> float:
    with progress.step(f"Measuring {what}"):
        start = time.monotonic()
        _call(copy, env, "up")
        return time.monotonic() - start


def _call(copy: Path, env: dict[str, str], *arguments: str) -> None:
    answer = subprocess.run([str(copy / "platform"), *arguments], env=env, capture_output=True, text=True, check=False)
    if answer.returncode:
        said = (answer.stderr.strip().splitlines() or ["nothing"])[-1]
        raise Problem(f"./platform {' '.join(arguments)} failed while it was measured: {said}")


def _decision(home: Home, as_json: bool, progress: Progress, beside_llama: bool) -> int:
    """The student engine beside a raw ONNX Runtime call in one process, and beside a server of the same model."""
    student = home.repository / "experiments" / "pursuit" / "students" / "pursuit-ld"
    with contextlib.ExitStack() as stack:
        arguments = ["--student", str(student)]
        if beside_llama:
            arguments += ["--llama-server", llama.serve(home, progress, stack)]
        return _in_one_process(home, "DecisionBench", arguments, as_json, progress)


def _sandbox(home: Home, as_json: bool, progress: Progress) -> int:
    """Calls of functions, ends of runaways, and a neighbour beside programs that attack the sandbox."""
    return _in_one_process(home, "SandboxBench", ["--corpus", str(home.repository / HOSTILE)], as_json, progress)


def _in_one_process(home: Home, name: str, arguments: list[str], as_json: bool, progress: Progress) -> int:
    java_home = jdk.find()
    with progress.step("Building the benchmarks"):
        classpath = build.benchmarks_classpath(home, java_home)
    command = [
        str(java_home / "bin" / "java"), "-Xmx1g", "--enable-native-access=ALL-UNNAMED",
        f"io.logicdistillation.benchmarks.{name}", *arguments, *(["--json"] if as_json else []),
    ]  # fmt: skip
    # In the environment, not as -cp: an argument of that length made ONNX Runtime end the JVM (exit 139).
    env = {**os.environ, "CLASSPATH": classpath, "PLATFORM_MODEL_FILE": str(artifacts.model_file(home))}
    sys.stdout.flush()
    return subprocess.run(command, env=env, check=False).returncode


@dataclass(frozen=True)
class Measured:
    """A service that runs for a benchmark alone, with a Postgres of its own."""

    java_home: Path
    classpath: str
    child: subprocess.Popen[bytes]
    port: int
    postgres_port: int
    credentials: Credentials

    def run(self, name: str, arguments: list[str], env: dict[str, str], as_json: bool) -> int:
        command = [
            str(self.java_home / "bin" / "java"), "-Xmx512m", f"io.logicdistillation.benchmarks.{name}",
            *arguments, *(["--json"] if as_json else []),
        ]  # fmt: skip
        sys.stdout.flush()
        return subprocess.run(command, env={**os.environ, "CLASSPATH": self.classpath, **env}, check=False).returncode


@contextlib.contextmanager
def _measured(home: Home, name: str, progress: Progress, **env: str) -> Iterator[Measured]:
    """Starts a service with the heap it has in ./platform up, on a Postgres that syncs; both are gone in the end."""
    java_home = jdk.find()
    build.ensure(home, java_home, progress)
    with progress.step("Building the benchmarks"):
        classpath = build.benchmarks_classpath(home, java_home)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="platform-bench-"))
        place = Home(root=Path(folder), cache=home.cache, repository=home.repository)
        place.create()
        credentials = Credentials.of(place)
        child, port, postgres_port = _start(place, name, java_home, credentials, stack, env)
        yield Measured(java_home, classpath, child, port, postgres_port, credentials)


def _distillation(home: Home, name: str, as_json: bool, progress: Progress) -> int:
    with _measured(home, "distillation-service", progress, PLATFORM_JOBS_MOSTQUEUED="10000") as service:
        arguments = ["--url", f"http://127.0.0.1:{service.port}", "--pid", str(service.child.pid)]
        env = {"PLATFORM_TOKEN_SECRET": service.credentials.token_secret}
        return service.run(SERVICE_BENCHES[name], arguments, env, as_json)


def _retrieval(home: Home, as_json: bool, progress: Progress, sizes: str) -> int:
    """The search in the database of a function base, which the service has made."""
    with _measured(home, "function-base-service", progress) as service:
        database = f"jdbc:postgresql://127.0.0.1:{service.postgres_port}/function_base"
        env = {"PLATFORM_DB_PASSWORD": service.credentials.databases["function_base"]}
        arguments = ["--jdbc", database, "--user", "function_base", "--sizes", sizes]
        return service.run("RetrievalBench", arguments, env, as_json)


def _start(
    place: Home, name: str, java_home: Path, credentials: Credentials, stack: contextlib.ExitStack, env: dict[str, str]
) -> tuple[subprocess.Popen[bytes], int, int]:
    """The service and its database, both stopped and gone when the stack is closed."""
    stack.enter_context(exclusive(place))
    ports = {name: free_port() for name in SERVICE_PORTS}
    postgres, running = Postgres.of(place, ports["postgres"]), RunFile(place)
    stack.callback(postgres.remove)
    stack.callback(lifecycle.stop_postgres, running)
    lifecycle.start_postgres(place, postgres, credentials, running)
    plan = next(each for each in services.all_services(place, ports, credentials) if each.name == name)
    child = services.start(plan, place, java_home, {**os.environ, **env})
    stack.callback(child.wait)
    stack.callback(child.terminate)
    end = time.monotonic() + 120
    while not services.is_ready(plan.port):
        if child.poll() is not None or time.monotonic() > end:
            raise Problem(f"{name} did not start: {services.cause_of_death(place.log(name))}")
        time.sleep(0.2)
    return child, plan.port, ports["postgres"]
