"""What `./platform test cluster` shows of TLS between the services; the cluster itself is not needed here."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import kustomize
from ld_launcher import build, deployed, encrypted, kube, tls_caller
from ld_launcher.certificates import Authority
from ld_launcher.home import REPOSITORY, SERVICE_PORTS, Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress
from pages import blocks

Secret = dict[str, str]
Call = Callable[..., dict[str, Any]]


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path / "ours")


class Service(http.server.BaseHTTPRequestHandler):
    """Asks whoever came so far for a token."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def call(ours: Authority, tmp_path: Path) -> Iterator[Call]:
    """Calls a server that wants a certificate of our authority, as the services do."""
    shown = ours.issue("a-service")
    authority = shown["ca.crt"]
    for name, content in shown.items():
        (tmp_path / name).write_text(content)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.crt"))
    context.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    context.verify_mode = ssl.CERT_REQUIRED
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()

    def called(name: str = "a-service", shown: Secret | None = None, trusted: str | None = None) -> dict[str, Any]:
        return tls_caller.call("127.0.0.1", server.server_address[1], name, trusted or authority, shown)

    yield called
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_caller_tells_who_is_asked_for_a_token_and_who_is_refused_before(
    call: Call, ours: Authority, tmp_path: Path
) -> None:
    answer = call(shown=ours.issue("gateway"))
    assert answer["status"] == 401
    assert answer["serial"] == _field(tmp_path / "tls.crt", "-serial").partition("=")[2]
    assert "refused" in call()
    assert "refused" in call(shown=Authority.made(tmp_path / "stranger").issue("gateway"))


def test_a_caller_trusts_nobody_else_and_no_other_name(call: Call, ours: Authority, tmp_path: Path) -> None:
    known = ours.issue("gateway")
    assert call(name="another-service", shown=known) == {"refused": "CERTIFICATE_VERIFY_FAILED"}
    foreign = Authority.made(tmp_path / "stranger").issue("x")["ca.crt"]
    assert call(shown=known, trusted=foreign) == {"refused": "CERTIFICATE_VERIFY_FAILED"}


def test_the_caller_runs_by_itself(call: Call) -> None:
    """In a container that has nothing of ours, as one argument."""
    script = Path(tls_caller.__file__).read_text()
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, input="[]", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _field(certificate: Path, *asked: str) -> str:
    command = ["openssl", "x509", "-noout", "-in", str(certificate), *asked]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_certificates_are_what_the_page_asks_cert_manager_for(ours: Authority, tmp_path: Path) -> None:
    page = (REPOSITORY / "k8s" / "README.md").read_text()
    (block,) = blocks(page, "yaml")
    asked = yaml.safe_load(block)["spec"]
    issued = ours.issue(asked["dnsNames"][0])
    assert issued["tls.key"].startswith("-----BEGIN PRIVATE KEY-----") == (asked["privateKey"]["encoding"] == "PKCS8")
    (tmp_path / "tls.crt").write_text(issued["tls.crt"])
    said = _field(tmp_path / "tls.crt", "-ext", "subjectAltName,keyUsage,extendedKeyUsage", "-subject")
    assert "DNS:inference-service" in said
    usages = {"digital signature": "Digital Signature", "server auth": "Web Server", "client auth": "Web Client"}
    assert all(usages[usage] in said for usage in asked["usages"])
    assert (tmp_path / "ours" / "ca.crt").read_text() == issued["ca.crt"]
    # As Python is from 3.13 on.
    strict = [
        "openssl",
        "verify",
        "-x509_strict",
        "-CAfile",
        str(tmp_path / "ours" / "ca.crt"),
        str(tmp_path / "tls.crt"),
    ]
    assert subprocess.run(strict, capture_output=True, check=False).returncode == 0


def test_every_certificate_is_another(ours: Authority) -> None:
    first, second = ours.issue("gateway"), ours.issue("gateway")
    assert first["tls.crt"] != second["tls.crt"]
    assert first["ca.crt"] == second["ca.crt"]


def test_what_openssl_can_not_do_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openssl").write_text("#!/bin/sh\necho 'unknown option -noenc' >&2\nexit 1\n")
    (tmp_path / "openssl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(Problem, match=r"3\.0.*-noenc"):
        Authority.made(tmp_path / "a")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(Problem, match="no openssl"):
        Authority.made(tmp_path / "b")


def test_the_overlay_with_tls_is_the_tests_own_and_what_the_component_brings(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployed, "_in_image", lambda image, program, option, user: {"-u": "100", "-g": "102"}[option])
    ours = Home(home.root, home.cache, REPOSITORY)
    platform = deployed.Deployment.of(ours, kube.Cluster(Path("none"), "kubectl"), Progress())
    plain, secured = (
        {(m["kind"], m["metadata"]["name"]): m for m in kustomize.build(overlay)}
        for overlay in (platform.overlay(), platform.overlay(encrypted.COMPONENT))
    )
    assert set(secured) - set(plain) == {("NetworkPolicy", "from-prometheus-to-metrics")}
    used = {
        volume["secret"]["secretName"]
        for (kind, _), m in secured.items() if kind == "Deployment"
        for volume in m["spec"]["template"]["spec"]["volumes"] if volume["name"] == "tls"
    }  # fmt: skip
    assert used == {f"{name}-tls" for name in build.JARS}
    for name in encrypted.ANSWERING:
        (port,) = [p for p in secured["Service", name]["spec"]["ports"] if p["name"] == "https"]
        assert port["port"] == SERVICE_PORTS[name][1]


def line(at: float, status: int = 200) -> dict[str, Any]:
    return {"at": at, "status": status, "ms": 500.0, "said": ""}


def test_an_interruption_is_as_long_as_requests_failed() -> None:
    lines = [*(line(t) for t in range(10)), line(10, 503), line(14, 503), *(line(t) for t in range(20, 30))]
    said = encrypted.interruption([*lines, line(14.5, 400)])
    assert said.startswith("of 23 requests 2 with 503, 1 with 400, within 5 s; the others p50")
    said = encrypted.interruption([*lines, line(14.5, 422)])
    assert said.startswith("of 23 requests 2 with 503, 1 with 422, within 5 s; the others p50")
    assert "none failed" in encrypted.interruption([line(t) for t in range(10)])
    with pytest.raises(Problem, match="another answer than 503"):
        encrypted.interruption([*lines, line(30, 500)])
