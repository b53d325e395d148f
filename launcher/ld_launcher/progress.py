"""What a person sees while waiting: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

Report = Callable[[str], None]


class Progress:
    """Steps with their duration. Everything goes to standard error, so that standard output stays machine-readable."""

    def __init__(self) -> None:
        self._console = _rich_console()

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[Report]:
        """Shows `text` while the body runs; the body may report details of what it waits for."""
        start = time.monotonic()
        outcome = "failed"
        try:
            if self._console:
                with self._console.status(text) as status:
                    yield lambda detail: status.update(f"{text}: {detail}")
            else:
                print(f"{text} ...", file=sys.stderr, flush=True)
                yield _changed_lines()
            outcome = "done"
        finally:
            self.line(f"{text}: {outcome} in {time.monotonic() - start:.1f} s")

    def line(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def _changed_lines() -> Report:
    last = ""

    def report(detail: str) -> None:
        nonlocal last
        if detail != last:
            last = detail
            print(f"  {detail}", file=sys.stderr, flush=True)

    return report


def _rich_console() -> Any:
    if not sys.stderr.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(stderr=True)
