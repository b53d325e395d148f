"""Calls services by TLS from inside a cluster, where it runs in a container by itself: the standard library alone.

Its standard input says whom to call and what to show, as JSON; it prints a JSON line for each answer.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import sys
import tempfile
from typing import Any

LONGEST_S = 20.0
# Writable where nothing else is. A certificate and its key are loaded from files alone.
MEMORY = "/dev/shm"


def call(host: str, port: int, name: str, trusted: str, shown: dict[str, str] | None) -> dict[str, Any]:
    """One request without a token: its status and the serial number of the certificate that the service showed; or
    why it was refused.

    :param name: that has to be in the service's certificate
    :param trusted: certificates of the authorities that it may be of
    :param shown: the caller's own certificate and key, as entries of a secret
    """
    context = ssl.create_default_context(cadata=trusted)
    if shown:
        with tempfile.NamedTemporaryFile("w", dir=MEMORY, suffix=".pem") as file:
            file.write(shown["tls.crt"] + shown["tls.key"])
            file.flush()
            context.load_cert_chain(file.name)
    with socket.create_connection((host, port), timeout=LONGEST_S) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name) as secure:
                certificate = secure.getpeercert() or {}
                connection = http.client.HTTPConnection(name)
                connection.sock = secure
                connection.request("GET", "/v1/tasks")
                return {"status": connection.getresponse().status, "serial": certificate["serialNumber"]}
        except (ssl.SSLError, ConnectionError) as refused:
            return {"refused": getattr(refused, "reason", None) or type(refused).__name__}


def main() -> None:
    for asked in json.load(sys.stdin):
        print(json.dumps(call(**asked)), flush=True)


if __name__ == "__main__":
    main()
