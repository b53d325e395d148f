"""Steady load on the gateway from inside a cluster, where it runs in a container by itself: the standard library alone.

One JSON line for each request, when it has ended. Half of the callers keep their connection as long as the server lets
them, the others open one for each request; what fails is never asked again.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

CALLERS = 8
LONGEST_S = 30.0


class Caller:
    """One client of the gateway, for one thread."""

    def __init__(self, address: str, key: str, keeps: bool) -> None:
        self._place = urllib.parse.urlsplit(address).netloc
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._keeps = keeps
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """:raises OSError, http.client.HTTPException: where no whole answer came"""
        connection = self._connection or http.client.HTTPConnection(self._place, timeout=LONGEST_S)
        self._connection = None
        try:
            headers = self._headers if self._keeps else {**self._headers, "Connection": "close"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        except BaseException:
            connection.close()
            raise
        if self._keeps and not answer.will_close:
            self._connection = connection
        else:
            connection.close()
        return answer.status, content

    def described(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """One request, as the line that tells of it."""
        start = time.monotonic()
        line: dict[str, Any] = {"at": round(time.time(), 3), "path": path, "keeps": self._keeps}
        try:
            status, content = self.call(method, path, body)
            line["status"] = status
            if status != 200:
                line["said"] = content[:300].decode(errors="replace")
        except (OSError, http.client.HTTPException) as failure:
            line |= {"status": 0, "said": f"{type(failure).__name__}: {failure}"}
        return line | {"ms": round((time.monotonic() - start) * 1000, 1)}


def requests(task: str, state: object) -> Iterator[tuple[str, str, object]]:
    """Three decisions, then one question to the function base."""
    decision = ("POST", f"/v1/tasks/{task}/decisions", {"state": state})
    return itertools.cycle([decision, decision, decision, ("GET", f"/v1/tasks/{task}", None)])


def run(address: str, key: str, task: str, rate: float, output: TextIO, stopped: threading.Event) -> None:
    """Asks until it is stopped. A request that is due waits for nobody as long as a caller is free."""
    status, content = Caller(address, key, keeps=False).call("GET", f"/v1/tasks/{task}")
    if status != 200:
        raise SystemExit(f"{task} can not be read: {status} {content[:300]!r}")
    planned = requests(task, json.loads(content)["stateSchema"]["examples"][0])
    turn, start, count = threading.Lock(), time.monotonic(), itertools.count()

    def work(caller: Caller) -> None:
        while True:
            with turn:
                due = start + next(count) / rate
                method, path, body = next(planned)
            if stopped.wait(max(0.0, due - time.monotonic())):
                return
            line = json.dumps(caller.described(method, path, body))
            with turn:
                print(line, file=output, flush=True)

    callers = [Caller(address, key, keeps=number % 2 == 0) for number in range(CALLERS)]
    threads = [threading.Thread(target=work, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    secret = Path(os.environ["KEY_FILE"]).read_text(encoding="utf-8").strip()
    run(os.environ["GATEWAY"], secret, os.environ["TASK"], float(os.environ["RATE"]), sys.stdout, threading.Event())
