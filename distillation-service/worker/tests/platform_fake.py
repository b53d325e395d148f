"""A server of /worker/v1 in memory: as strict about claims as the real one, and as unreliable as a test wants it."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class FakeJob:
    spec: dict[str, Any]
    rows: bytes
    test: bytes
    id: str = "job-1"
    state: str = "queued"
    fence: int = 0
    claim: str = ""
    student: dict[str, bytes] = field(default_factory=dict)
    completions: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)
    beats: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[tuple[int, str, bytes]] = field(default_factory=list)
    start: dict[str, bytes] = field(default_factory=dict)
    """The student that the job goes on from: manifest and adapter."""


class FakePlatform:
    """One job. ``faults`` maps a part of a path to how many calls to it get no answer, or a status instead of one."""

    def __init__(self, job: FakeJob) -> None:
        self.job = job
        self.faults: dict[str, list[int]] = {}
        self.on_checkpoint = lambda step: None
        self.calls: list[str] = []
        self.gone, self.back, self.away = threading.Event(), threading.Event(), False
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                platform.answer(self, b"")

            def do_POST(self) -> None:
                platform.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *_: object) -> None:
                pass

        self._handler = Handler
        self._listen(0)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _listen(self, port: int) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> FakePlatform:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def go_away(self, seconds: float) -> None:
        """Nobody listens from now on, for so long, nor answers on lines that are open; then again at the same place."""
        self.away = True

        def absent() -> None:
            self.__exit__()
            self.gone.set()
            time.sleep(seconds)
            self._listen(self._server.server_port)
            self.away = False
            self._thread.start()
            self.back.set()

        threading.Thread(target=absent, daemon=True).start()

    def answer(self, call: BaseHTTPRequestHandler, body: bytes) -> None:
        if self.away:
            call.close_connection = True
            call.connection.close()
            return
        path = urlsplit(call.path)
        query = {name: values[0] for name, values in parse_qs(path.query).items()}
        self.calls.append(f"{call.command} {path.path}")
        for part, faults in self.faults.items():
            if re.search(part, path.path) and faults:
                fault = faults.pop(0)
                if fault == 0:
                    call.close_connection = True
                    call.connection.close()
                    return
                self._send(call, fault, b'{"detail":"not now"}')
                return
        status, found = self._serve(call, path.path.removeprefix("/worker/v1/claims"), query, body)
        self._send(call, status, found)

    def _serve(self, call: BaseHTTPRequestHandler, path: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        job = self.job
        if call.headers["Authorization"] != "Bearer secret":
            return 401, b'{"detail":"who?"}'
        if path == "":
            return self._claim(call.headers["Idempotency-Key"], json.loads(body))
        _, claim, what, *rest = path.split("/")
        if what == "completions" and job.state == "completed" and claim == job.claim:
            return 200, b'{"id":"sha256:again"}'
        fence = int(query.get("fencingToken", 0)) or (
            json.loads(body)["fencingToken"] if body[:1] == b"{" else job.fence
        )
        if job.state != "running" or claim != job.claim or fence != job.fence:
            problem = {
                "type": "urn:logic-distillation:problem:lease-lost",
                "detail": "the claim does not hold",
                "state": job.state,
            }
            return 409, json.dumps(problem).encode()
        match what:
            case "heartbeats":
                job.beats.append(json.loads(body))
                return 200, b"{}"
            case "trajectories":
                return 200, job.test if query.get("split") == "test" else job.rows
            case "start":
                return 200, job.start[rest[0]]
            case "failures":
                job.failures.append(json.loads(body))
                job.state = "queued"
                return 200, b'{"state":"queued"}'
            case "checkpoints" if rest:
                return 200, next(content for _, sha256, content in job.checkpoints if sha256 == rest[0])
            case "checkpoints":
                assert hashlib.sha256(body).hexdigest() == query["sha256"]
                job.checkpoints.insert(0, (int(query["step"]), query["sha256"], body))
                self.on_checkpoint(int(query["step"]))
                return 200, b"{}"
            case "completions":
                job.student, job.state = _parts(call.headers["Content-Type"], body), "completed"
                job.completions += 1
                return 200, b'{"id":"sha256:student"}'
        return 404, b"{}"

    def _claim(self, key: str, worker: dict[str, Any]) -> tuple[int, bytes]:
        job = self.job
        if job.state == "running" and key == job.claim:
            pass
        elif job.state != "queued" or job.spec["base"] not in worker["bases"] or not _meant(worker, job):
            return 204, b""
        else:
            job.state, job.claim, job.fence = "running", key, job.fence + 1
        found = {
            "id": job.claim,
            "fencingToken": job.fence,
            "leaseSeconds": 60,
            "job": job.id,
            "attempt": job.fence,
            "spec": job.spec,
            "checkpoints": [
                {"step": step, "sha256": sha256, "bytes": len(content)} for step, sha256, content in job.checkpoints
            ],
        }
        return 200, json.dumps(found).encode()

    def _send(self, call: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        call.send_response(status)
        if status != 204:
            call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)


def _meant(worker: dict[str, Any], job: FakeJob) -> bool:
    return "job" not in worker or (worker["job"], worker["run"]) == (job.id, job.fence + 1)


def _parts(content_type: str, body: bytes) -> dict[str, bytes]:
    message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in message.get_payload()
    }
