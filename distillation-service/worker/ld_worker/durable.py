"""Files that are there whole or not at all, and what a full disk looks like."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
FULL_SAID = ("no space left on device", "os error 28", "disk quota exceeded")
"""How libraries that write by themselves say it: they lose the number on the way."""


class DiskFullError(OSError):
    """Nothing can be written any more where this worker keeps its files."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; what lies there afterwards is on the disk and becomes ``path`` in one step.

    If anything fails, ``path`` stays as it was and nothing stays behind.

    :raises DiskFullError: for whatever a writer raises when the disk is full
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield aside
        _flush(aside, os.O_RDWR)
        aside.replace(path)
        _flush(path.parent, os.O_RDONLY)
    except Exception as failure:
        if is_full(failure):
            raise DiskFullError(errno.ENOSPC, f"the disk is full: {path.name} can not be written") from failure
        raise
    finally:
        aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8")


def is_full(failure: BaseException | None) -> bool:
    """Whether a full disk is what lies under it."""
    while failure is not None:
        if isinstance(failure, OSError) and failure.errno in FULL:
            return True
        if any(said in str(failure).lower() for said in FULL_SAID):
            return True
        failure = failure.__cause__ or failure.__context__
    return False


def saying(write: Callable[[], None], what: str) -> None:
    """Runs a writer that chooses its own file names. :raises DiskFullError: as ``replacing``"""
    try:
        write()
    except Exception as failure:
        if is_full(failure):
            raise DiskFullError(errno.ENOSPC, f"the disk is full: {what} can not be written") from failure
        raise


def _flush(path: Path, how: int) -> None:
    """A rename is on the disk only when its folder is."""
    number = os.open(path, how)
    try:
        os.fsync(number)
    finally:
        os.close(number)
