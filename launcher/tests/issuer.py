"""An OpenID Connect issuer for the browser's tests: real keys, real signatures, and it insists on PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

AUDIENCE = "logic-distillation"


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def openssl(*arguments: str, content: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=True).stdout


@dataclass
class Issuer:
    """Signs everybody in as `ada`, with the roles that are set; the address is where it listens."""

    key: Path
    address: str = ""
    roles: list[str] = field(default_factory=lambda: ["decider"])
    refuses: bool = False
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)

    def keys(self) -> dict[str, Any]:
        said = openssl("rsa", "-in", str(self.key), "-noout", "-modulus").decode()
        modulus = bytes.fromhex(said.strip().partition("=")[2])
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "tests", "n": base64url(modulus), "e": "AQAB"}
        return {"keys": [key]}

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 600,
            "tenant": "default", "roles": self.roles,
        }  # fmt: skip
        head = {"alg": "RS256", "kid": "tests", "typ": "JWT"}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        signature = openssl("dgst", "-sha256", "-sign", str(self.key), content=signed.encode())
        return f"{signed}.{base64url(signature)}"

    def discovery(self) -> dict[str, str]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent to."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        said = {"state": asked["state"]}
        if self.refuses:
            said["error"] = "access_denied"
        else:
            said["code"] = secrets.token_urlsafe(16)
            self.waiting[said["code"]] = asked
        return f"{asked['redirect_uri']}?{urllib.parse.urlencode(said)}"

    def redeem(self, sent: dict[str, str]) -> dict[str, Any] | None:
        """A token for a code, once, and for whoever holds what the code was asked with."""
        asked = self.waiting.pop(sent.get("code", ""), None)
        proof = base64url(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if asked is None or proof != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {"access_token": self.token(), "token_type": "Bearer", "expires_in": 600}


@contextmanager
def issuing(folder: Path) -> Iterator[Issuer]:
    key = folder / "issuer.pem"
    openssl("genrsa", "-out", str(key), "2048")
    issuer = Issuer(key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urllib.parse.urlsplit(self.path)
            if address.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorize(dict(urllib.parse.parse_qsl(address.query))))
                self.end_headers()
            elif address.path == "/keys":
                self.answer(200, issuer.keys())
            elif address.path == "/.well-known/openid-configuration":
                self.answer(200, issuer.discovery())
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = issuer.redeem(dict(urllib.parse.parse_qsl(body)))
            self.answer(400 if given is None else 200, given or {"error": "invalid_grant"})

        def answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
