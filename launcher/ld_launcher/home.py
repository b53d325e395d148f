"""Where everything lies, and on which ports it listens."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .problem import Problem

REPOSITORY = Path(__file__).resolve().parents[2]

SERVICE_PORTS = {
    "gateway": ("PLATFORM_GATEWAY_PORT", 8080),
    "function-base-service": ("PLATFORM_FUNCTION_BASE_PORT", 8081),
    "distillation-service": ("PLATFORM_DISTILLATION_PORT", 8082),
    "inference-service": ("PLATFORM_INFERENCE_PORT", 8083),
    "postgres": ("PLATFORM_POSTGRES_PORT", 54329),
}


@dataclass(frozen=True)
class Home:
    """The state of one installation (root) and what may be shared between several (cache)."""

    root: Path
    cache: Path
    repository: Path = REPOSITORY

    @staticmethod
    def from_environment(env: Mapping[str, str] = os.environ) -> Home:
        root = Path(env.get("PLATFORM_HOME") or REPOSITORY / ".platform").absolute()
        return Home(root=root, cache=Path(env.get("PLATFORM_CACHE") or root).absolute())

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run_file(self) -> Path:
        return self.root / "run.json"

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.json"

    @property
    def key_file(self) -> Path:
        return self.root / "api-key"

    @property
    def platform_key_file(self) -> Path:
        """The key that makes tenants; the one for daily work is the other."""
        return self.root / "platform-key"

    @property
    def keys_file(self) -> Path:
        return self.root / "keys.json"

    @property
    def venv(self) -> Path:
        return self.cache / "venv"

    @property
    def models(self) -> Path:
        return self.cache / "models"

    @property
    def apps(self) -> Path:
        return self.cache / "apps"

    @property
    def build_file(self) -> Path:
        return self.cache / "build.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def create(self) -> None:
        for folder in (self.root, self.cache):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as e:
                raise Problem(
                    f"{folder} cannot be created ({e.strerror}); set PLATFORM_HOME to a folder you may write to."
                ) from e
        self.logs.mkdir(exist_ok=True)


def ports_from(env: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Every port by service; PLATFORM_PORT_OFFSET shifts all defaults, a service's own variable beats it."""
    offset = _number(env, "PLATFORM_PORT_OFFSET", 0, 0, 10_000)
    ports = {
        name: _number(env, variable, default + offset, 1, 65_535) for name, (variable, default) in SERVICE_PORTS.items()
    }
    seen: dict[int, str] = {}
    for name, port in ports.items():
        if port in seen:
            raise Problem(f"{seen[port]} and {name} are both given port {port}; change {SERVICE_PORTS[name][0]}.")
        seen[port] = name
    return ports


def _number(env: Mapping[str, str], variable: str, default: int, low: int, high: int) -> int:
    text = env.get(variable) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise Problem(f"{variable} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file of ours; None where there is none or where a crash left half of one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return value if isinstance(value, dict) else None
