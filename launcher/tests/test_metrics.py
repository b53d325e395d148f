from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import re

import pytest

from ld_launcher import metrics
from ld_launcher.home import REPOSITORY
from ld_launcher.problem import Problem

SECRET = "0f" * 32


def claims_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_token_names_no_scope_and_ends() -> None:
    claims = claims_of(metrics.token(SECRET, 90, 1_000))
    assert claims["scope"] == ""
    assert claims["exp"] == 1_000 + 90 * 86_400


def test_a_token_is_signed_with_the_secrets_bytes() -> None:
    signed, _, signature = metrics.token(SECRET, 1, 0).rpartition(".")
    expected = hmac.new(bytes.fromhex(SECRET), signed.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected


def test_a_token_is_what_the_services_check() -> None:
    source = REPOSITORY / "service-kit/src/main/java/io/logicdistillation/kit/InternalTokens.java"
    constants = dict(re.findall(r'static final String (\w+) = "(\w+)"', source.read_text()))
    claims = claims_of(metrics.token(SECRET, 1, 0))
    assert claims["iss"] == constants["ISSUER"]
    assert claims["aud"] == [constants["AUDIENCE"]]
    assert set(re.findall(r'claim\(\s*"(\w+)"', source.read_text())) <= set(claims)


@pytest.mark.parametrize("secret", ["", "no hexadecimal", "0f" * 31])
def test_a_secret_that_no_service_takes_is_refused(secret: str) -> None:
    with pytest.raises(Problem):
        metrics.token(secret, 1, 0)


def test_the_command_reads_the_secret_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET + "\n"))
    assert metrics.main(["--days", "2"]) == 0
    assert claims_of(capsys.readouterr().out.strip())["tenant"] == "operations"
    monkeypatch.setattr("sys.stdin", io.StringIO("short"))
    assert metrics.main([]) == 1
    assert "hexadecimal" in capsys.readouterr().err
