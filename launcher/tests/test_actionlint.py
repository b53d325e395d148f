from __future__ import annotations

from pathlib import Path

import pytest

from ld_launcher import actionlint
from ld_launcher.home import Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(actionlint.VARIABLE, raising=False)
    return folder


def program(place: Path, text: str = "exit 0") -> Path:
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return place


def test_finds_the_one_that_is_there(tools: Path, home: Home) -> None:
    there = program(tools / "actionlint")
    assert actionlint.ensure(home, Progress()) == there


def test_takes_the_one_that_is_named(tools: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(actionlint.VARIABLE, str(program(tools / "mine")))
    assert actionlint.find(home) == tools / "mine"
    monkeypatch.setenv(actionlint.VARIABLE, str(tools / "none"))
    with pytest.raises(Problem, match="is no program"):
        actionlint.ensure(home, Progress())


@pytest.mark.usefixtures("tools")
def test_says_what_to_do_where_there_is_none(home: Home) -> None:
    with pytest.raises(Problem, match="install it or Go"):
        actionlint.ensure(home, Progress())


def test_builds_the_pinned_one_where_there_is_go(tools: Path, home: Home) -> None:
    log = home.log("actionlint")
    program(
        tools / "go",
        '/bin/mkdir -p $GOBIN; echo "#!/bin/sh" > $GOBIN/actionlint; /bin/chmod 755 $GOBIN/actionlint; echo $@',
    )
    made = actionlint.ensure(home, Progress())
    assert made.is_relative_to(home.cache)
    assert f"install {actionlint.MODULE}@{actionlint.VERSION}" in log.read_text()


def test_says_so_where_it_can_not_be_built(tools: Path, home: Home) -> None:
    program(tools / "go", "echo no network; exit 1")
    with pytest.raises(Problem, match="can not be built"):
        actionlint.ensure(home, Progress())
    assert "no network" in home.log("actionlint").read_text()
