"""Keeps a claim alive while a job runs, and tells the server how it goes."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from ld_worker.client import Claim, Client, LeaseLostError, RefusedError, UnreachableError

MOST_LINES = 200


class Heart:
    """Beats on a thread of its own, three times a lease.

    A beat that does not get through is no reason to stop: the lease may be gone by then or not; the next answer tells.
    """

    def __init__(self, client: Client, claim: Claim, every: float | None = None) -> None:
        self._client, self._claim = client, claim
        self._every = every or max(1.0, claim.lease_seconds / 3)
        self._guard = threading.Lock()
        self._lines: list[str] = []
        self._latest: dict[str, Any] = {}
        self._sent: dict[str, Any] = {}
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
            self._lines = [*self._lines, line][-MOST_LINES:]

    def report(self, step: int, steps: int, seconds: float, metrics: dict[str, float]) -> None:
        with self._guard:
            self._latest = {"step": step, "steps": steps, "seconds": seconds, "metrics": metrics}
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
        with self._guard:
            lines, latest = self._lines, self._latest
            self._lines = []
        said = {"log": lines} | (latest if latest != self._sent else {})
        try:
            self._client.beat(self._claim, said)
            self._sent = latest
        except UnreachableError:
            with self._guard:
                self._lines = [*lines, *self._lines][-MOST_LINES:]
        except LeaseLostError as lost:
            self.lost = lost
        except RefusedError as refused:
            self.lost = refused if refused.status in (401, 403, 404) else None
