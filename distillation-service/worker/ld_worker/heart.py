"""Keeps a claim alive while a job runs, and tells the server how it goes."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType
from typing import Any

from ld_worker.client import Claim, Client, LeaseLostError, RefusedError, UnreachableError

MOST_LINES = 200
"""of the log in one beat; the server takes no more."""
KEPT_LINES = 2000
"""for how many a silent server is waited for; the server keeps no more of a job either."""
KEPT_REPORTS = 500


class Heart:
    """Beats on a thread of its own, three times a lease.

    A beat that does not get through is no reason to stop: the lease may be gone by then or not; the next answer tells.
    What was to be said waits meanwhile, in order, the oldest dropped first.
    """

    def __init__(self, client: Client, claim: Claim, every: float | None = None) -> None:
        self._client, self._claim = client, claim
        self._every = every or max(1.0, claim.lease_seconds / 3)
        self._guard, self._speaking = threading.Lock(), threading.Lock()
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._reports: deque[dict[str, Any]] = deque(maxlen=KEPT_REPORTS)
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self.lost: RefusedError | None = None

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def say(self, line: str) -> None:
        with self._guard:
            self._lines.append(line)

    def report(self, step: int, steps: int, seconds: float, metrics: dict[str, float], trials: Any = None) -> None:
        said = {"step": step, "steps": steps, "seconds": seconds, "metrics": metrics}
        with self._guard:
            self._reports.append(said | ({"trials": trials} if trials else {}))
        self._wake.set()

    def check(self) -> None:
        """Raises what ended the claim, if anything has."""
        if self.lost:
            raise self.lost

    def _run(self) -> None:
        while not self._stop.is_set() and not self.lost:
            self._wake.wait(self._every)
            self._wake.clear()
            self.beat()

    def beat(self) -> None:
        """Says all that waits, in as many calls as that takes, at least one."""
        with self._speaking:
            while self._said_one() and not self.lost:
                pass

    def _said_one(self) -> bool:
        """Answers whether it got through and more waits."""
        with self._guard:
            lines = [self._lines.popleft() for _ in range(min(MOST_LINES, len(self._lines)))]
            report = self._reports.popleft() if self._reports else {}
        try:
            self._client.beat(self._claim, {"log": lines} | report)
        except UnreachableError:
            self._take_back(lines, report)
            return False
        except LeaseLostError as lost:
            self.lost = lost
        except RefusedError as refused:
            self.lost = refused if refused.status in (401, 403, 404) else None
        with self._guard:
            return bool(self._lines or self._reports)

    def _take_back(self, lines: list[str], report: dict[str, Any]) -> None:
        """Puts unheard words before those that came since; where there is no room, the oldest go."""
        with self._guard:
            self._lines = deque([*lines, *self._lines], maxlen=KEPT_LINES)
            if report:
                self._reports = deque([report, *self._reports], maxlen=KEPT_REPORTS)
