"""What `./platform test upgrade` upgrades from, and the address that stays meanwhile; no upgrade is run here."""

from __future__ import annotations

import http.client
import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ld_launcher import upgrade
from ld_launcher.checks import free_port
from ld_launcher.deployed import none_failed
from ld_launcher.door import Door
from ld_launcher.home import Home
from ld_launcher.problem import Problem
from ld_launcher.testing import DEFAULT_PARTS, PARTS


@contextmanager
def saying(word: bytes) -> Iterator[int]:
    """A server that keeps connections and says one word; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(word)))
            self.end_headers()
            self.wfile.write(word)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def said(connection: http.client.HTTPConnection) -> bytes:
    connection.request("GET", "/")
    return connection.getresponse().read()


def test_a_connection_stays_where_it_was_led_to() -> None:
    port = free_port()
    with saying(b"old") as old, saying(b"new") as new, Door().open(port) as door:
        door.lead_to(old)
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        assert said(kept) == b"old"

        door.lead_to(new)

        assert said(kept) == b"old"
        assert said(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) == b"new"


def test_what_is_open_ends_with_the_door_and_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with saying(b"old") as old:
        with Door().open(port) as door:
            door.lead_to(old)
            kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            assert said(kept) == b"old"
        with pytest.raises((http.client.HTTPException, OSError)):
            said(kept)
    assert not caplog.records


def test_nobody_is_let_in_where_nothing_is_behind() -> None:
    port = free_port()
    with Door().open(port) as door:
        door.lead_to(free_port())
        with pytest.raises((http.client.HTTPException, OSError)):
            said(http.client.HTTPConnection("127.0.0.1", port, timeout=10))


def test_is_run_only_where_it_is_asked_for() -> None:
    assert "upgrade" in set(PARTS) - set(DEFAULT_PARTS)


def test_upgrades_from_the_newest_release_if_nothing_else_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *who, "-C", str(tmp_path), *arguments], check=True, capture_output=True)

    home = Home(tmp_path, tmp_path, tmp_path)
    monkeypatch.delenv(upgrade.VARIABLE, raising=False)
    git("init")
    git("commit", "--allow-empty", "-m", "one")
    with pytest.raises(Problem, match=upgrade.VARIABLE):
        upgrade._reference(home)
    git("tag", "v1.0.0")
    git("commit", "--allow-empty", "-m", "two")
    assert upgrade._reference(home) == "v1.0.0"
    monkeypatch.setenv(upgrade.VARIABLE, "HEAD~1")
    assert upgrade._reference(home) == "HEAD~1"


def test_one_failed_request_is_a_failure() -> None:
    good = [{"status": 200, "ms": 5.0}] * 20
    assert none_failed(good).startswith("20 requests, none failed")
    with pytest.raises(Problem, match="1 of 21"):
        none_failed([*good, {"status": 502, "ms": 1.0}])
    with pytest.raises(Problem, match="Only 3"):
        none_failed(good[:3])
