from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import Installation, installed
from ld_launcher.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(root=tmp_path / "home", cache=tmp_path / "cache", repository=tmp_path / "repository")
    made.repository.mkdir()
    made.create()
    return made


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Shared by the files that need it, because starting it is what takes longest."""
    with installed(tmp_path_factory.mktemp("platform") / "home") as made:
        yield made
