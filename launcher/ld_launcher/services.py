"""The four services: how each is started and when it is ready."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from . import build
from .artifacts import model_file
from .credentials import Credentials
from .home import Home
from .postgres import last_line
from .problem import Problem

# Small heaps and the serial collector keep all of it below 4 GB; the services wait more than they compute.
# A method that HotSpot's first compiler can not profile must stay in the interpreter until the second takes it: once it
# is compiled without a profile, as happens while the second is busy, it stays so. QuickJS's loop is such a method.
# Compilers run at nice 10: they are a service's longest-running threads, and requests that wake would wait behind them.
# A service that ran out of memory ends, so that `up` or whoever looks after it starts it anew: going on, it would
# listen and never answer.
COMMON_JAVA_OPTIONS = [
    "-XX:+UseSerialGC", "-Xss512k", "--enable-native-access=ALL-UNNAMED", "-Dfile.encoding=UTF-8",
    "-XX:+ExitOnOutOfMemoryError", "-XX:Tier3DelayOn=1000000",
    "-XX:ThreadPriorityPolicy=1", "-XX:CompilerThreadPriority=10",
]  # fmt: skip
QUICK_START = ["-XX:TieredStopAtLevel=1"]


@dataclass(frozen=True)
class Service:
    """One service process: what runs it and what it is told."""

    name: str
    port: int
    java_options: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, home: Home, java_home: Path) -> list[str]:
        options = [*COMMON_JAVA_OPTIONS, *self.java_options]
        return [str(java_home / "bin" / "java"), *options, "-jar", str(build.apps(home)[self.name])]


def all_services(home: Home, ports: dict[str, int], credentials: Credentials) -> list[Service]:
    """In the order in which they are stopped last to first: the gateway opens last and closes first."""
    addresses = {
        "FUNCTION_BASE_URL": f"http://127.0.0.1:{ports['function-base-service']}",
        "DISTILLATION_URL": f"http://127.0.0.1:{ports['distillation-service']}",
        "INFERENCE_URL": f"http://127.0.0.1:{ports['inference-service']}",
        "PLATFORM_TOKEN_SECRET": credentials.token_secret,
        "DJL_CACHE_DIR": str(home.root / "native"),
    }

    def service(name: str, java_options: list[str], database: str | None = None, **more: str) -> Service:
        environment = {**addresses, **more, "SERVER_PORT": str(ports[name]), "SERVER_ADDRESS": "127.0.0.1"}
        if database:
            environment["PLATFORM_DB_URL"] = f"jdbc:postgresql://127.0.0.1:{ports['postgres']}/{database}"
            environment["PLATFORM_DB_USER"] = database
            environment["PLATFORM_DB_PASSWORD"] = credentials.databases[database]
        return Service(name, ports[name], java_options, environment)

    return [
        service("function-base-service", ["-Xmx384m"], "function_base"),
        service(
            "distillation-service", ["-Xmx192m", *QUICK_START], "distillation",
            PLATFORM_DATA_DIR=str(home.root / "distillation"),
        ),
        service(
            "inference-service", ["-Xmx640m"], "inference",
            PLATFORM_DATA_DIR=str(home.root / "inference"), PLATFORM_MODEL_FILE=str(model_file(home)),
        ),
        service("gateway", ["-Xmx192m"], "gateway", PLATFORM_KEYS_FILE=str(home.keys_file)),
    ]  # fmt: skip


def start(service: Service, home: Home, java_home: Path, base_environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Starts a service in its own session, so that closing the terminal does not end it."""
    log = home.log(service.name)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    for variable in ("PLATFORM_DATA_DIR",):
        if variable in service.environment:
            Path(service.environment[variable]).mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            service.command(home, java_home), cwd=home.root, env={**base_environment, **service.environment},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def await_ready(service: Service, child: subprocess.Popen[bytes], home: Home, patience: float) -> None:
    """:raises Problem: if the service ends, or is not ready after so many seconds"""
    end = time.monotonic() + patience
    while not is_ready(service.port):
        if child.poll() is not None or time.monotonic() > end:
            raise Problem(f"{service.name} did not start: {cause_of_death(home.log(service.name))}")
        time.sleep(0.2)


def is_ready(port: int) -> bool:
    status, _ = get(f"http://127.0.0.1:{port}/actuator/health/readiness", timeout=5)
    return status == 200


def get(url: str, key: str | None = None, body: object = None, timeout: float = 10) -> tuple[int, bytes]:
    """One HTTP exchange with this machine, hence without proxies; status 0 where no answer came."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"} if data else {})
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()
    except (OSError, http.client.HTTPException):
        return 0, b""


def cause_of_death(log: Path) -> str:
    """The line of a service's log that best says why it ended."""
    try:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-400:]]
    except OSError:
        return last_line(log)
    for number, line in enumerate(lines):
        if line == "Description:":
            said = [following for following in lines[number + 1 :] if following]
            if said:
                return said[0][:300]
    causes = [line for line in lines if re.search(r"^Caused by:|\bERROR\b|^Exception in|^Error", line)]
    return causes[-1][:300] if causes else last_line(log)
