from __future__ import annotations

import io

from rich.console import Console

from ld_experiments.progress import SILENCE, lines, progress


def test_a_log_gets_the_first_the_last_and_a_line_now_and_then() -> None:
    said: list[str] = []
    now = iter([0.0, 0.0, 1.0, 2.0, 2.0 + SILENCE, 18.0, 19.0])
    advance = lines("ld", 5, said.append, clock=lambda: next(now))
    for _ in range(5):
        advance()
    assert said == ["ld: 1 of 5, about 4 s left", "ld: 3 of 5, about 11 s left", "ld: 5 of 5, 19 s"]


def test_a_terminal_gets_a_bar() -> None:
    out = io.StringIO()
    with progress(Console(file=out, force_terminal=True)) as begin:
        advance = begin("ld", 2)
        advance()
        advance()
    assert "2/2" in out.getvalue()
