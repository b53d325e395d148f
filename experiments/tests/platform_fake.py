"""A platform in memory that answers in the shape of the public API: for tests of its clients."""

from __future__ import annotations

import hashlib
import json
import re
from email import message_from_bytes
from typing import Any

import httpx

from ld_experiments.pursuit import Pursuit
from ld_experiments.pursuit.game import MOVES, board_of, cell_of

KEY = "a-key"


class FakeTask:
    """A task as the fake platform keeps it."""

    def __init__(self) -> None:
        self.definition: dict[str, Any] | None = None
        self.functions: dict[str, dict[str, Any]] = {}
        self.snapshot: dict[str, Any] | None = None


class FakePlatform:
    """Its students choose the first candidate; its functions walk straight to their target."""

    def __init__(self) -> None:
        self.tasks: dict[str, FakeTask] = {}
        self.students: dict[str, dict[str, Any]] = {}
        self.refused: set[str] = set()
        """Names of the students that the gate refuses."""
        self.decisions: list[dict[str, Any]] = []
        self.searches: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.busy = 0
        self.datasets: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.sealed: set[str] = set()
        self.jobs: dict[str, dict[str, Any]] = {}
        """By the key under which they were submitted."""
        self.failing: str | None = None
        """Why jobs fail, if they do."""
        self.rewards: dict[str, dict[str, Any]] = {}
        """What was reported of each student last."""
        self.timed: list[tuple[str, str]] = []
        """Students and the datasets over which they were timed."""

    @property
    def task(self) -> dict[str, Any] | None:
        """The definition of the pursuit game's task, which most tests are about."""
        return self._of("pursuit").definition

    @property
    def functions(self) -> dict[str, dict[str, Any]]:
        return self._of("pursuit").functions

    @property
    def snapshot(self) -> dict[str, Any] | None:
        return self._of("pursuit").snapshot

    @snapshot.setter
    def snapshot(self, snapshot: dict[str, Any] | None) -> None:
        self._of("pursuit").snapshot = snapshot

    def _of(self, task: str) -> FakeTask:
        return self.tasks.setdefault(task, FakeTask())

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1")
        self.calls.append(f"{request.method} {path}")
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _problem(401, "unauthenticated", "A valid API key is needed")
        if self.busy:
            self.busy -= 1
            return _problem(503, "unavailable", "Postgres is away", {"Retry-After": "1"})
        if path == "/students" and request.method == "POST":
            return self._import(request)
        if match := re.fullmatch(r"/datasets/([\w-]+)/trajectories", path):
            return self._upload(request, match[1])
        if path == "/distillation-jobs":
            return self._submit(json.loads(request.content), request.headers["Idempotency-Key"])
        body = json.loads(request.content) if request.content else None
        for method, pattern, handle in (
            ("PUT", r"/tasks/([\w-]+)", self._put_task),
            ("POST", r"/tasks/([\w-]+)/functions", self._post_function),
            ("POST", r"/tasks/([\w-]+)/snapshots", self._publish),
            ("POST", r"/tasks/([\w-]+)/snapshots/(sha256:\w+)/activations", self._activate),
            ("GET", r"/tasks/([\w-]+)/snapshots/active", self._active),
            ("POST", r"/tasks/([\w-]+)/decisions", self._decide),
            ("POST", r"/tasks/([\w-]+)/searches", self._search),
            ("GET", r"/students", self._students),
            ("POST", r"/students/(sha256:\w+)/promotions", self._promote),
            ("POST", r"/students/(sha256:\w+)/rewards", self._reward),
            ("POST", r"/students/(sha256:\w+)/timings", self._time),
            ("GET", r"/evaluations", lambda _: self._evaluate(request.url.params["student"])),
            ("POST", r"/datasets", self._dataset),
            ("GET", r"/datasets/([\w-]+)", self._find_dataset),
            ("GET", r"/datasets/([\w-]+)/versions", self._versions),
            ("POST", r"/datasets/([\w-]+)/versions", self._seal),
            ("GET", r"/distillation-jobs/([\w-]+)", self._job),
        ):
            match = re.fullmatch(pattern, path)
            if match and request.method == method:
                return handle(body, *match.groups())
        return _problem(404, "not-found", "There is nothing at this address")

    def _put_task(self, body: dict[str, Any], task: str) -> httpx.Response:
        self._of(task).definition = body
        return httpx.Response(200, json=body)

    def _post_function(self, body: dict[str, Any], task: str) -> httpx.Response:
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        added = body | {"version": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"}
        self._of(task).functions[body["name"]] = added
        return httpx.Response(201, json=added)

    def _publish(self, body: dict[str, Any], task: str) -> httpx.Response:
        known = self._of(task)
        functions = [known.functions[name] for name in sorted(known.functions)]
        named = hashlib.sha256(json.dumps([known.definition, functions]).encode()).hexdigest()
        known.snapshot = {
            "snapshot": f"sha256:{named}",
            "task": task,
            "number": 1,
            "active": False,
            "publishedAt": "2026-01-01T00:00:00Z",
            "definition": known.definition,
            "functions": functions,
        }
        return httpx.Response(201, json=known.snapshot)

    def _activate(self, body: dict[str, Any], task: str, snapshot: str) -> httpx.Response:
        self._of(task).snapshot["active"] = True
        return httpx.Response(201, json=self._of(task).snapshot)

    def _active(self, body: None, task: str) -> httpx.Response:
        snapshot = self._of(task).snapshot
        if not (snapshot and snapshot["active"]):
            return _problem(404, "unknown-snapshot", "No snapshot is active")
        return httpx.Response(200, json=snapshot)

    def _search(self, body: dict[str, Any], task: str) -> httpx.Response:
        self.searches.append(body)
        snapshot = self._of(task).snapshot
        found = [f for f in snapshot["functions"] if f["stage"] == body["stage"]][: body["k"]]
        candidates = [
            {"function": f["name"], "version": f["version"], "handle": f["handle"], "score": 1} for f in found
        ]
        return httpx.Response(200, json={"snapshot": snapshot["snapshot"], "candidates": candidates})

    def _students(self, body: None) -> httpx.Response:
        return httpx.Response(200, json={"items": list(self.students.values())})

    def _import(self, request: httpx.Request) -> httpx.Response:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in message_from_bytes(head + request.content).get_payload()
        }
        manifest = json.loads(parts["manifest"])
        student = {
            "id": f"sha256:{hashlib.sha256(parts['manifest']).hexdigest()}",
            "name": manifest["name"],
            "task": manifest["task"],
            "method": manifest["method"],
            "promoted": False,
            "createdAt": "2026-01-01T00:00:00Z",
            "manifest": manifest,
        }
        self.students[student["id"]] = student
        return httpx.Response(201, json=student)

    def _promote(self, body: dict[str, Any], student: str) -> httpx.Response:
        if self.students[student]["name"] in self.refused:
            problem = {"type": "urn:logic-distillation:problem:gate-refused", "status": 409, "detail": "Too few agree."}
            return httpx.Response(409, json=problem)
        for known in self.students.values():
            known["promoted"] = known["id"] == student
        return httpx.Response(201, json=self.students[student])

    def _reward(self, body: dict[str, Any], student: str) -> httpx.Response:
        self.rewards[student] = body
        added = {"environment": body["environment"], "version": body["version"], "known": 0}
        return httpx.Response(201, json=added | {"added": len(body["episodes"])})

    def _time(self, body: dict[str, Any], student: str) -> httpx.Response:
        self.timed.append((student, body["dataset"]))
        return httpx.Response(201, json={})

    def _evaluate(self, student: str) -> httpx.Response:
        """Its intervals are made up; its means are those of what was reported."""
        known, reported = self.students[student], self.rewards[student]
        mean = sum(episode["reward"] for episode in reported["episodes"]) / len(reported["episodes"])
        estimate = {"value": 0.9, "low": 0.8, "high": 1.0}
        took = {"way": "recall", "engine": "in-process", "p50Ms": 21.0, "p99Ms": 30.0}
        refused = known["name"] in self.refused
        item = {
            "evaluation": {
                "student": student,
                "stages": [{"stage": "target", "agreement": 0.97, "low": 0.94, "high": 0.99, "rows": 200}],
            },
            "rewards": [
                {"environment": reported["environment"], "version": reported["version"],
                 "episodes": len(reported["episodes"]), "reward": mean, "low": mean, "high": mean,
                 "teacher": {"episodes": 1, "reward": mean, "other": 1.0, "share": estimate}}
            ],
            "gate": {"passed": not refused, "reasons": ["it is refused"] if refused else [], "comparisons": []},
        }  # fmt: skip
        if any(timed == student for timed, _ in self.timed):
            stage = {"stage": "target", "rows": 40, "student": took, "serving": took, "ratio": estimate}
            item["timing"] = {"stages": [stage]}
        return httpx.Response(200, json={"items": [item]})

    def _dataset(self, body: dict[str, Any]) -> httpx.Response:
        self.datasets[body["name"]] = body | {"id": body["name"], "rows": 0}
        return httpx.Response(201, json=self.datasets[body["name"]])

    def _find_dataset(self, body: None, name: str) -> httpx.Response:
        known = self.datasets.get(name)
        return httpx.Response(200, json=known) if known else _problem(404, "unknown-dataset", "No such dataset")

    def _upload(self, request: httpx.Request, name: str) -> httpx.Response:
        rows = [json.loads(line) for line in request.content.decode().splitlines()]
        assert request.headers["Content-Type"] == "application/x-ndjson"
        self.rows.setdefault(name, []).extend(rows)
        self.datasets[name]["rows"] = len(self.rows[name])
        return httpx.Response(200, json={"accepted": len(rows), "repeated": 0, "refused": 0, "errors": []})

    def _versions(self, body: None, name: str) -> httpx.Response:
        return httpx.Response(200, json={"items": [{"version": 1}] if name in self.sealed else []})

    def _seal(self, body: dict[str, Any], name: str) -> httpx.Response:
        self.sealed.add(name)
        return httpx.Response(201, json={"version": 1})

    def _submit(self, spec: dict[str, Any], key: str) -> httpx.Response:
        """A job is asked for twice before it has ended."""
        job = self.jobs.setdefault(key, {"id": f"job-{len(self.jobs)}", "state": "queued", "spec": spec})
        return httpx.Response(202, json=job)

    def _job(self, body: None, name: str) -> httpx.Response:
        job = next(job for job in self.jobs.values() if job["id"] == name)
        steps = job["spec"]["hyperparameters"]["steps"]
        if job["state"] == "queued":
            job |= {"state": "running", "progress": {"step": 1, "steps": steps, "seconds": 1.5}}
        elif self.failing:
            job |= {"state": "failed", "reason": self.failing}
        else:
            student = f"sha256:{hashlib.sha256(json.dumps(job['spec'], sort_keys=True).encode()).hexdigest()}"
            progress = {"step": steps, "steps": steps, "seconds": 9.0}
            job |= {"state": "completed", "student": student, "progress": progress}
        return httpx.Response(200, json=job)

    def _decide(self, body: dict[str, Any], task: str) -> httpx.Response:
        known = self._of(task)
        self.decisions.append(body | {"task": task})
        stages: list[dict[str, Any]] = []
        earlier: dict[str, Any] = {}
        for stage in known.definition["stages"]:
            candidates = [f for f in known.snapshot["functions"] if f["stage"] == stage["name"]]
            imposed = body.get("choices", {}).get(stage["name"])
            chosen = imposed or candidates[0]["name"]
            earlier[stage["name"]] = _output(stage["name"], chosen, body["state"], earlier)
            stages.append(
                {
                    "stage": stage["name"],
                    "view": json.dumps([body["state"], earlier.get("target")]),
                    "candidates": [
                        {"function": f["name"], "version": f["version"], "handle": f["handle"], "origin": "all"}
                        | ({} if imposed else {"probability": 0.75 if f["name"] == chosen else 0.01})
                        for f in reversed(candidates)
                    ],
                    "chosen": chosen,
                    "decidedBy": "rule" if imposed else "student",
                    "reason": "a test",
                    "output": earlier[stage["name"]],
                }
            )
        decision = {
            "id": "0193a4a0-0000-7000-8000-000000000000",
            "task": task,
            "snapshot": known.snapshot["snapshot"],
            "student": "sha256:" + "0" * 64,
            "episode": body.get("episode"),
            "output": stages[-1]["output"],
            "stages": stages,
            "timings": {"retrieveMs": 0.1, "prefillMs": 0, "executeMs": 0.1, "logMs": 0.1, "totalMs": 0.3},
        }
        return httpx.Response(200, json=decision)


def _output(stage: str, function: str, state: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    if stage == "move":
        return {"move": function}
    if stage == "target":
        return Pursuit().foresee(stage, function, state, earlier)
    board, me = board_of(state), cell_of(state["me"])
    prey = next(cell_of(t) for t in state["targets"] if t["id"] == earlier["target"]["target"])
    return {"move": min(MOVES, key=lambda move: board.distance(board.moved(me, move), prey))}


def _problem(status: int, slug: str, detail: str, headers: dict[str, str] | None = None) -> httpx.Response:
    body = {"type": f"urn:logic-distillation:problem:{slug}", "title": slug, "status": status, "detail": detail}
    return httpx.Response(status, json=body, headers=headers)
