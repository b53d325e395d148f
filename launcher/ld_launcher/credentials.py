"""Passwords, the services' token secret and the API key: random, made once per home, readable by the owner only."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from .home import Home, read_json, write_private

DATABASES = ("function_base", "distillation", "inference", "gateway")
OWNER_SCOPES = ["decide", "author", "operate", "admin", "work"]
EVERY_TENANT = "*"


@dataclass(frozen=True)
class Credentials:
    superuser: str
    databases: dict[str, str]
    token_secret: str
    api_key: str
    # Of what runs beside the services in containers.
    metrics_key: str
    worker_key: str
    grafana: str
    # Makes tenants, and keys in any of them.
    platform_key: str
    # Of the store of students' files, where it is one that speaks S3.
    bucket: str

    @staticmethod
    def of(home: Home) -> Credentials:
        """Reads what is there and makes what is missing, so that a deleted key file is simply replaced."""
        stored = read_json(home.secrets_file) or {}
        kept = dict(stored)
        for name in ("postgres", *DATABASES):
            kept.setdefault(name, secrets.token_hex(24))
        kept.setdefault("tokenSecret", secrets.token_hex(32))
        kept.setdefault("grafana", secrets.token_urlsafe(18))
        kept.setdefault("bucket", secrets.token_hex(24))
        for name in ("metricsKey", "workerKey", "platformKey"):
            kept.setdefault(name, "ld_" + secrets.token_urlsafe(32))
        if kept != stored:
            write_private(home.secrets_file, json.dumps(kept, indent=2) + "\n")
        key = home.key_file.read_text(encoding="utf-8").strip() if home.key_file.exists() else ""
        if not key:
            key = "ld_" + secrets.token_urlsafe(32)
            write_private(home.key_file, key + "\n")
        home.key_file.chmod(0o600)
        platform = kept["platformKey"] + "\n"
        if not home.platform_key_file.exists() or home.platform_key_file.read_text(encoding="utf-8") != platform:
            write_private(home.platform_key_file, platform)
        keys = json.dumps([key_record("owner", key), platform_record(kept["platformKey"])], indent=2) + "\n"
        if not home.keys_file.exists() or home.keys_file.read_text(encoding="utf-8") != keys:
            write_private(home.keys_file, keys)
        databases = {name: kept[name] for name in DATABASES}
        return Credentials(
            kept["postgres"],
            databases,
            kept["tokenSecret"],
            key,
            kept["metricsKey"],
            kept["workerKey"],
            kept["grafana"],
            kept["platformKey"],
            kept["bucket"],
        )

    def bucket_credentials(self) -> str:
        """As programs of AWS read them."""
        return f"[default]\naws_access_key_id = logic-distillation\naws_secret_access_key = {self.bucket}\n"

    def keys_in_containers(self) -> str:
        """The owner's key, one that may read metrics and nothing of anybody's, one that may train for every tenant."""
        records = [
            key_record("owner", self.api_key),
            key_record("prometheus", self.metrics_key, "operations", ["operate"]),
            key_record("worker", self.worker_key, EVERY_TENANT, ["work"]),
            platform_record(self.platform_key),
        ]
        return json.dumps(records, indent=2) + "\n"


def platform_record(key: str) -> dict[str, object]:
    """Of who looks after all tenants: may grant everything, and has no tasks or decisions of its own."""
    return key_record("platform", key, EVERY_TENANT, ["view", *OWNER_SCOPES])


def key_record(name: str, key: str, tenant: str = "default", scopes: Sequence[str] = OWNER_SCOPES) -> dict[str, object]:
    """What the gateway knows of a key: its hash, never the key."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return {"name": name, "sha256": digest, "tenant": tenant, "scopes": list(scopes)}
