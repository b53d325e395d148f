"""The program that tests alerts: Prometheus' promtool, taken out of Debian's package where there is none."""

from __future__ import annotations

from . import programs

VARIABLE = "PLATFORM_PROMTOOL"
ADVICE = (
    "There is no promtool; install Prometheus (on Debian: apt-get install prometheus) or set PLATFORM_PROMTOOL to one."
)

PROMTOOL = programs.of_debian(
    "promtool", VARIABLE, "prometheus", "usr/bin/promtool", ADVICE, "Fetching promtool for the tests of the alerts"
)
find, ensure = PROMTOOL.find, PROMTOOL.ensure
