"""`./platform test`: every test of every module, with nothing to set up first, and one line with the totals."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import (
    actionlint,
    artifacts,
    browser,
    build,
    checks,
    cluster,
    compose,
    images,
    jdk,
    lifecycle,
    llama,
    promtool,
    python_packages,
    upgrade,
)  # fmt: skip
from .credentials import Credentials
from .home import Home
from .postgres import SUPERUSER, Postgres
from .problem import Problem
from .processes import RunFile, exclusive
from .progress import Progress

PARTS = ("java", "python", "lint", "compose", "cluster", "upgrade", "api", "engines")
DEFAULT_PARTS = ("java", "python")


@dataclass(frozen=True)
class Totals:
    """Counts of tests; a step that failed without a failed test (a compile error, a gate) counts as one failure."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    told: tuple[str, ...] = ()
    """A line for each test that failed, at last or at first."""

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.told + other.told,
        )

    def checked(self, exit_code: int, step: str) -> Totals:
        if not exit_code or self.failed:
            return self
        return self + Totals(failed=1, told=(f"Failed: {step}, though no test of it did (exit code {exit_code}).",))

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


@dataclass(frozen=True)
class PythonSuite:
    """One folder of pytest tests and the environment it runs in."""

    name: str
    folder: Path
    venv: Path
    requirements: tuple[Path, ...]
    path: tuple[Path, ...] = ()
    tests: tuple[str, ...] = ()
    """Where the tests are in the folder, if not where its pytest settings say; and other words for pytest."""
    env: Mapping[str, str] = field(default_factory=dict)


def run(home: Home, parts: list[str], progress: Progress) -> int:
    """Runs the parts; 0 only where every test of them passed."""
    home.create()
    java_home = jdk.find()
    checks.demand([checks.system_check(), checks.python_check(), checks.disk_check(home)])
    docker = compose.docker_answers()
    if os.environ.get("PLATFORM_REQUIRE_DOCKER") and not docker:
        raise Problem("PLATFORM_REQUIRE_DOCKER is set and no Docker engine answers; start one or unset the variable.")
    lifecycle.fetch(home, progress)
    totals = Totals()
    for part in parts or DEFAULT_PARTS:
        match part:
            case "java":
                totals += _java(home, java_home, docker, progress)
            case "python":
                totals += _python(home, java_home, progress)
            case "lint":
                totals += _lint_alone(home, java_home, progress)
            case "compose":
                totals += compose.test(home, java_home, progress)
            case "cluster":
                totals += cluster.test(home, java_home, progress)
            case "upgrade":
                totals += upgrade.test(home, java_home, progress)
            case "api":
                totals += _api(home, java_home, progress)
            case "engines":
                totals += _engines(home, java_home, progress)
    print(*totals.told, totals.line(), sep="\n", flush=True)
    return 1 if totals.failed or not totals.passed else 0


def _java(home: Home, java_home: Path, docker: bool, progress: Progress) -> Totals:
    command, env = build.maven(home, java_home)
    env["PLATFORM_MODEL_FILE"] = str(artifacts.model_file(home))
    start = time.time()
    with contextlib.ExitStack() as stack:
        if docker:
            progress.line("Java tests with a database run on Testcontainers: a Docker engine answers.")
            env["PLATFORM_TEST_POSTGRES_IMAGE"] = images.ensure(images.pinned("pgvector/pgvector"), progress)
        else:
            progress.line("Java tests with a database run on the embedded Postgres: no Docker engine answers.")
            env["PLATFORM_TEST_POSTGRES"] = stack.enter_context(test_postgres(home))
        code = subprocess.run(
            [*command, "--fail-at-end", "verify"], cwd=home.repository, env=env, check=False
        ).returncode
    return java_totals(home, start).checked(code, "the build of the services")


def java_totals(home: Home, since: float) -> Totals:
    """The counts of all reports that Maven has written since then."""
    reports = [path for path in home.repository.glob("*/target/*-reports/TEST-*.xml") if path.stat().st_mtime >= since]
    return sum((read_report(path) for path in reports), Totals())


def _engines(home: Home, java_home: Path, progress: Progress) -> Totals:
    """The tests of remote engines against llama.cpp's server, and those of a student's adapter in llama.cpp itself."""
    worker = _asking_llama(home, progress)
    command, env = build.maven(home, java_home)
    start = time.time()
    with contextlib.ExitStack() as stack:
        adapter = stack.enter_context(_adapter(home, worker))
        # They give log probabilities only where they keep the scores of every token.
        logits = ("--logits_all", "true")
        env["PLATFORM_COMPLETIONS_URL"] = llama.serve(home, progress, stack, *logits)
        adapted = (*logits, "--lora_path", str(adapter))
        env["PLATFORM_ADAPTER_URL"] = llama.serve(home, progress, stack, *adapted, log_name="llama-server-adapter")
        env["PLATFORM_MODEL_FILE"] = str(artifacts.model_file(home))
        chosen = ["-Dgroups=real-server", "-DexcludedGroups=", "-Dsurefire.failIfNoSpecifiedTests=false"]
        code = subprocess.run(
            [*command, "-pl", "inference-service", "-am", "-Dtest=RealCompletionsTest", *chosen, "test"],
            cwd=home.repository, env=env, check=False,
        ).returncode  # fmt: skip
    return java_totals(home, start).checked(code, "the build of the services") + _pytest(home, worker, progress)


def _asking_llama(home: Home, progress: Progress) -> PythonSuite:
    """The worker's tests that need a llama.cpp, with an environment for each of the two."""
    python = llama.ensure(home, progress)
    worker = next(suite for suite in suites(home) if suite.name == "worker")
    suite = replace(worker, name="llama", tests=("-m", "llama"), env={"PLATFORM_LLAMA_PYTHON": str(python)})
    _fetch_packages(home, suite, progress)
    return suite


@contextlib.contextmanager
def _adapter(home: Home, worker: PythonSuite) -> Iterator[Path]:
    """That of the bundled student of pursuit, as a file that llama.cpp's servers load."""
    student = home.repository / "experiments" / "pursuit" / "students" / "pursuit-ld"
    with tempfile.TemporaryDirectory(prefix="platform-test-") as folder:
        file = Path(folder) / "adapter.gguf"
        command = [
            str(python_packages.python_of(worker.venv)), "-m", "ld_worker", "--base", str(artifacts.model_file(home)),
            "gguf", "--student", str(student), "--out", str(file),
        ]  # fmt: skip
        if subprocess.run(command, cwd=worker.folder, check=False).returncode:
            raise Problem("The student's adapter could not be written for llama.cpp.")
        yield file


@contextlib.contextmanager
def test_postgres(home: Home) -> Iterator[str]:
    """A cluster that lives as long as the tests; answers its superuser's JDBC URL."""
    with tempfile.TemporaryDirectory(prefix="platform-test-") as folder:
        place = Home(root=Path(folder), cache=home.cache, repository=home.repository)
        with exclusive(place):
            credentials = Credentials.of(place)
            postgres = Postgres.of(place, checks.free_port())
            run = RunFile(place)
            try:
                lifecycle.start_postgres(place, postgres, credentials, run, durable=False)
                address = f"jdbc:postgresql://127.0.0.1:{postgres.port}/postgres"
                yield f"{address}?user={SUPERUSER}&password={credentials.superuser}"
            finally:
                lifecycle.stop_postgres(run)
                postgres.remove()


def suites(home: Home) -> list[PythonSuite]:
    launcher = python_packages.LAUNCHER
    experiments = home.repository / "experiments"
    worker = home.repository / "distillation-service" / "worker"
    ours = (python_packages.REQUIREMENTS, python_packages.TEST_REQUIREMENTS)
    return [
        PythonSuite("experiments", experiments, home.venv, ours, (experiments,)),
        PythonSuite("worker", worker, home.cache / "venv-worker", (worker / "requirements-test.txt",)),
        # The games that the console plays are compared with those of the experiments.
        PythonSuite("launcher", launcher, home.venv, ours, (experiments,)),
    ]


def _python(home: Home, java_home: Path, progress: Progress) -> Totals:
    totals = Totals()
    build.ensure(home, java_home, progress)
    for suite in suites(home):
        _fetch_packages(home, suite, progress)
    for what, ensure in (
        ("The console's tests", lambda: browser.ensure(home, progress)),
        ("The test of the alerts", lambda: promtool.ensure(home, progress)),
        ("The test of the workflows", lambda: actionlint.ensure(home, progress)),
    ):
        try:
            ensure()
        except Problem as missing:
            progress.line(f"{what} will fail: {missing}")
    for suite in suites(home):
        totals += _pytest(home, suite, progress)
    return totals + _lint(home, progress)


def _fetch_packages(home: Home, suite: PythonSuite, progress: Progress) -> None:
    text = f"Fetching the Python packages of the tests of {suite.name}"
    python_packages.fetch(home, progress, text, suite.venv, *suite.requirements)


def _pytest(home: Home, suite: PythonSuite, progress: Progress) -> Totals:
    progress.line(f"Python tests of {suite.name}")
    report = home.root / "reports" / f"{suite.name}.xml"
    report.unlink(missing_ok=True)
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(path) for path in suite.path),
        "PLATFORM_CACHE": str(home.cache),
        "PLATFORM_MODEL_FILE": str(artifacts.model_file(home)),
        **suite.env,
    }
    command = [str(python_packages.python_of(suite.venv)), "-m", "pytest", f"--junitxml={report}", *suite.tests]
    code = subprocess.run(command, cwd=suite.folder, env=env, check=False).returncode
    return (read_report(report) if report.exists() else Totals()).checked(code, f"the suite {suite.name}")


def _api(home: Home, java_home: Path, progress: Progress) -> Totals:
    """Drawn requests against the whole API; not among the default parts, as it takes longer than all of them."""
    if sys.version_info < (3, 11):
        raise Problem(
            "The test of the API with drawn requests needs Python 3.11 or newer; ./platform runs on an older one."
        )
    build.ensure(home, java_home, progress)
    launcher = python_packages.LAUNCHER
    needs = (python_packages.REQUIREMENTS, python_packages.API_REQUIREMENTS)
    suite = PythonSuite("api", launcher, home.cache / "venv-api", needs, (launcher / "tests",), ("fuzz",))
    _fetch_packages(home, suite, progress)
    return _pytest(home, suite, progress)


def _lint_alone(home: Home, java_home: Path, progress: Progress) -> Totals:
    """The gates that need no test: the formatter's, ruff's, and actionlint's on the workflows."""
    ours = (python_packages.REQUIREMENTS, python_packages.TEST_REQUIREMENTS)
    python_packages.fetch(home, progress, "Fetching the Python packages of the lint", home.venv, *ours)
    progress.line("Format of the Java sources")
    command, env = build.maven(home, java_home)
    codes = [subprocess.run([*command, "spotless:check"], cwd=home.repository, env=env, check=False).returncode]
    progress.line("Workflows")
    workflows = sorted(str(path) for path in (home.repository / ".github" / "workflows").glob("*.yml"))
    program = actionlint.ensure(home, progress)
    codes.append(subprocess.run([program, *workflows], cwd=home.repository, check=False).returncode)
    counted = Totals(passed=codes.count(0), failed=len(codes) - codes.count(0))
    return counted + _lint(home, progress)


def _lint(home: Home, progress: Progress) -> Totals:
    """Ruff over every folder with Python code counts as one test."""
    progress.line("Python lint")
    folders = [str(suite.folder) for suite in suites(home)]
    command = [str(python_packages.python_of(home.venv)), "-m", "ruff", "check", "--no-cache", *folders]
    code = subprocess.run(command, stdout=sys.stderr, check=False).returncode
    return Totals(failed=1) if code else Totals(passed=1)


OUTCOMES = {
    "failure": "Failed",
    "error": "Failed",
    "flakyFailure": "Flaky, passed when run again",
    "flakyError": "Flaky, passed when run again",
}
"""What a report of Surefire or pytest says beneath a test, and what the reader is told."""


def read_report(path: Path) -> Totals:
    """The counts of a JUnit report as Surefire and pytest write it, and a line for each test that failed."""
    totals = Totals()
    root = ElementTree.parse(path).getroot()
    for suite in [root] if root.tag == "testsuite" else root.findall("testsuite"):
        count = {name: int(suite.get(name) or 0) for name in ("tests", "failures", "errors", "skipped")}
        failed = count["failures"] + count["errors"]
        totals += Totals(count["tests"] - failed - count["skipped"], failed, count["skipped"])
    return totals + Totals(told=tuple(_outcomes(root)))


def _outcomes(report: ElementTree.Element) -> Iterator[str]:
    for test in report.iter("testcase"):
        for outcome in test:
            if outcome.tag in OUTCOMES:
                name = ".".join(filter(None, (test.get("classname"), test.get("name"))))
                # pytest and AssertJ explain themselves over many lines; the first says what it was.
                lines = (outcome.get("message") or outcome.text or "no message").strip().splitlines()
                yield f"{OUTCOMES[outcome.tag]}: {name}: {lines[0][:200]}"
