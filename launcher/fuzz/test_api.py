"""The whole API tried with drawn requests, right ones and wrong ones, with a key of every role.

What is held up against the API's own document: no answer may have a status, a media type or a body that the document
does not name. It names no 500; 503 and 504 it does, for what is not configured or not at hand and for a deadline that
the caller set.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import Installation, installed
from ld_launcher.home import REPOSITORY

DOCUMENT = REPOSITORY / "gateway/src/main/resources/static/v1/openapi.json"
ROLES = ("viewer", "decider", "author", "operator", "admin")
CASES = int(os.environ.get("PLATFORM_FUZZ_CASES", "20000"))
SEED = int(os.environ.get("PLATFORM_FUZZ_SEED", "1"))
CHECKS = ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
LONGEST_S = 7200
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for all roles: what one of them leaves behind, the next one finds."""
    with installed(tmp_path_factory.mktemp("fuzz") / "home") as made:
        yield made


def examples() -> int:
    """Drawn requests for each operation and role, so that there are ``CASES`` in all."""
    paths = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    operations = sum(len(METHODS & set(path)) for path in paths.values())
    return -(-CASES // (operations * len(ROLES)))


@pytest.mark.parametrize("role", ROLES)
def test_no_request_fails_the_server_or_gets_what_the_document_does_not_name(
    installation: Installation, role: str, tmp_path: Path
) -> None:
    made = installation.call("POST", "/v1/keys", {"name": f"fuzz-{role}", "role": role})
    assert made.status == 201, made.body
    report = tmp_path / "report.json"
    ran = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", f"http://127.0.0.1:{installation.port}",
            "--header", f"Authorization: Bearer {made.body['secret']}", "--checks", ",".join(CHECKS),
            "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples()), "--seed", str(SEED),
            "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "60",
            "--report", "json", "--report-json-path", str(report),
        ],
        capture_output=True, text=True, timeout=LONGEST_S, check=False, cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("hooks.py"))},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-2_000:]
