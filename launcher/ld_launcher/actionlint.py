"""The program that checks GitHub's workflows: actionlint, built from its pinned source where there is none."""

from __future__ import annotations

from . import programs

VARIABLE = "PLATFORM_ACTIONLINT"
MODULE = "github.com/rhysd/actionlint/cmd/actionlint"
VERSION = "v1.7.12"

ACTIONLINT = programs.built_by_go(
    "actionlint", VARIABLE, MODULE, VERSION,
    "Building actionlint for the tests of the workflows",
)  # fmt: skip
find, ensure = ACTIONLINT.find, ACTIONLINT.ensure
