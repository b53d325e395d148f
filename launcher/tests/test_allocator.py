from __future__ import annotations

from pathlib import Path

import pytest

from ld_launcher import allocator, debian
from ld_launcher.home import Home
from ld_launcher.progress import Progress

REAL = "libtcmalloc_minimal.so.4.5.10"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system without it. Answers the folder where its libraries would be."""
    monkeypatch.setattr(allocator, "INSTALLED", (str(tmp_path / "lib"),))
    (tmp_path / "lib").mkdir()
    return tmp_path / "lib"


def unpacked(package: str, files: dict[str, str]):
    """What apt-get and dpkg-deb do where there is such a package."""

    def run(command: list[str], folder: str, _: Path) -> int:
        if command[:2] == ["apt-get", "download"]:
            (Path(folder) / "it.deb").touch()
            return 0 if command[2] == package else 100
        if command[0] == "dpkg-deb":
            libraries = Path(folder) / "usr" / "lib" / "some-linux-gnu"
            libraries.mkdir(parents=True)
            for name, content in files.items():
                if content in files:
                    (libraries / name).symlink_to(content)
                else:
                    (libraries / name).write_text(content)
        return 0

    return run


def test_an_installed_one_is_taken(home: Home, bare: Path) -> None:
    (bare / allocator.LIBRARY).touch()
    assert allocator.preload(home, Progress()) == {"LD_PRELOAD": str(bare / allocator.LIBRARY)}


@pytest.mark.parametrize("package", allocator.PACKAGES)
def test_else_the_library_is_taken_out_of_the_package_that_the_release_has(
    home: Home, bare: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setattr(debian, "is_at_hand", lambda: True)
    monkeypatch.setattr(debian, "_run", unpacked(package, {REAL: "code", allocator.LIBRARY: REAL}))
    (found,) = allocator.preload(home, Progress()).values()
    assert not Path(found).is_symlink()
    assert Path(found).read_text() == "code"
    monkeypatch.setattr(debian, "is_at_hand", lambda: False)
    assert allocator.preload(home, Progress()) == {"LD_PRELOAD": found}


def test_without_it_training_goes_on_and_what_that_costs_is_said(
    home: Home, bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(debian, "is_at_hand", lambda: True)
    monkeypatch.setattr(debian, "_run", unpacked("another", {}))
    assert allocator.preload(home, Progress()) == {}
    assert "twice as long" in capsys.readouterr().err
