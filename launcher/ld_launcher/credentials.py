"""Passwords, the services' token secret and the API key: random, made once per home, readable by the owner only."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass

from .home import Home, read_json, write_private

DATABASES = ("function_base", "distillation", "inference")
OWNER_SCOPES = ["decide", "author", "operate", "admin", "work"]


@dataclass(frozen=True)
class Credentials:
    superuser: str
    databases: dict[str, str]
    token_secret: str
    api_key: str

    @staticmethod
    def of(home: Home) -> Credentials:
        """Reads what is there and makes what is missing, so that a deleted key file is simply replaced."""
        stored = read_json(home.secrets_file) or {}
        kept = dict(stored)
        for name in ("postgres", *DATABASES):
            kept.setdefault(name, secrets.token_hex(24))
        kept.setdefault("tokenSecret", secrets.token_hex(32))
        if kept != stored:
            write_private(home.secrets_file, json.dumps(kept, indent=2) + "\n")
        key = home.key_file.read_text(encoding="utf-8").strip() if home.key_file.exists() else ""
        if not key:
            key = "ld_" + secrets.token_urlsafe(32)
            write_private(home.key_file, key + "\n")
        home.key_file.chmod(0o600)
        keys = json.dumps([key_record("owner", key)], indent=2) + "\n"
        if not home.keys_file.exists() or home.keys_file.read_text(encoding="utf-8") != keys:
            write_private(home.keys_file, keys)
        return Credentials(kept["postgres"], {name: kept[name] for name in DATABASES}, kept["tokenSecret"], key)


def key_record(name: str, key: str) -> dict[str, object]:
    """What the gateway knows of a key: its hash, never the key."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return {"name": name, "sha256": digest, "tenant": "default", "scopes": OWNER_SCOPES}
