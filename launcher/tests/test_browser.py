from __future__ import annotations

import os
from pathlib import Path

import pytest

from ld_launcher import browser
from ld_launcher.home import Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    return folder


def program(place: Path, text: str = "exit 0") -> Path:
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return place


def test_finds_the_browser_that_is_there(tools: Path, home: Home) -> None:
    there = program(tools / "chromium-browser")
    assert browser.find() == there
    assert browser.ensure(home, Progress()) == there


def test_takes_the_one_that_is_named(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tools / "chromium")
    monkeypatch.setenv(browser.VARIABLE, str(program(tools / "mine")))
    assert browser.find() == tools / "mine"
    monkeypatch.setenv(browser.VARIABLE, str(tools / "none"))
    with pytest.raises(Problem, match="is no program"):
        browser.find()


@pytest.mark.usefixtures("tools")
def test_says_what_to_do_where_there_is_none_and_none_can_be_installed(home: Home) -> None:
    with pytest.raises(Problem, match="apt-get install chromium"):
        browser.ensure(home, Progress())


def test_installs_it_where_it_may(tools: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    there = tools / "chromium"
    program(tools / "apt-get", f'[ "$1" = update ] || {{ echo "#!/bin/sh" > {there}; /bin/chmod 755 {there}; }}')
    assert browser.ensure(home, Progress()) == there


def test_says_so_where_the_installation_fails(tools: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(tools / "apt-get", "echo no network; exit 100")
    with pytest.raises(Problem, match="can not be installed"):
        browser.ensure(home, Progress())
    assert "no network" in home.log("chromium").read_text()
