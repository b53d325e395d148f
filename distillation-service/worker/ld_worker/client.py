"""The worker's side of /worker/v1: every call may be sent again, so a cut network is waited out."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from ld_worker import durable

LEASE_LOST = "urn:logic-distillation:problem:lease-lost"
BUSY = (429, 502, 503, 504)
BLOCK = 1 << 20


class UnreachableError(OSError):
    """No answer, or none but 'not now', for as long as was waited."""


class RefusedError(Exception):
    """The server understood and said no."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status


class LeaseLostError(RefusedError):
    """The job is not this worker's any more."""

    def __init__(self, status: int, detail: str, state: str) -> None:
        super().__init__(status, detail)
        self.state = state


@dataclass(frozen=True)
class Claim:
    id: str
    fencing_token: int
    lease_seconds: float
    job: str
    attempt: int
    spec: Mapping[str, Any]
    checkpoints: list[Mapping[str, Any]] = field(default_factory=list)

    @staticmethod
    def of(found: Mapping[str, Any]) -> Claim:
        return Claim(
            found["id"],
            found["fencingToken"],
            found["leaseSeconds"],
            found["job"],
            found["attempt"],
            found["spec"],
            found["checkpoints"],
        )


def _session(tries: int, token: str) -> requests.Session:
    retry = Retry(
        total=tries,
        backoff_factor=0.5,
        backoff_max=30,
        backoff_jitter=0.5,
        status_forcelist=BUSY,
        allowed_methods=None,
        raise_on_status=False,
    )
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


class Client:
    """Calls with one token.

    ``patience`` is how often a call that ends a job is tried again, for some ten minutes by default. A heartbeat or a
    claim is not worth that: the next one comes soon.
    """

    def __init__(self, server: str, token: str, patience: int = 24, timeout: float = 60) -> None:
        self._claims = f"{server.rstrip('/')}/worker/v1/claims"
        self._patient, self._quick = _session(patience, token), _session(1, token)
        self._timeout = timeout

    def claim(self, worker: Mapping[str, Any], key: str | None = None) -> Claim | None:
        """The next job; asked again with the same key, the same one."""
        answer = self._call(self._quick, "POST", "", json=worker, headers={"Idempotency-Key": key or str(uuid.uuid4())})
        return Claim.of(answer.json()) if answer.status_code == 200 else None

    def beat(self, claim: Claim, said: Mapping[str, Any]) -> None:
        self._tell(self._quick, claim, "heartbeats", said)

    def fail(self, claim: Claim, reason: str, retryable: bool = True, released: bool = False) -> str:
        said = {"reason": reason, "retryable": retryable, "released": released}
        session = self._quick if released else self._patient
        return self._tell(session, claim, "failures", said).json()["state"]

    def rows(self, claim: Claim, target: Path, split: str | None = None) -> str:
        """Writes the dataset version, or one side of its split, to a file; answers the bytes' SHA-256."""
        return self._download(self._patient, f"/{claim.id}/trajectories", target, {"split": split} if split else {})

    def checkpoint(self, claim: Claim, sha256: str, target: Path) -> str:
        return self._download(self._quick, f"/{claim.id}/checkpoints/{sha256}", target, {})

    def start(self, claim: Claim, part: str, target: Path) -> str:
        """Writes the manifest or the adapter of the student that the job goes on from; answers the bytes' SHA-256."""
        return self._download(self._patient, f"/{claim.id}/start/{part}", target, {})

    def save(self, claim: Claim, step: int, file: Path) -> None:
        query = {"fencingToken": claim.fencing_token, "step": step, "sha256": _sha256(file)}
        with file.open("rb") as content:
            headers = {"Content-Type": "application/octet-stream"}
            self._call(self._patient, "POST", f"/{claim.id}/checkpoints", params=query, data=content, headers=headers)

    def complete(self, claim: Claim, parts: Mapping[str, Path]) -> str:
        """Hands the student in and answers its id. Sent twice, it counts once."""
        files = {name: (path.name, path.read_bytes()) for name, path in parts.items()}
        query = {"fencingToken": claim.fencing_token}
        return self._call(self._patient, "POST", f"/{claim.id}/completions", params=query, files=files).json()["id"]

    def _tell(self, session: requests.Session, claim: Claim, what: str, said: Mapping[str, Any]) -> requests.Response:
        return self._call(session, "POST", f"/{claim.id}/{what}", json={"fencingToken": claim.fencing_token, **said})

    def _download(self, session: requests.Session, path: str, target: Path, query: Mapping[str, str]) -> str:
        digest = hashlib.sha256()
        with (
            self._call(session, "GET", path, params=query, stream=True) as answer,
            durable.replacing(target) as aside,
            aside.open("wb") as file,
        ):
            try:
                for block in answer.iter_content(BLOCK):
                    digest.update(block)
                    file.write(block)
            except requests.RequestException as cut:
                raise UnreachableError(f"{path} broke off: {cut}") from cut
        return digest.hexdigest()

    def _call(self, session: requests.Session, method: str, path: str, **more: Any) -> requests.Response:
        try:
            answer = session.request(method, self._claims + path, timeout=self._timeout, allow_redirects=False, **more)
        except requests.RequestException as gone:
            raise UnreachableError(f"{self._claims} does not answer: {gone}") from gone
        if answer.status_code < 300:
            return answer
        problem = _problem(answer)
        detail = str(problem.get("detail") or problem.get("title") or answer.reason)
        if answer.status_code in BUSY:
            raise UnreachableError(f"{answer.status_code}: {detail}")
        if problem.get("type") == LEASE_LOST:
            raise LeaseLostError(answer.status_code, detail, str(problem.get("state", "unknown")))
        raise RefusedError(answer.status_code, detail)


def _problem(answer: requests.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except (json.JSONDecodeError, requests.RequestException):
        return {}
    return found if isinstance(found, dict) else {}


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
