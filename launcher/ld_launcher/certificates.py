"""An authority of a test's own, and what it issues, in the form and under the names that cert-manager uses."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .problem import Problem

# An elliptic curve and PKCS #8, as k8s/README.md asks cert-manager for.
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
LEAF = (
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=serverAuth,clientAuth",
)
DAYS = "2"


@dataclass(frozen=True)
class Authority:
    """:param folder: that holds its key and certificate, and is nobody else's"""

    folder: Path

    @staticmethod
    def made(folder: Path) -> Authority:
        """:raises Problem: without openssl 3"""
        folder.mkdir(parents=True)
        of = ("-days", DAYS, "-subj", f"/CN={folder.name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        _openssl(folder, *KEY, *of, "-keyout", "ca.key", "-out", "ca.crt")
        return Authority(folder)

    def issue(self, service: str) -> dict[str, str]:
        """A new key with a certificate of this name, as the entries of a secret."""
        # Without a subject, as cert-manager leaves it where names alone are asked for; the names are critical then.
        extensions = [word for e in (*LEAF, f"subjectAltName=critical,DNS:{service}") for word in ("-addext", e)]
        by = ("-CA", "ca.crt", "-CAkey", "ca.key", "-days", DAYS, "-subj", "/")
        _openssl(self.folder, *KEY, *by, *extensions, "-keyout", "tls.key", "-out", "tls.crt")
        return {name: (self.folder / name).read_text(encoding="utf-8") for name in ("ca.crt", "tls.crt", "tls.key")}


def _openssl(folder: Path, *arguments: str) -> None:
    command = ["openssl", "req", "-x509", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as e:
        raise Problem("There is no openssl, which makes the test's certificates.") from e
    if done.returncode:
        raise Problem(f"openssl made no certificate (3.0 or newer does): {done.stderr.strip()[-300:]}")
