"""llama.cpp's server with our base model, started to be measured beside or to be asked as a remote engine."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import artifacts, python_packages
from .checks import free_port
from .home import Home
from .problem import Problem
from .progress import Progress

REQUIREMENTS = python_packages.LAUNCHER / "requirements-llama.txt"
SOURCE = "llama-cpp-python"
LONGEST_START_S = 120


def ensure(home: Home, progress: Progress) -> Path:
    """The Python of an environment that has llama.cpp, which is built from source the first time."""
    text = "Building llama.cpp's server (some minutes; a benchmark can do without it)"
    return python_packages.fetch(home, progress, text, home.cache / "llama", REQUIREMENTS, from_source=[SOURCE])


def serve(
    home: Home, progress: Progress, stack: contextlib.ExitStack, *options: str, log_name: str = "llama-server"
) -> str:
    """Starts the server on a free port of this machine and stops it when the stack is closed; answers its address.

    What follows a prefix that the last prompt had too is all that it computes anew. Its option `cache`, which keeps the
    states of several prompts, is off: it copies the state after every call, and one stage has one prefix.

    :param options: more of them, in the server's words
    """
    python, port, log = ensure(home, progress), free_port(), home.log(log_name)
    command = [
        str(python), "-m", "llama_cpp.server", "--model", str(artifacts.model_file(home)), "--host", "127.0.0.1",
        "--port", str(port), "--n_ctx", "2048", "--n_threads", str(_cores()), "--n_threads_batch", str(_cores()),
        "--verbose", "false", *options,
    ]  # fmt: skip
    with progress.step("Starting llama.cpp's server"):
        with log.open("w", encoding="utf-8") as output:
            child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        stack.callback(child.wait)
        stack.callback(child.terminate)
        url = f"http://127.0.0.1:{port}"
        _await(child, url, log)
    return url


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _await(child: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + LONGEST_START_S
    while time.monotonic() < end and child.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/v1/models", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise Problem(f"llama.cpp's server did not start; its log is {log}.")
