from __future__ import annotations

import hashlib
import json

from ld_launcher.credentials import Credentials
from ld_launcher.home import Home


def test_key_secrets_and_hashes_are_private_and_random(home: Home) -> None:
    made = Credentials.of(home)
    for file in (home.key_file, home.keys_file, home.secrets_file, home.platform_key_file):
        assert file.stat().st_mode & 0o777 == 0o600
    assert made.api_key.startswith("ld_")
    assert len(made.api_key) > 40
    assert len(bytes.fromhex(made.token_secret)) >= 32
    assert len({made.superuser, *made.databases.values()}) == 5


def test_the_gateway_learns_the_hash_and_never_the_key(home: Home) -> None:
    made = Credentials.of(home)
    stored = home.keys_file.read_text()
    assert made.api_key not in stored
    owner, platform = json.loads(stored)
    assert owner["sha256"] == hashlib.sha256(made.api_key.encode()).hexdigest()
    assert platform["sha256"] == hashlib.sha256(home.platform_key_file.read_text().strip().encode()).hexdigest()
    assert (owner["tenant"], platform["tenant"]) == ("default", "*")
    assert made.platform_key not in stored


def test_a_second_look_finds_the_same(home: Home) -> None:
    assert Credentials.of(home) == Credentials.of(home)


def test_a_deleted_key_is_replaced_and_its_mode_repaired(home: Home) -> None:
    first = Credentials.of(home)
    home.key_file.unlink()
    second = Credentials.of(home)
    assert second.api_key != first.api_key
    assert second.databases == first.databases
    home.key_file.chmod(0o644)
    Credentials.of(home)
    assert home.key_file.stat().st_mode & 0o777 == 0o600
