"""What this machine must offer, each point with what to do when it is missing."""

from __future__ import annotations

import os
import platform as machine
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import jdk
from .home import SERVICE_PORTS, Home
from .problem import Problem

DISK_NEEDED_GB = 4
MEMORY_NEEDED_GB = 3
MAVEN_NEEDED = (3, 8, 6)


@dataclass(frozen=True)
class Check:
    """One point of the examination; `detail` is the sentence to print in either case."""

    name: str
    ok: bool
    detail: str


def before_start(home: Home, ports: dict[str, int], ours: set[str]) -> list[Check]:
    """Everything `up` relies on; ports in `ours` are taken by processes of this very home."""
    free = [port_check(name, port) for name, port in ports.items() if name not in ours]
    return [
        system_check(),
        python_check(),
        jdk_check(),
        maven_check(),
        disk_check(home),
        memory_check(bool(ours)),
        *free,
    ]


def system_check() -> Check:
    system = machine.system()
    if system in ("Linux", "Darwin"):
        return Check("system", True, f"{system} on {machine.machine()}")
    return Check("system", False, f"{system} is not supported; use Linux or macOS, or Linux under WSL 2.")


def python_check() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return Check(
            "python", False, f"Python {version} lacks its venv module; install it (on Debian and Ubuntu python3-venv)."
        )
    return Check("python", True, f"Python {version} at {sys.executable}")


def jdk_check() -> Check:
    return _checked("jdk", lambda: f"JDK {jdk.NEEDED} in {jdk.find()}")


def maven_check() -> Check:
    try:
        command = maven_on_path(jdk.find())
    except Problem:
        return Check("maven", True, "not examined without a JDK")
    needed = ".".join(map(str, MAVEN_NEEDED))
    return Check(
        "maven", True, f"{command}" if command else f"no Maven {needed} or newer on the PATH; a pinned one is fetched"
    )


def maven_on_path(java_home: Path) -> str | None:
    """The `mvn` of the PATH where it is new enough."""
    command = shutil.which("mvn")
    if command is None:
        return None
    env = {**os.environ, "JAVA_HOME": str(java_home)}
    answer = subprocess.run([command, "-B", "--version"], env=env, cwd="/", capture_output=True, text=True, check=False)
    for line in answer.stdout.splitlines():
        words = line.split()
        if "Maven" in words:
            version = words[words.index("Maven") + 1].split("-")[0].strip("\x1b[m")
            parts = tuple(int(part) for part in version.split(".") if part.isdecimal())
            return command if parts >= MAVEN_NEEDED else None
    return None


def disk_check(home: Home) -> Check:
    place = home.root
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 1e9
    if free < DISK_NEEDED_GB:
        return Check(
            "disk", False,
            f"Only {free:.1f} GB are free for {home.root} and {DISK_NEEDED_GB} GB are needed;"
            " free some or set PLATFORM_HOME to a folder on another disk.",
        )  # fmt: skip
    return Check("disk", True, f"{free:.0f} GB free")


def memory_check(running: bool) -> Check:
    available = available_memory_gb()
    if available is None or running:
        return Check(
            "memory", True, "not measured" if available is None else f"{available:.1f} GB available beside what runs"
        )
    if available < MEMORY_NEEDED_GB:
        return Check(
            "memory",
            False,
            f"Only {available:.1f} GB of memory are available and {MEMORY_NEEDED_GB} GB are needed; close something.",
        )
    return Check("memory", True, f"{available:.1f} GB available")


def available_memory_gb() -> float | None:
    """Memory that new processes can have, as far as the system tells."""
    try:
        fields = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        return int(fields["MemAvailable"].split()[0]) * 1024 / 1e9
    except (OSError, KeyError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (ValueError, OSError):
        return None


def port_check(name: str, port: int) -> Check:
    if port_is_free(port):
        return Check(f"port {port}", True, f"free for {name}")
    return Check(
        f"port {port}", False,
        f"Port {port} (for {name}) is used by another program; stop it or set {SERVICE_PORTS[name][0]} to a free port.",
    )  # fmt: skip


def port_is_free(port: int) -> bool:
    """Whether nothing listens there: binding finds listeners of every user, whatever address they are bound to."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0")):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def free_port() -> int:
    """A port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demand(checks: list[Check]) -> None:
    """Fails with every sentence that is due."""
    wrong = [check.detail for check in checks if not check.ok]
    if wrong:
        raise Problem("\n".join(wrong))


def _checked(name: str, examine: Callable[[], str]) -> Check:
    try:
        return Check(name, True, examine())
    except Problem as e:
        return Check(name, False, str(e))
