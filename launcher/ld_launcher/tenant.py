"""One tenant on its way to another installation, or out of this one: by the public API, so wherever the gateway is.

An export is a tar: `manifest.json`, the rows of each service as lines (`rows/SERVICE.ndjson`), and the files of
students under their SHA-256 (`files/HASH`). The manifest tells size and SHA-256 of all the others.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from .problem import Problem
from .progress import Progress

FORMAT = 1
SERVICES = ("function-base", "distillation", "inference")
WITH_FILES = "distillation"
LINES, BYTES, JSON = "application/x-ndjson", "application/octet-stream", "application/json"
MANIFEST = "manifest.json"
ENTRY = re.compile(r"rows/[a-z-]+\.ndjson|files/[0-9a-f]{64}")
CHUNK = 1 << 20
PATIENCE_S = 600
WORKS = "running"


class Refused(Problem):
    """What the gateway did not do, in its own words."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True)
class Gateway:
    address: str
    key: str

    @contextlib.contextmanager
    def open(
        self, method: str, path: str, body: IO[bytes] | bytes | None = None, kind: str = JSON
    ) -> Iterator[IO[bytes]]:
        """:raises Refused: with the problem's detail; :raises Problem: if nobody answers, or the answer breaks off"""
        headers = {"Authorization": f"Bearer {self.key}"}
        if body is not None:
            size = len(body) if isinstance(body, bytes) else body.seek(0, io.SEEK_END)
            if not isinstance(body, bytes):
                body.seek(0)
            headers |= {"Content-Type": kind, "Content-Length": str(size)}
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=PATIENCE_S) as answer:
                yield answer
        except urllib.error.HTTPError as e:
            raise Refused(e.code, _detail(e)) from e
        except OSError as e:
            raise Problem(f"{self.address} does not answer: {e}") from e

    def call(self, method: str, path: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        with self.open(method, path, content) as answer:
            return json.loads(answer.read() or b"null")


def gateway(address: str, key_file: Path) -> Gateway:
    """:raises Problem: if there is no key"""
    try:
        return Gateway(address.rstrip("/"), key_file.read_text(encoding="utf-8").strip())
    except OSError as e:
        raise Problem(f"{key_file} can not be read ({e.strerror}); it holds a key of the tenant *.") from e


def export(at: Gateway, name: str, file: Path, progress: Progress) -> None:
    """Writes everything that there is of the tenant; what was at the path before stays if that fails."""
    if _holds_nothing(at, name):
        raise Problem(f"There is nothing of a tenant {name!r}.")
    part = file.with_name(file.name + ".part")
    entries: dict[str, dict[str, object]] = {}
    try:
        with contextlib.ExitStack() as stack:
            spooled: dict[str, IO[bytes]] = {}
            for service in SERVICES:
                entry = f"rows/{service}.ndjson"
                with progress.step(f"Exporting the rows of {service}"):
                    spooled[entry], entries[entry] = _fetch(at, _data(name, service, "rows"), file.parent, stack)
            ends = {entry: _end(lines) for entry, lines in spooled.items()}
            hashes = ends[f"rows/{WITH_FILES}.ndjson"]["files"]
            tar = stack.enter_context(tarfile.open(part, "w"))
            with progress.step(f"Exporting {len(hashes)} files of students"):
                # The manifest comes first, so the files are fetched to be described before they are written.
                for sha256 in hashes:
                    entry = f"files/{sha256}"
                    spooled[entry], entries[entry] = _fetch(at, _data(name, WITH_FILES, entry), file.parent, stack)
                    if entries[entry]["sha256"] != sha256:
                        raise Problem(f"The file {sha256} came damaged.")
            told = {
                "format": FORMAT,
                "tenant": name,
                "exportedAt": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "entries": entries,
            }
            _add(tar, MANIFEST, io.BytesIO(json.dumps(told, indent=2).encode()))
            for entry, content in spooled.items():
                _add(tar, entry, content)
        part.replace(file)
    except OSError as e:
        raise Problem(f"{file} can not be written: {e.strerror or e}.") from e
    finally:
        part.unlink(missing_ok=True)
    progress.line(
        f"Exported {name} to {file} ({file.stat().st_size / 1e6:.1f} MB). It holds all that the tenant knows."
    )


def bring(at: Gateway, file: Path, name: str | None, progress: Progress) -> None:
    """Makes a tenant of an export: all of it, or nothing.

    :param name: of the tenant; None for the one that it had
    :raises Problem: for a damaged file, one of a newer release, or a tenant that is there already
    """
    try:
        with tarfile.open(file, "r:") as tar:
            told = _manifest(tar, file)
            with progress.step("Checking the file"):
                _check(tar, told["entries"], file)
            _bring(at, tar, told["entries"], name or told["tenant"], file, progress)
    except (tarfile.TarError, EOFError) as e:
        raise Problem(f"{file} is damaged, or no export of a tenant: {e}") from e
    except OSError as e:
        raise Problem(f"{file} can not be read: {e.strerror or e}.") from e


def delete(at: Gateway, name: str, reason: str | None, progress: Progress) -> None:
    """Deletes all of the tenant and waits for the proof."""
    asked = f"?{urllib.parse.urlencode({'reason': reason})}" if reason else ""
    found = at.call("DELETE", f"/v1/tenants/{_quoted(name)}{asked}")
    with progress.step(f"Deleting all data of {name} (its keys open nothing any more)"):
        while found["state"] == WORKS:
            time.sleep(1)
            found = at.call("GET", f"/v1/tenants/{_quoted(name)}/deletion")
    progress.line(f"Deletion {found['id']} of {name}, completed {found['finishedAt']}:")
    for part in found["services"]:
        before, after = (sum(part[when]["rows"].values()) for when in ("before", "after"))
        files = f"{part['before']['files']} files before, {part['after']['files']} after"
        progress.line(f"  {part['service']:<24} {before} rows before, {after} after; {files}")
        for table, rows in sorted(part["before"]["rows"].items()):
            if rows:
                progress.line(f"    {table:<30} {rows:>9} {part['after']['rows'].get(table, 0):>5}")


def _bring(
    at: Gateway, tar: tarfile.TarFile, entries: dict[str, Any], name: str, file: Path, progress: Progress
) -> None:
    # What was there before must never be taken for what a failed import has left behind.
    if not _holds_nothing(at, name):
        raise Problem(f"There is a tenant {name!r} already; give another name with --as.")
    try:
        at.call("POST", "/v1/tenants", {"name": name, "reason": f"Import of {file.name}"})
    except Refused as e:
        if e.status == 409:
            raise Problem(f"There is a tenant {name!r} already; give another name with --as.") from e
        raise
    try:
        files = [entry for entry in entries if entry.startswith("files/")]
        with progress.step(f"Importing {len(files)} files of students"):
            for entry in files:
                _send(at, _data(name, WITH_FILES, entry), tar, entry, BYTES)
        for service in SERVICES:
            with progress.step(f"Importing the rows of {service}"):
                _send(at, _data(name, service, "rows"), tar, f"rows/{service}.ndjson", LINES)
    except (Problem, OSError, tarfile.TarError, KeyboardInterrupt) as e:
        with contextlib.suppress(Problem):
            at.call("DELETE", f"/v1/tenants/{_quoted(name)}?reason=A%20failed%20import")
        raise Problem(f"The import failed, and what had come in is being deleted: {e}") from e
    progress.line(f"Imported {file} as tenant {name}. Make a key for it; ask for a replay of a decision or two.")


def _manifest(tar: tarfile.TarFile, file: Path) -> dict[str, Any]:
    try:
        told = json.load(_member(tar, MANIFEST))
        if told["format"] > FORMAT:
            raise Problem(f"{file} was written by a newer release (format {told['format']}); update this one first.")
        entries = told["entries"]
        whole = {f"rows/{service}.ndjson" for service in SERVICES} <= entries.keys() and isinstance(told["tenant"], str)
        if not whole or not all(ENTRY.fullmatch(entry) for entry in entries):
            raise KeyError("entries")
    except (KeyError, TypeError, AttributeError, ValueError) as e:
        raise Problem(f"{file} is damaged, or no export of a tenant.") from e
    return told


def _check(tar: tarfile.TarFile, entries: dict[str, Any], file: Path) -> None:
    for entry, described in entries.items():
        try:
            found = _description(_member(tar, entry))
        except KeyError as e:
            raise Problem(f"{file} is damaged: {entry} is missing.") from e
        if found != described:
            raise Problem(f"{file} is damaged: {entry} is not what the manifest says.")


def _member(tar: tarfile.TarFile, entry: str) -> IO[bytes]:
    content = tar.extractfile(entry)
    if content is None:
        raise KeyError(entry)
    return content


def _send(at: Gateway, path: str, tar: tarfile.TarFile, entry: str, kind: str) -> None:
    with _member(tar, entry) as content, at.open("PUT", path, content, kind) as answer:
        answer.read()


def _fetch(at: Gateway, path: str, folder: Path, stack: contextlib.ExitStack) -> tuple[IO[bytes], dict[str, object]]:
    """To a file without a name, because a tar wants to know sizes before contents."""
    kept = stack.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 (the caller's stack closes it)
    with at.open("GET", path) as answer:
        while chunk := answer.read(CHUNK):
            kept.write(chunk)
    return kept, _description(kept)


def _description(content: IO[bytes]) -> dict[str, object]:
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _end(lines: IO[bytes]) -> dict[str, Any]:
    """The last line, without which an export broke off."""
    size = lines.seek(0, io.SEEK_END)
    lines.seek(max(0, size - (16 << 20)))
    try:
        return json.loads(lines.read().rstrip(b"\n").rpartition(b"\n")[2])["end"]
    except (ValueError, KeyError, TypeError) as e:
        raise Problem("The export broke off; try again.") from e


def _add(tar: tarfile.TarFile, entry: str, content: IO[bytes]) -> None:
    info = tarfile.TarInfo(entry)
    info.size = content.seek(0, io.SEEK_END)
    info.mode, info.mtime = 0o600, int(time.time())
    content.seek(0)
    tar.addfile(info, content)


def _data(name: str, service: str, part: str = "") -> str:
    return f"/v1/tenants/{_quoted(name)}/data/{service}" + (f"/{part}" if part else "")


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _holds_nothing(at: Gateway, name: str) -> bool:
    kept = [at.call("GET", _data(name, service)) for service in SERVICES]
    return not any(counts["files"] or any(counts["rows"].values()) for counts in kept)


def _detail(refusal: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(refusal)["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"{refusal.url}: {refusal}"
