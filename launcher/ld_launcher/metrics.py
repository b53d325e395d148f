"""A token with which Prometheus may read the services' metrics, and nothing else: an internal token without scopes."""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Sequence

from .problem import Problem

# As InternalTokens in the service kit has them; a test compares.
ISSUER = "gateway"
AUDIENCE = "platform"
SHORTEST_SECRET_BYTES = 32


def token(secret: str, days: int, now: float) -> str:
    """A JWT (HS256) without scopes, of a tenant that has nothing. :raises Problem: for a secret no service takes"""
    try:
        key = bytes.fromhex(secret.strip())
    except ValueError:
        raise Problem("The token secret must be hexadecimal.") from None
    if len(key) < SHORTEST_SECRET_BYTES:
        raise Problem(f"The token secret must hold at least {SHORTEST_SECRET_BYTES} bytes.")
    claims = {
        "iss": ISSUER,
        "aud": [AUDIENCE],
        "sub": "prometheus",
        "tenant": "operations",
        "scope": "",
        "iat": int(now),
        "exp": int(now) + days * 86_400,
    }
    signed = f"{_encoded({'alg': 'HS256'})}.{_encoded(claims)}"
    return f"{signed}.{_text(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def _encoded(part: dict[str, object]) -> str:
    return _text(json.dumps(part, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python3 -m ld_launcher.metrics",
        description="Prints a token for Prometheus; the services' token secret is read from standard input.",
    )
    parser.add_argument("--days", type=int, default=90, help="how long it is good for (default 90)")
    options = parser.parse_args(words)
    try:
        print(token(sys.stdin.read(), options.days, time.time()))
    except Problem as problem:
        print(f"metrics: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
