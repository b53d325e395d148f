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
from pathlib import Path

from . import artifacts, build, gateway_bench, jdk, lifecycle, llama, measured, python_packages, train_bench
from .checks import free_port
from .figures import Figure
from .home import SERVICE_PORTS, Home
from .problem import Problem
from .processes import RunFile, family, memory_mb
from .progress import Progress
from .services import COMMON_JAVA_OPTIONS

BENCHES = ("start", "decision", "retrieval", "sandbox", "jobs", "upload", "import", "gateway", "train")
SIZES = "1k,10k,100k,1m"
# The time grows with the number: every function is verified.
IMPORTED = "1k"
# Functions of the tasks that decisions are made for.
BASES = "10,1k,100k"
PEAK = Path("bench/peak.py")
CONCURRENCY = 32
# They come again: nothing is remembered there.
ATTACKED_STATES = 2_000
SERVICE_BENCHES = {"jobs": "JobsBench", "upload": "UploadBench"}
HOSTILE = Path("function-runtime/src/test/resources/io/logicdistillation/runtime")
LEFT_OUT = shutil.ignore_patterns(".git", ".platform", "target", "__pycache__", ".venv", "node_modules")


def run(
    home: Home,
    name: str,
    as_json: bool,
    progress: Progress,
    beside: bool = True,
    sizes: str | None = None,
    concurrency: int = CONCURRENCY,
    length: train_bench.Length = train_bench.USUAL,
    soak: int = 0,
) -> int:
    """
    :param beside: whether to measure beside a program of others too, where the benchmark has one
    :param sizes: numbers of functions, where the benchmark has any
    :param concurrency: clients at once, where the benchmark has any
    :param length: of trainings, where the benchmark trains
    :param soak: decisions over which a service's memory is looked at
    """
    home.create()
    lifecycle.fetch(home, progress)
    if name == "start":
        return _starting(home, as_json, progress)
    if name == "sandbox":
        return _sandbox(home, as_json, progress) or _attacked(home, as_json, progress)
    if name == "retrieval":
        return _retrieval(home, as_json, progress, sizes or SIZES)
    if name == "import":
        return _import(home, as_json, progress, sizes or IMPORTED)
    if name == "gateway":
        return gateway_bench.run(home, as_json, progress, beside)
    if name == "train":
        return train_bench.run(home, as_json, progress, length)
    if name in SERVICE_BENCHES:
        return _distillation(home, name, as_json, progress)
    return (
        _decision(home, as_json, progress, beside)
        or _served(home, as_json, progress, concurrency, soak)
        or _bases(home, as_json, progress, sizes or BASES)
    )


def _starting(home: Home, as_json: bool, progress: Progress) -> int:
    """Starts a copy of the checkout that was never built, with the downloads at hand; then starts it once more."""
    with tempfile.TemporaryDirectory(prefix="platform-bench-", dir=home.root) as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(home.repository, copy, ignore=LEFT_OUT, symlinks=True)
        state = copy / ".platform"
        state.mkdir()
        lifecycle.share_downloads(home, state)
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
    for figure in (
        Figure("first_start_s", first, "s"),
        Figure("start_s", later, "s"),
        Figure("memory_mb", memory, "MB"),
    ):
        print(figure.as_json() if as_json else figure.as_text())
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
        arguments = ["--student", str(student), *_peaks(home, progress)]
        if beside_llama:
            arguments += ["--llama-server", llama.serve(home, progress, stack)]
        return _in_one_process(home, "DecisionBench", arguments, as_json, progress)


def _peaks(home: Home, progress: Progress) -> list[str]:
    """How fast this machine multiplies, measured by the worker's libraries in the same minute."""
    worker = home.repository / "distillation-service" / "worker"
    python = train_bench.python(home, worker, progress)
    with progress.step("Measuring how fast this machine multiplies"):
        found = subprocess.run([str(python), str(worker / PEAK)], capture_output=True, text=True, check=True)
    return [word for name, value in json.loads(found.stdout).items() for word in (f"--peak-{name}", str(value))]


def _bases(home: Home, as_json: bool, progress: Progress, sizes: str) -> int:
    """Decisions of a running platform for tasks with few functions and with many."""
    # A hundred thousand functions are 200 MB of the service's heap.
    with measured.platform(home, progress, INFERENCE_STUDENTS_REMEMBERED="0") as platform:
        words = [
            "BaseSizeBench",
            "--url", f"http://127.0.0.1:{platform.ports['inference-service']}",
            "--pid", str(RunFile(platform.place).living()["inference-service"].pid),
            "--jdbc", f"jdbc:postgresql://127.0.0.1:{platform.ports['postgres']}/function_base",
            "--user", "function_base", "--sizes", sizes, *_json(as_json),
        ]  # fmt: skip
        env = {"PLATFORM_DB_PASSWORD": platform.credentials.databases["function_base"]}
        return _on_platform(home, platform, words, env, progress)


def _served(home: Home, as_json: bool, progress: Progress, concurrency: int, soak: int) -> int:
    """Decisions of a running platform, over HTTP: by one client and by many, and by a service that remembers scores."""
    # Where admission refuses is not what is measured.
    room = str(max(256, 4 * concurrency))
    admitting = {f"INFERENCE_ADMISSION_{name}": room for name in ("LEAST", "INITIAL", "MOST")}
    with measured.platform(home, progress, **admitting) as platform:
        forgetful = platform.another("inference-service", progress, **admitting, INFERENCE_STUDENTS_REMEMBERED="0")
        words = [
            "ServedBench",
            "--url", f"http://127.0.0.1:{forgetful}",
            "--remembering", f"http://127.0.0.1:{platform.ports['inference-service']}",
            "--pid", str(RunFile(platform.place).living()["inference-service"].pid),
            "--task", lifecycle.TASK, "--states", str(_drawn_states(home, platform, _states(concurrency))),
            "--concurrency", str(concurrency), "--soak", str(soak), *_json(as_json),
        ]  # fmt: skip
        return _on_platform(home, platform, words, {}, progress)


def _drawn_states(home: Home, platform: measured.Platform, count: int) -> Path:
    """A file with a state of the bundled game on each line."""
    states = platform.place.root / "states.ndjson"
    with states.open("wb") as file:
        drawing = [str(python_packages.python_of(home.venv)), "-m", "ld_experiments.states", lifecycle.TASK]
        env = {**os.environ, "PYTHONPATH": str(home.repository / "experiments")}
        subprocess.run([*drawing, str(count)], env=env, stdout=file, check=True)
    return states


def _states(concurrency: int) -> int:
    """More than ServedBench takes, of which none may come twice."""
    return 1_700 + 24 * concurrency


def _sandbox(home: Home, as_json: bool, progress: Progress) -> int:
    """Calls of functions, ends of runaways, and a neighbour beside programs that attack the sandbox."""
    return _in_one_process(home, "SandboxBench", ["--corpora", str(home.repository / HOSTILE)], as_json, progress)


def _attacked(home: Home, as_json: bool, progress: Progress) -> int:
    """Requests to a running platform while another tenant publishes programs that attack the sandbox."""
    with measured.platform(home, progress, INFERENCE_STUDENTS_REMEMBERED="0") as platform:
        words = [
            "AttackedServicesBench",
            "--function-base", f"http://127.0.0.1:{platform.ports['function-base-service']}",
            "--inference", f"http://127.0.0.1:{platform.ports['inference-service']}",
            "--pid", str(RunFile(platform.place).living()["function-base-service"].pid),
            "--task", lifecycle.TASK, "--states", str(_drawn_states(home, platform, ATTACKED_STATES)),
            "--corpora", str(home.repository / HOSTILE), *_json(as_json),
        ]  # fmt: skip
        return _on_platform(home, platform, words, {}, progress)


def _in_one_process(home: Home, name: str, arguments: list[str], as_json: bool, progress: Progress) -> int:
    java_home = jdk.find()
    with progress.step("Building the benchmarks"):
        classpath = build.benchmarks_classpath(home, java_home)
    # As the services are started: their collector and how they compile are a part of the figures.
    options = ["-Xmx1g", *COMMON_JAVA_OPTIONS]
    benchmark = [f"io.logicdistillation.benchmarks.{name}", *arguments, *_json(as_json)]
    command = [str(java_home / "bin" / "java"), *options, *benchmark]
    # In the environment, not as -cp: an argument of that length made ONNX Runtime end the JVM (exit 139).
    env = {**os.environ, "CLASSPATH": classpath, "PLATFORM_MODEL_FILE": str(artifacts.model_file(home))}
    sys.stdout.flush()
    return subprocess.run(command, env=env, check=False).returncode


def _on_platform(
    home: Home, platform: measured.Platform, words: list[str], env: dict[str, str], progress: Progress
) -> int:
    """A benchmark that calls services as the gateway does. :param words: its class and arguments"""
    env = {"PLATFORM_TOKEN_SECRET": platform.credentials.token_secret, **env}
    return _beside(home, platform.java_home, words, env, progress)


def _beside(home: Home, java_home: Path, words: list[str], env: dict[str, str], progress: Progress) -> int:
    """A benchmark in a process of its own, beside what it asks. :param words: its class and arguments"""
    with progress.step("Building the benchmarks"):
        classpath = build.benchmarks_classpath(home, java_home)
    command = [str(java_home / "bin" / "java"), "-Xmx512m", f"io.logicdistillation.benchmarks.{words[0]}"]
    sys.stdout.flush()
    env = {**os.environ, "CLASSPATH": classpath, **env}
    return subprocess.run([*command, *words[1:]], env=env, check=False).returncode


def _distillation(home: Home, name: str, as_json: bool, progress: Progress) -> int:
    with measured.service(home, "distillation-service", progress, PLATFORM_JOBS_MOSTQUEUED="10000") as service:
        words = [SERVICE_BENCHES[name], "--url", f"http://127.0.0.1:{service.port}", "--pid", str(service.child.pid)]
        env = {"PLATFORM_TOKEN_SECRET": service.credentials.token_secret}
        return _beside(home, service.java_home, [*words, *_json(as_json)], env, progress)


def _retrieval(home: Home, as_json: bool, progress: Progress, sizes: str) -> int:
    """The search in the database of a function base, which the service has made."""
    with measured.service(home, "function-base-service", progress) as service:
        database = f"jdbc:postgresql://127.0.0.1:{service.postgres_port}/function_base"
        env = {"PLATFORM_DB_PASSWORD": service.credentials.databases["function_base"]}
        words = ["RetrievalBench", "--jdbc", database, "--user", "function_base", "--sizes", sizes]
        return _beside(home, service.java_home, [*words, *_json(as_json)], env, progress)


def _import(home: Home, as_json: bool, progress: Progress, sizes: str) -> int:
    """Snapshots of many functions, line by line; the service's database has the key that they are signed with."""
    with measured.service(home, "function-base-service", progress) as service:
        database = f"jdbc:postgresql://127.0.0.1:{service.postgres_port}/function_base"
        env = {
            "PLATFORM_TOKEN_SECRET": service.credentials.token_secret,
            "PLATFORM_DB_PASSWORD": service.credentials.databases["function_base"],
        }
        words = [
            "ImportBench", "--url", f"http://127.0.0.1:{service.port}", "--pid", str(service.child.pid),
            "--jdbc", database, "--user", "function_base", "--sizes", sizes,
        ]  # fmt: skip
        return _beside(home, service.java_home, [*words, *_json(as_json)], env, progress)


def _json(wanted: bool) -> list[str]:
    return ["--json"] if wanted else []
