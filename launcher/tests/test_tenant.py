"""Exports of a tenant as files: what is damaged, newer or incomplete is refused before anything is sent."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ld_launcher import tenant
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress

ADAPTER = b"weights"
HASH = hashlib.sha256(ADAPTER).hexdigest()


class Platform:
    """A gateway with one tenant, that speaks HTTP and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, bytes]] = []
        self.tenants = {"acme"}
        self.breaks = ""
        self.lines = {
            service: b'{"format":1}\n["row"]\n' + json.dumps({"end": {"files": [HASH]}}).encode() + b"\n"
            for service in tenant.SERVICES
        }

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        self.told.append((method, path, body))
        part = path.partition("/data/")[2]
        if self.breaks and path.endswith(self.breaks) and method == "PUT":
            return 400, b'{"detail":"It does not fit"}'
        if method == "POST":
            name = json.loads(body)["name"]
            if name in self.tenants:
                return 409, b'{"detail":"There is one"}'
            self.tenants.add(name)
            return 201, b"{}"
        if method == "GET" and part.endswith("/rows"):
            return 200, self.lines[part.removesuffix("/rows")]
        if method == "GET" and "/files/" in part:
            return 200, ADAPTER
        if method == "GET":
            rows = {"things": 1 if "/acme/" in path else 0}
            return 200, json.dumps({"service": part, "rows": rows, "files": 0}).encode()
        return 200, b"{}"


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            assert self.headers["Authorization"] == "Bearer ld_all"
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            status, content = made.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = _any  # noqa: N815 (http.server's names)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def gateway(platform: Platform, tmp_path: Path) -> tenant.Gateway:
    key = tmp_path / "key"
    key.write_text("ld_all\n")
    return tenant.gateway(platform.address + "/", key)


@pytest.fixture
def exported(gateway: tenant.Gateway, tmp_path: Path) -> Path:
    file = tmp_path / "acme.tar"
    tenant.export(gateway, "acme", file, Progress())
    return file


def changed(exported: Path, entry: str, content: bytes | None) -> Path:
    """The same with another content of one entry, or without it."""
    made = exported.with_name(f"changed-{len(list(exported.parent.iterdir()))}.tar")
    with tarfile.open(exported) as old, tarfile.open(made, "w") as new:
        for member in old.getmembers():
            kept = old.extractfile(member).read()
            if member.name == entry:
                if content is None:
                    continue
                kept = content
            member.size = len(kept)
            new.addfile(member, io.BytesIO(kept))
    return made


def test_all_of_it_arrives_as_it_left_files_first(gateway: tenant.Gateway, platform: Platform, exported: Path) -> None:
    platform.told.clear()
    tenant.bring(gateway, exported, "other", Progress())
    assert [(method, path) for method, path, _ in platform.told if method != "GET"] == [
        ("POST", "/v1/tenants"),
        ("PUT", f"/v1/tenants/other/data/distillation/files/{HASH}"),
        *(("PUT", f"/v1/tenants/other/data/{service}/rows") for service in tenant.SERVICES),
    ]
    sent = {path: body for _, path, body in platform.told}
    assert sent[f"/v1/tenants/other/data/distillation/files/{HASH}"] == ADAPTER
    assert sent["/v1/tenants/other/data/inference/rows"] == platform.lines["inference"]


def test_a_damaged_or_newer_file_is_refused_before_anything_is_sent(
    gateway: tenant.Gateway, platform: Platform, exported: Path
) -> None:
    with tarfile.open(exported) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    newer = json.dumps(manifest | {"format": 2}).encode()
    sly = json.dumps(manifest | {"entries": manifest["entries"] | {"../../keys": {}}}).encode()
    platform.told.clear()
    for file, why in [
        (changed(exported, f"files/{HASH}", b"rotten!"), "is not what the manifest says"),
        (changed(exported, "rows/inference.ndjson", b""), "is not what the manifest says"),
        (changed(exported, "rows/inference.ndjson", None), "is missing"),
        (changed(exported, "manifest.json", newer), "newer release"),
        (changed(exported, "manifest.json", sly), "damaged"),
        (changed(exported, "manifest.json", b"[]"), "damaged"),
        (changed(exported, "manifest.json", None), "damaged"),
    ]:
        with pytest.raises(Problem, match=why):
            tenant.bring(gateway, file, "other", Progress())
    half = exported.with_name("half.tar")
    half.write_bytes(exported.read_bytes()[:5_000])
    for file in (half, Path(__file__)):
        with pytest.raises(Problem, match="damaged"):
            tenant.bring(gateway, file, "other", Progress())
    with pytest.raises(Problem, match="can not be read"):
        tenant.bring(gateway, exported.with_name("absent.tar"), "other", Progress())
    assert platform.told == []


def test_a_tenant_that_is_there_is_left_alone(gateway: tenant.Gateway, platform: Platform, exported: Path) -> None:
    platform.told.clear()
    with pytest.raises(Problem, match="--as"):
        tenant.bring(gateway, exported, None, Progress())
    assert {method for method, _, _ in platform.told} == {"GET"}
    platform.tenants.add("other")
    with pytest.raises(Problem, match="--as"):
        tenant.bring(gateway, exported, "other", Progress())
    assert "DELETE" not in {method for method, _, _ in platform.told}


def test_a_tenant_that_only_a_key_of_the_file_names_is_left_alone(
    gateway: tenant.Gateway, platform: Platform, exported: Path
) -> None:
    platform.tenants.clear()
    platform.breaks = "/rows"
    with pytest.raises(Problem, match="--as"):
        tenant.bring(gateway, exported, None, Progress())
    assert "DELETE" not in {method for method, _, _ in platform.told}


def test_what_came_in_before_a_failure_is_deleted_again(
    gateway: tenant.Gateway, platform: Platform, exported: Path
) -> None:
    platform.breaks = "/data/distillation/rows"
    with pytest.raises(Problem, match="It does not fit"):
        tenant.bring(gateway, exported, "other", Progress())
    assert platform.told[-1][:2] == ("DELETE", "/v1/tenants/other?reason=A%20failed%20import")


def test_an_export_that_breaks_off_or_finds_nothing_leaves_no_file(
    gateway: tenant.Gateway, platform: Platform, tmp_path: Path
) -> None:
    platform.lines["inference"] = platform.lines["inference"][:20]
    with pytest.raises(Problem, match="broke off"):
        tenant.export(gateway, "acme", tmp_path / "cut.tar", Progress())
    with pytest.raises(Problem, match="nothing of a tenant"):
        tenant.export(gateway, "nobody", tmp_path / "none.tar", Progress())
    assert not list(tmp_path.glob("*.tar*"))
    with pytest.raises(Problem, match="can not be read"):
        tenant.gateway("http://127.0.0.1:1", tmp_path / "absent")
