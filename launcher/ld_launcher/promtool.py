"""The program that tests alerts: Prometheus' promtool, taken out of Debian's package where there is none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import debian
from .home import Home
from .problem import Problem
from .progress import Progress

VARIABLE = "PLATFORM_PROMTOOL"
ADVICE = (
    "There is no promtool; install Prometheus (on Debian: apt-get install prometheus) or set PLATFORM_PROMTOOL to one."
)


def _place(home: Home) -> Path:
    return home.cache / "tools" / "promtool"


def find(home: Home) -> Path:
    """:raises Problem: where there is none"""
    named = os.environ.get(VARIABLE)
    if named:
        if os.access(named, os.X_OK):
            return Path(named)
        raise Problem(f"{VARIABLE} names {named}, which is no program.")
    found = shutil.which("promtool")
    if found:
        return Path(found)
    if os.access(_place(home), os.X_OK):
        return _place(home)
    raise Problem(ADVICE)


def ensure(home: Home, progress: Progress) -> Path:
    """Finds it, or fetches it where Debian's packages are at hand. :raises Problem: where neither works"""
    try:
        return find(home)
    except Problem:
        if os.environ.get(VARIABLE) or not debian.is_at_hand():
            raise
    with progress.step("Fetching promtool for the tests of the alerts"):
        debian.fetch(home, "prometheus", "usr/bin/promtool", _place(home), ADVICE)
    return find(home)
