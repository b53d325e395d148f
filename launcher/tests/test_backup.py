"""Backups of a real Postgres, and the way back to a moment; the services are left out (test_e2e has them)."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ld_launcher import backup, lifecycle
from ld_launcher.checks import free_port
from ld_launcher.credentials import Credentials
from ld_launcher.home import REPOSITORY, Home
from ld_launcher.postgres import Postgres
from ld_launcher.problem import Problem
from ld_launcher.processes import RunFile
from ld_launcher.progress import Progress


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the server's user may go; what is there in the end is removed."""
    monkeypatch.delenv(backup.VARIABLE, raising=False)
    with tempfile.TemporaryDirectory(prefix="backup-test-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def home(place: Path) -> Iterator[Home]:
    cache = Path(os.environ.get("PLATFORM_CACHE") or REPOSITORY / ".platform")
    made = Home(root=place / "home", cache=cache)
    made.create()
    yield made
    lifecycle.stop_postgres(RunFile(made))
    if (made.root / "postgres.json").exists():
        Postgres.of(made, 1).remove()


def started(home: Home, backups: Path | None = None) -> Postgres:
    postgres = Postgres.of(home, free_port())
    settings = backup.log_settings(postgres, {backup.VARIABLE: str(backups)} if backups else {})
    lifecycle.start_postgres(home, postgres, Credentials.of(home), RunFile(home), settings=settings)
    return postgres


def ask(home: Home, postgres: Postgres, sql: str) -> str:
    return postgres._ask(Credentials.of(home), "inference", sql)


def note(home: Home, postgres: Postgres, text: str) -> datetime:
    """Writes a row and answers a moment after it and before the next one."""
    ask(home, postgres, f"CREATE TABLE IF NOT EXISTS notes (text text); INSERT INTO notes VALUES ('{text}')")
    time.sleep(0.05)
    moment = datetime.now(timezone.utc)
    time.sleep(0.05)
    return moment


def notes(home: Home, postgres: Postgres) -> list[str]:
    return ask(home, postgres, "SELECT text FROM notes ORDER BY text").splitlines()


def destroyed(home: Home) -> None:
    lifecycle.stop_postgres(RunFile(home))
    lifecycle.down(home, True, Progress())


def test_the_way_back_to_any_moment_since_the_first_backup(home: Home, place: Path) -> None:
    backups = place / "backups"
    postgres = started(home, backups)
    note(home, postgres, "1 before")
    student = home.root / "distillation" / "objects" / "ab" / "abcd"
    student.parent.mkdir(parents=True)
    student.write_bytes(b"weights")
    key = Credentials.of(home).api_key
    backup.back_up(home, backups, None, Progress())
    between = note(home, postgres, "2 between")
    note(home, postgres, "3 after")

    destroyed(home)
    assert not student.exists()
    backup.restore(home, backups, between.isoformat(), Progress())
    assert Credentials.of(home).api_key == key
    assert student.read_bytes() == b"weights"
    postgres = started(home, backups)
    assert notes(home, postgres) == ["1 before", "2 between"]
    note(home, postgres, "4 on another way")

    destroyed(home)
    backup.restore(home, backups, None, Progress())
    postgres = started(home)
    assert notes(home, postgres) == ["1 before", "2 between", "4 on another way"]
    destroyed(home)
    with pytest.raises(Problem, match="log ends before"):
        backup.restore(home, backups, "2100-01-01T00:00:00Z", Progress())


def test_a_backup_alone_is_whole_and_the_newest_are_kept(home: Home, place: Path) -> None:
    postgres = started(home)
    for text in ("1", "2", "3"):
        note(home, postgres, text)
        backup.back_up(home, place / "backups", 2, Progress())
    bases = sorted((place / "backups").glob("base-*"))
    assert len(bases) == 2
    left_over = shutil.copytree(bases[-1], bases[-1].with_name(bases[-1].name + backup.PART))
    assert left_over not in backup._bases(place / "backups")
    assert all(path.stat().st_mode & 0o077 == 0 for path in bases)
    destroyed(home)
    backup.restore(home, place / "backups", None, Progress())
    assert notes(home, started(home)) == ["1", "2", "3"]


def test_what_can_not_be_restored_is_said_before_anything_is_touched(home: Home, place: Path) -> None:
    backups = place / "backups"
    with pytest.raises(Problem, match="no backup in"):
        backup.restore(home, backups, None, Progress())
    with pytest.raises(Problem, match="Name the folder"):
        backup.folder_of(None, {})
    with pytest.raises(Problem, match="does not run"):
        backup.back_up(home, backups, None, Progress())
    postgres = started(home)
    note(home, postgres, "kept")
    backup.back_up(home, backups, None, Progress())
    with pytest.raises(Problem, match="platform runs"):
        backup.restore(home, backups, None, Progress())
    lifecycle.stop_postgres(RunFile(home))
    with pytest.raises(Problem, match="is an installation in"):
        backup.restore(home, backups, None, Progress())
    for moment in ("yesterday", "2026-11-29T21:45:00"):
        with pytest.raises(Problem, match="is no moment such as"):
            backup.restore(home, backups, moment, Progress())
    with pytest.raises(Problem, match="first backup in"):
        backup.restore(home, backups, "2020-01-01T00:00:00Z", Progress())
    with pytest.raises(Problem, match="No log was kept"):
        backup.restore(home, backups, "2100-01-01T00:00:00Z", Progress())
    assert notes(home, started(home)) == ["kept"]


def test_a_damaged_or_full_folder_leaves_the_backup_before(
    home: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(home)
    backups = place / "backups"
    backup.back_up(home, backups, None, Progress())
    before = sorted(backups.rglob("*"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(Problem, match="No space left on device; what was there before is whole"):
        backup.back_up(home, backups, None, Progress())
    assert [path for path in sorted(backups.rglob("*")) if backup.PART not in str(path)] == before


def test_a_base_that_is_damaged_is_refused(home: Home, place: Path) -> None:
    started(home)
    backup.back_up(home, place / "backups", None, Progress())
    (file,) = (place / "backups").glob("base-*/postgres/global/pg_control")
    file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])
    destroyed(home)
    with pytest.raises(Problem, match="pg_control is not what was backed up"):
        backup.restore(home, place / "backups", None, Progress())
