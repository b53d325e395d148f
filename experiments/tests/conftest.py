from __future__ import annotations

from pathlib import Path

import pytest
from platform_fake import KEY, FakePlatform

from ld_experiments import commands
from ld_experiments.api import Api
from ld_experiments.games import folder_of
from ld_experiments.packs import Pack, load_pack


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def api(platform: FakePlatform) -> Api:
    return Api("http://platform.test", KEY, transport=platform.transport, sleep=lambda seconds: None)


@pytest.fixture
def pack() -> Pack:
    return load_pack(folder_of("pursuit") / "pack")


@pytest.fixture
def home(tmp_path: Path, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a key, on a machine where the fake platform answers."""
    key_file = tmp_path / "api-key"
    key_file.write_text(KEY + "\n")
    monkeypatch.setenv("PLATFORM_KEY_FILE", str(key_file))
    monkeypatch.setenv("PLATFORM_URL", "http://platform.test")
    monkeypatch.setattr(commands, "Api", lambda url, key: Api(url, key, transport=platform.transport))
    return tmp_path
