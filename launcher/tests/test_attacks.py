"""Another tenant's ids, tried on every operation of the API of the really started platform."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from installation import Installation
from ld_launcher.home import REPOSITORY

pytestmark = pytest.mark.e2e

OPENAPI = json.loads((REPOSITORY / "gateway/src/main/resources/static/v1/openapi.json").read_text())
EVERYTHING = ["view", "decide", "author", "operate", "admin", "work"]
# Of no tenant: models that everybody may use, and keys by which anybody may check a signature.
SHARED = {"/v1/models", "/v1/snapshot-keys"}


@pytest.fixture(scope="module")
def stranger(installation: Installation) -> str:
    """A key that may do everything, in a tenant of its own."""
    platform = {"Authorization": f"Bearer {installation.home.platform_key_file.read_text().strip()}"}
    tenant = f"stranger-{secrets.token_hex(3)}"
    assert installation.call("POST", "/v1/tenants", {"name": tenant}, **platform).status == 201
    order = {"name": "all", "tenant": tenant, "scopes": EVERYTHING}
    made = installation.call("POST", "/v1/keys", order, **platform)
    assert made.status == 201, made.body
    return str(made.body["secret"])


@pytest.fixture(scope="module")
def ids(installation: Installation) -> dict[str, str]:
    """Ids of the owner's, one of each kind that there is, by the name that the document's paths give them."""
    call = installation.call
    decision = installation.decide(installation.example()).body
    dataset = call("POST", "/v1/datasets", {"name": f"kept-{secrets.token_hex(3)}", "task": "pursuit"}).body["id"]
    key = call("POST", "/v1/keys", {"name": f"kept-{secrets.token_hex(3)}", "role": "viewer"}).body["key"]["id"]
    stage = {"name": "approach", "instruction": "Choose how to move.", "k": 4}
    order = {
        "name": "kept", "task": {"name": "pursuit", "rules": "Catch the evaders.", "stages": [stage]},
        "dataset": {"id": dataset},
    }  # fmt: skip
    job = call("POST", "/v1/distillation-jobs", order)
    return {
        "/v1/tasks/{task}": "pursuit",
        "{snapshot}": decision["snapshot"],
        "{name}": decision["stages"][-1]["chosen"],
        "/v1/decisions/{id}": decision["id"],
        "/v1/datasets/{dataset}": dataset,
        "/v1/keys/{id}": key,
        **({"/v1/distillation-jobs/{id}": job.body["id"]} if job.status == 202 else {}),
        "{student}": decision["student"],
    }


def attempts(ids: dict[str, str]) -> Iterator[tuple[str, str, object]]:
    """Every operation that takes an id of which there is one, with the document's own example as body."""
    for template, operations in OPENAPI["paths"].items():
        path = template
        for known, value in ids.items():
            head, _, parameter = known.rpartition("/")
            if template.startswith(known) or not head:
                path = path.replace(parameter if head else known, value, 1)
        if path == template or "{" in path or template in SHARED:
            continue
        for method, described in operations.items():
            if method in ("get", "put", "post", "delete"):
                yield method.upper(), path, example(described)


def example(described: dict[str, Any]) -> object:
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    named = next(iter(content.get("examples", {}).values()), {})
    if "$ref" in named:
        for step in named["$ref"].lstrip("#/").split("/"):
            named = OPENAPI[step] if step in OPENAPI else named[step] if step in named else OPENAPI["components"][step]
    return named.get("value", content.get("example"))


def test_no_id_of_another_tenant_opens_anything(installation: Installation, stranger: str, ids: dict[str, str]) -> None:
    kept = {path: installation.call("GET", path).body for path in owned(ids)}
    tried = 0
    for method, path, body in attempts(ids):
        # A stranger's own task of that name would be another task, not an opened one.
        if method in ("PUT", "POST") and re.fullmatch(r"/v1/tasks/[^/]+", path):
            continue
        answer = installation.call(method, path, body, Authorization=f"Bearer {stranger}")
        told = json.dumps(answer.body)
        assert answer.status < 500, f"{method} {path}: {answer}"
        # What the stranger is given is its own: an empty list, a count of nothing, settings of its own.
        assert answer.status >= 400 or not [one for one in ids.values() if len(one) > 30 and one in told], path
        assert answer.status >= 400 or method in ("GET", "PUT"), f"{method} {path}: {answer}"
        tried += 1
    assert tried >= 25
    assert {path: installation.call("GET", path).body for path in owned(ids)} == kept


def owned(ids: dict[str, str]) -> list[str]:
    """What must not have changed."""
    return [
        "/v1/tasks/pursuit", "/v1/tasks/pursuit/decision-policy", "/v1/tasks/pursuit/decision-log",
        "/v1/tasks/pursuit/snapshots", "/v1/tasks/pursuit/functions?limit=100",
        *(known.rpartition("/")[0] + "/" + value for known, value in ids.items() if known.startswith("/v1/")),
    ]  # fmt: skip


def test_lists_hold_nothing_of_another_tenant(installation: Installation, stranger: str, ids: dict[str, str]) -> None:
    for path in ("/v1/tasks", "/v1/datasets", "/v1/distillation-jobs", "/v1/keys", "/v1/audit", "/v1/tenants"):
        listed = json.dumps(installation.call("GET", f"{path}?limit=100", Authorization=f"Bearer {stranger}").body)
        for value in (*ids.values(), "default"):
            assert f'"{value}"' not in listed, path
