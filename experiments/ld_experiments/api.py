"""A client of the platform's public API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from .errors import ExperimentError

BUSY = (429, 503)
FAILED_FUNCTION = "function-failed"
"""A function that was verified and fails has most likely run out of time: so has a machine that does too much else."""

ATTEMPTS = 5
PATIENCE = 30.0


class ProblemError(ExperimentError):
    """An RFC 9457 problem that the platform answered with."""

    def __init__(self, status: int, slug: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.slug = slug


class Api:
    """Calls one platform with one key. May be shared by threads.

    Waits and asks again when the platform, or its machine, is busy.
    """

    def __init__(
        self,
        url: str,
        key: str,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self._sleep = sleep
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(120, connect=10),
            transport=transport,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._json("GET", path, params=query)

    def find(self, path: str) -> Any | None:
        """What lies at the path, or nothing."""
        try:
            return self.get(path)
        except ProblemError as problem:
            if problem.status == 404:
                return None
            raise

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page."""
        cursor: dict[str, Any] = {}
        while True:
            page = self.get(path, **query, **cursor)
            yield from page["items"]
            if not page.get("next"):
                return
            cursor = {"cursor": page["next"]}

    def put(self, path: str, body: Any) -> Any:
        return self._json("PUT", path, json=body)

    def post(self, path: str, body: Any, key: str | None = None) -> Any:
        """:param key: under which the same call has one effect, however often it is made"""
        headers = {"Idempotency-Key": key} if key else {}
        return self._json("POST", path, json=body, headers=headers)

    def post_lines(self, path: str, lines: str) -> Any:
        """Sends NDJSON."""
        headers = {"Content-Type": "application/x-ndjson"}
        return self._json("POST", path, content=lines.encode("utf-8"), headers=headers)

    def upload(self, path: str, parts: Mapping[str, tuple[str, bytes, str]]) -> Any:
        """Sends the parts, each a file name, content and media type, as multipart/form-data."""
        return self._json("POST", path, files=dict(parts))

    def _json(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._send(method, path, **arguments)
        if response.is_error:
            raise _problem(method, path, response)
        return response.json() if response.content else None

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._client.request(method, f"/v1{path}", **arguments)
            except httpx.ConnectError as error:
                raise ExperimentError(f"No platform answers at {self.url}; is it up? ({error})") from error
            except httpx.HTTPError as error:
                raise ExperimentError(f"{method} /v1{path} broke off: {error or type(error).__name__}") from error
            if not _may_pass(response) or attempt == ATTEMPTS:
                break
            self._sleep(_seconds(response.headers.get("Retry-After"), attempt))
        return response


def read_key(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ExperimentError(
            f"The key file {path} cannot be read ({error.strerror}); name one with --key-file."
        ) from error
    if not key:
        raise ExperimentError(f"The key file {path} is empty.")
    return key


def _seconds(header: str | None, attempt: int) -> float:
    try:
        return min(PATIENCE, float(header or ""))
    except ValueError:
        return 0.5 * 2**attempt


def _may_pass(response: httpx.Response) -> bool:
    """Whether the same request may be answered a moment later."""
    return response.status_code in BUSY or (response.is_error and _slug(_body(response)) == FAILED_FUNCTION)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _slug(body: Mapping[str, Any]) -> str:
    return str(body.get("type", "")).rpartition(":")[2]


def _problem(method: str, path: str, response: httpx.Response) -> ProblemError:
    body = _body(response)
    slug = _slug(body)
    said = body.get("detail") or body.get("title") or response.reason_phrase
    where = f" at {body['pointer']}" if body.get("pointer") else ""
    return ProblemError(response.status_code, slug, f"{method} /v1{path}: {response.status_code} {slug}: {said}{where}")
