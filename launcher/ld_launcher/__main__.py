"""The command line of ./platform."""

from __future__ import annotations

import argparse
import os
import sys

from . import lifecycle, python_packages, report
from .home import SERVICE_PORTS, Home
from .problem import Problem
from .progress import Progress

ENVIRONMENT = """\
environment:
  PLATFORM_HOME          folder for all state (default: .platform in the checkout)
  PLATFORM_CACHE         folder for downloads and builds, may be shared between homes (default: PLATFORM_HOME)
  PLATFORM_PORT_OFFSET   added to every default port, so that several checkouts can run at once
""" + "\n".join(f"  {variable:<30} port of {name} ({port})" for name, (variable, port) in SERVICE_PORTS.items())


def parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        prog="platform",
        description="The Logic Distillation platform on this machine.",
        epilog=ENVIRONMENT,
        formatter_class=raw,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="build what is missing, start everything, print the address and the key's path")
    down = commands.add_parser("down", help="stop exactly what was started; data stays")
    down.add_argument(
        "--wipe", action="store_true", help="also remove data, logs, secrets and the key (downloads and builds stay)"
    )
    commands.add_parser("doctor", help="check this machine and what runs, and say what to do")
    commands.add_parser("status", help="what runs, where, with how much memory, and the serving student")
    logs = commands.add_parser("logs", help="show a service's log")
    logs.add_argument(
        "service",
        metavar="SERVICE",
        help="gateway, function-base-service, distillation-service, inference-service, postgres, build",
    )
    logs.add_argument("-f", "--follow", action="store_true", help="keep showing what is added")
    logs.add_argument("-n", "--lines", type=int, default=100, help="how many lines from the end (default 100)")
    return top


def dispatch(arguments: argparse.Namespace, home: Home) -> int:
    progress = Progress()
    match arguments.command:
        case "up":
            lifecycle.up(home, progress)
        case "down":
            lifecycle.down(home, arguments.wipe, progress)
        case "doctor":
            return report.doctor(home)
        case "status":
            return report.status(home)
        case "logs":
            return report.logs(home, arguments.service, arguments.follow, arguments.lines)
    return 0


def enter_private_environment(home: Home) -> None:
    """Continues in the launcher's own Python environment where it exists, for its progress display and libraries."""
    python = python_packages.python_of(home.venv)
    current = python_packages.is_current(home.venv, python_packages.REQUIREMENTS)
    if current and not lifecycle.in_private_environment(home):
        os.execv(python, [str(python), "-m", "ld_launcher", *sys.argv[1:]])


def main() -> int:
    arguments = parser().parse_args()
    home = Home.from_environment()
    try:
        enter_private_environment(home)
        return dispatch(arguments, home)
    except Problem as e:
        print(f"platform: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("platform: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
