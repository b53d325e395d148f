"""Shows how far a run is: a bar for a person, a line now and then for a log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SILENCE = 15.0

Say = Callable[[str], None]
Advance = Callable[[], None]
Begin = Callable[[str, int], Advance]


def say(line: str) -> None:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(line)


@contextlib.contextmanager
def progress(console: Console | None = None) -> Iterator[Begin]:
    """Begins a count of so many; what it answers is called once for each."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield lambda label, total: lines(label, total, say)
        return
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as shown:

        def begin(label: str, total: int) -> Advance:
            bar = shown.add_task(label, total=total)
            return lambda: shown.advance(bar)

        yield begin


def lines(label: str, total: int, said: Say, clock: Callable[[], float] = time.monotonic) -> Advance:
    """A line at the first, at the last, and between them whenever there was none for a while."""
    done, begun, last = 0, clock(), clock()

    def advance() -> None:
        nonlocal done, last
        done, now = done + 1, clock()
        if done == total:
            said(f"{label}: {done} of {total}, {now - begun:.0f} s")
        elif done == 1 or now - last >= SILENCE:
            last = now
            said(f"{label}: {done} of {total}, about {(now - begun) / done * (total - done):.0f} s left")

    return advance
