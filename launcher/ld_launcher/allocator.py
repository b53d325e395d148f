"""tcmalloc, to train with on a processor: glibc returns large tensors to the system and asks for them at each step."""

from __future__ import annotations

from pathlib import Path

from . import debian
from .home import Home
from .problem import Problem
from .progress import Progress

LIBRARY = "libtcmalloc_minimal.so.4"
INSTALLED = ("/usr/local/lib", "/usr/lib", "/usr/lib64", "/usr/lib/*")
PACKAGES = ("libtcmalloc-minimal4", "libtcmalloc-minimal4t64")
"""By Debian's release, the second since 13."""
ADVICE = f"Without {LIBRARY} training takes up to twice as long; install it where that matters."


def preload(home: Home, progress: Progress) -> dict[str, str]:
    """The environment that has a program use it, taken out of its package where it is not installed.

    Nothing where it can not be had, which is said.
    """
    found = find(home)
    if found is None and debian.is_at_hand():
        with progress.step("Fetching tcmalloc to train with"):
            found = _fetched(home)
    if found is None:
        progress.line(ADVICE)
        return {}
    return {"LD_PRELOAD": str(found)}


def find(home: Home) -> Path | None:
    installed = (path for place in INSTALLED for path in Path("/").glob(f"{place[1:]}/{LIBRARY}"))
    return next((path for path in (*installed, _place(home)) if path.exists()), None)


def _fetched(home: Home) -> Path | None:
    for package in PACKAGES:
        try:
            debian.fetch(home, package, f"usr/lib/*/{LIBRARY}", _place(home), ADVICE)
        except Problem:
            continue
        return _place(home)
    return None


def _place(home: Home) -> Path:
    return home.cache / "tools" / LIBRARY
