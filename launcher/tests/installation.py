"""One platform for the tests that need a real one, and how they talk to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ld_launcher.checks import free_port
from ld_launcher.home import REPOSITORY, SERVICE_PORTS, Home


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Installation:
    """One home with ports of its own, and the commands and calls that a user would make."""

    home: Home
    env: dict[str, str]
    port: int

    def platform(self, *arguments: str, timeout: float = 540) -> subprocess.CompletedProcess[str]:
        command = [str(REPOSITORY / "platform"), *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=timeout, check=False)

    def key(self) -> str:
        return self.home.key_file.read_text().strip()

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.key()}", "Content-Type": "application/json", **headers}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, content, {name: value for name, value in sent.items() if value})
            response = connection.getresponse()
            text = response.read()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, json.loads(text) if text else None)
        finally:
            connection.close()

    def decide(self, state: object) -> Answer:
        return self.call("POST", "/v1/tasks/pursuit/decisions", {"state": state})

    def example(self) -> dict[str, Any]:
        return self.call("GET", "/v1/tasks/pursuit").body["stateSchema"]["examples"][0]


BRIEFLY_TAUGHT, LEAST_AGREEMENT = ("chase", "chase-outputs"), 0.5
"""The tasks of test_distillation.py, and what the gate asks of their students, which learn for a minute or two."""
MOST_CALIBRATION_ERROR = 0.3
"""The same students' probabilities are fitted on some dozens of rows."""


@contextlib.contextmanager
def installed(root: Path, **settings: str) -> Iterator[Installation]:
    """Starts the platform in a home of its own on free ports, and removes it in the end.

    :param settings: environment variables of the services
    """
    cache = Path(os.environ.get("PLATFORM_CACHE") or REPOSITORY / ".platform")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PLATFORM_", "PYTHONPATH"))}
    ports = {variable: free_port() for variable, _ in SERVICE_PORTS.values()}
    env.update({variable: str(port) for variable, port in ports.items()})
    env.update(PLATFORM_HOME=str(root), PLATFORM_CACHE=str(cache))
    gates = {task: {"least-agreement": LEAST_AGREEMENT} for task in BRIEFLY_TAUGHT}
    gate = {"tasks": gates, "most-calibration-error": MOST_CALIBRATION_ERROR}
    # Nobody of a deleted tenant has anything under way in these tests.
    env["SPRING_APPLICATION_JSON"] = json.dumps({"platform": {"gate": gate, "tenants": {"settle": "1s"}}})
    env.update(settings)
    made = Installation(Home(root, cache), env, ports["PLATFORM_GATEWAY_PORT"])
    started = made.platform("up")
    try:
        assert started.returncode == 0, started.stderr + _logs(made)
        assert f"http://127.0.0.1:{made.port}" in started.stderr
        assert str(made.home.key_file) in started.stderr
        yield made
    finally:
        made.platform("down", "--wipe")


def _logs(made: Installation) -> str:
    logs = sorted(made.home.logs.glob("*.log"))
    return "".join(f"\n== {log.name}\n" + "\n".join(log.read_text().splitlines()[-30:]) for log in logs)
