from __future__ import annotations

from pathlib import Path

import pytest

from ld_launcher import promtool
from ld_launcher.home import Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(promtool.VARIABLE, raising=False)
    return folder


def program(place: Path, text: str = "exit 0") -> Path:
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return place


# A package is a file here, and unpacking it makes the program that the real one holds.
DOWNLOAD = 'case "$1" in download) echo x > prometheus_1_amd64.deb;; esac'
EXTRACT = "/bin/mkdir -p $3/usr/bin; echo '#!/bin/sh' > $3/usr/bin/promtool; /bin/chmod 755 $3/usr/bin/promtool"


def test_finds_the_one_that_is_there(tools: Path, home: Home) -> None:
    there = program(tools / "promtool")
    assert promtool.ensure(home, Progress()) == there


def test_takes_the_one_that_is_named(tools: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(promtool.VARIABLE, str(program(tools / "mine")))
    assert promtool.find(home) == tools / "mine"
    monkeypatch.setenv(promtool.VARIABLE, str(tools / "none"))
    with pytest.raises(Problem, match="is no program"):
        promtool.ensure(home, Progress())


@pytest.mark.usefixtures("tools")
def test_says_what_to_do_where_there_is_none(home: Home) -> None:
    with pytest.raises(Problem, match="apt-get install prometheus"):
        promtool.ensure(home, Progress())


def test_unpacks_it_once_where_packages_are_at_hand(tools: Path, home: Home) -> None:
    program(tools / "apt-get", DOWNLOAD)
    program(tools / "dpkg-deb", EXTRACT)
    made = promtool.ensure(home, Progress())
    assert made.is_relative_to(home.cache)
    (tools / "apt-get").unlink()
    assert promtool.ensure(home, Progress()) == made


def test_renews_the_lists_of_packages_before_it_gives_up(tools: Path, home: Home) -> None:
    program(tools / "apt-get", f'[ "$1" = update ] && echo x > {tools}/new; [ -e {tools}/new ] || exit 100; {DOWNLOAD}')
    program(tools / "dpkg-deb", EXTRACT)
    assert promtool.ensure(home, Progress()).exists()


def test_says_so_where_it_can_not_be_fetched(tools: Path, home: Home) -> None:
    program(tools / "apt-get", "echo no network; exit 100")
    program(tools / "dpkg-deb", EXTRACT)
    with pytest.raises(Problem, match="can not be fetched"):
        promtool.ensure(home, Progress())
    assert "no network" in home.log("promtool").read_text()
