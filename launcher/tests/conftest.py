from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import Installation, installed
from issuer import openssl
from ld_launcher.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(root=tmp_path / "home", cache=tmp_path / "cache", repository=tmp_path / "repository")
    made.repository.mkdir()
    made.create()
    return made


@pytest.fixture(scope="session")
def neighbours_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the snapshots of an installation beside the shared one are signed with: private and public, in one file."""
    file = tmp_path_factory.mktemp("neighbour") / "snapshot-key.pem"
    private = openssl("genpkey", "-algorithm", "ed25519")
    file.write_bytes(private + openssl("pkey", "-pubout", content=private))
    return file


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, neighbours_key: Path) -> Iterator[Installation]:
    """Shared by the files that need it, because starting it is what takes longest."""
    public = neighbours_key.read_text().partition("-----BEGIN PUBLIC KEY-----")[2].partition("-----END")[0]
    trusted = "".join(public.split())
    with installed(tmp_path_factory.mktemp("platform") / "home", PLATFORM_TRUSTED_SNAPSHOT_KEYS=trusted) as made:
        yield made
