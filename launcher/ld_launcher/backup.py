"""Backups of an installation, and the way back to any moment since the first.

A folder of backups holds `base-TIME` (the database cluster and what opens it), `artifacts` (students' files and
checkpoints by hash, never changed, shared by all bases) and `wal`, where Postgres keeps its write-ahead log while the
platform runs with PLATFORM_BACKUPS naming the folder.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from .checks import free_port
from .credentials import Credentials
from .home import Home, read_json, write_private
from .postgres import Postgres
from .problem import Problem
from .processes import RunFile, exclusive
from .progress import Progress

VARIABLE = "PLATFORM_BACKUPS"
BASE, PART = "base-", ".part"


def folder_of(given: str | None, env: Mapping[str, str] = os.environ) -> Path:
    """:raises Problem: if neither the command nor the environment names a folder"""
    named = given or env.get(VARIABLE)
    if not named:
        raise Problem(f"Name the folder of the backups, or set {VARIABLE} to it.")
    return Path(named).absolute()


def log_settings(postgres: Postgres, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the server is started with, so that every moment can be restored; nothing where no folder is set."""
    return postgres.archiving(Path(env[VARIABLE]).absolute() / "wal") if env.get(VARIABLE) else {}


def back_up(home: Home, folder: Path, keep: int | None, progress: Progress) -> None:
    """Copies what runs, without stopping it.

    :param keep: how many bases stay, the newest; None for all
    :raises Problem: if Postgres does not run or something can not be written; what was there before stays
    """
    with exclusive(home):
        running = RunFile(home).living().get("postgres")
        if running is None:
            raise Problem("Postgres does not run; start the platform with ./platform up, then back it up.")
        postgres, credentials = Postgres.of(home, running.port), Credentials.of(home)
        began = datetime.now(timezone.utc)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob(f"{BASE}*{PART}"):
                shutil.rmtree(left)
            base = folder / f"{BASE}{began:%Y%m%dT%H%M%S.%fZ}"
            part = base.with_name(base.name + PART)
            part.mkdir(mode=0o700)
            with progress.step("Copying the databases"):
                postgres.base_backup(credentials, part / "postgres")
            ended = datetime.now(timezone.utc)
            # After the database: a file is there before the row that names it.
            with progress.step("Copying students and checkpoints"):
                copied = _add_missing(home.root / "distillation" / "objects", folder / "artifacts")
            for file in _secrets(home):
                if file.exists():
                    (part / "home" / file.relative_to(home.root)).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, part / "home" / file.relative_to(home.root))
            told = {"began": began.isoformat(), "ended": ended.isoformat(), "postgres": postgres.version()}
            write_private(part / "backup.json", json.dumps(told, indent=2) + "\n")
            part.rename(base)
            removed = _remove_old(folder, keep, postgres)
        except OSError as e:
            raise Problem(f"The backup in {folder} failed: {e.strerror or e}; what was there before is whole.") from e
    continuous = os.environ.get(VARIABLE) and Path(os.environ[VARIABLE]).absolute() == folder
    progress.line(
        f"Backed up to {base} ({_megabytes(base):.0f} MB, {copied} new files of students and checkpoints)"
        + (f"; {removed} older ones removed." if removed else ".")
        + ("" if continuous else f" For moments after it, run ./platform up with {VARIABLE}={folder}.")
    )


def restore(home: Home, folder: Path, at: str | None, progress: Progress) -> None:
    """Makes an installation of a backup, where there is none.

    :param at: a moment, ISO 8601 with its offset from UTC; None for all that was kept
    :raises Problem: if something is there already, or the backup does not reach that moment
    """
    moment = _moment(at) if at else None
    with exclusive(home):
        if RunFile(home).living():
            raise Problem("The platform runs; stop it with ./platform down first.")
        base = _base_for(folder, moment)
        if moment and not (folder / "wal").exists():
            raise Problem(f"No log was kept in {folder / 'wal'}; leave --at out to restore the newest backup.")
        if home.secrets_file.exists() or (home.root / "postgres").exists():
            raise Problem(
                f"There is an installation in {home.root}; remove it with ./platform down --wipe, or set"
                " PLATFORM_HOME to another folder."
            )
        home.create()
        try:
            shutil.copytree(base / "home", home.root, dirs_exist_ok=True)
            with progress.step("Restoring students and checkpoints"):
                _add_missing(folder / "artifacts", home.root / "distillation" / "objects")
            home.log("restore").unlink(missing_ok=True)
            # Nobody else is to find it before it is whole.
            postgres = Postgres.of(home, free_port())
            with progress.step("Restoring the databases"):
                postgres.recover(
                    Credentials.of(home), base / "postgres", folder / "wal", moment and moment.isoformat(" "),
                    home.log("restore"),
                )  # fmt: skip
        except OSError as e:
            raise Problem(f"The restore failed: {e.strerror or e}; run ./platform down --wipe and repeat it.") from e
    progress.line(f"Restored from {base}. Start it with ./platform up; ask for a replay of a decision or two.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Problem(f"{text!r} is no moment such as 2026-11-29T21:45:00Z.")
    return moment


def _bases(folder: Path) -> list[Path]:
    """Whole ones, the oldest first."""
    found = (path for path in folder.glob(f"{BASE}*") if path.suffix != PART)
    return sorted(path for path in found if (path / "backup.json").exists())


def _base_for(folder: Path, moment: datetime | None) -> Path:
    bases = _bases(folder)
    if not bases:
        raise Problem(f"There is no backup in {folder}.")
    if moment is None:
        return bases[-1]
    ended = {base: datetime.fromisoformat((read_json(base / "backup.json") or {})["ended"]) for base in bases}
    reaching = [base for base in bases if ended[base] <= moment]
    if not reaching:
        raise Problem(f"The first backup in {folder} is of {ended[bases[0]].isoformat(timespec='seconds')}.")
    return reaching[-1]


def _remove_old(folder: Path, keep: int | None, postgres: Postgres) -> int:
    bases = _bases(folder)
    old = bases[:-keep] if keep else []
    for base in old:
        shutil.rmtree(base)
    if old and (folder / "wal").exists():
        postgres.forget_log_before(_bases(folder)[0] / "postgres", folder / "wal")
    return len(old)


def _add_missing(source: Path, target: Path) -> int:
    """Copies files that are named by their hash, each whole or not at all; answers how many were new."""
    added = 0
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        place = target / file.relative_to(source)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_name(place.name + PART)
            shutil.copy2(file, part)
            part.replace(place)
            added += 1
    return added


def _secrets(home: Home) -> list[Path]:
    """What opens the databases and the door, and what `up` remembers of the packs that it installed."""
    marks = home.root / "experiments" / "installed.json"
    return [home.secrets_file, home.key_file, home.platform_key_file, home.keys_file, marks]


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
