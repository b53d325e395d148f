from __future__ import annotations

from pathlib import Path

import pytest

from ld_launcher.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(root=tmp_path / "home", cache=tmp_path / "cache", repository=tmp_path / "repository")
    made.repository.mkdir()
    made.create()
    return made
