"""A worker that trains, as whoever has a machine for it starts one."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from installation import Installation
from ld_launcher import allocator, train_bench
from ld_launcher.artifacts import model_file
from ld_launcher.home import REPOSITORY
from ld_launcher.progress import Progress

WORKER = REPOSITORY / "distillation-service" / "worker"


@contextlib.contextmanager
def worker(installation: Installation, scratch: Path) -> Iterator[None]:
    """One that stands by while the body runs; its log is printed where that fails."""
    command = [
        str(train_bench.python(installation.home, WORKER, Progress())), "-m", "ld_worker", "work",
        "--server", f"http://127.0.0.1:{installation.port}", "--token-file", str(installation.home.key_file),
        "--device", "cpu", "--scratch", str(scratch), "--pause", "0.5",
    ]  # fmt: skip
    env = {
        **allocator.preload(installation.home, Progress()),
        **os.environ,
        "PYTHONPATH": str(WORKER),
        "PLATFORM_MODEL_FILE": str(model_file(installation.home)),
    }
    log = scratch / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
    except BaseException:
        print(log.read_text(errors="replace")[-4000:])
        raise
    finally:
        process.terminate()
        process.wait(60)
