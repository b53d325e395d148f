"""The command line of ./platform."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from . import backup, bench, compose, jdk, lifecycle, python_packages, report, tenant, testing, train_bench
from .home import SERVICE_PORTS, Home, ports_from
from .problem import Problem
from .progress import Progress

MOST_CLIENTS = 256
ENVIRONMENT = """\
environment:
  PLATFORM_HOME          folder for all state (default: .platform in the checkout)
  PLATFORM_CACHE         folder for downloads and builds, may be shared between homes (default: PLATFORM_HOME)
  PLATFORM_BACKUPS       folder of backups, where Postgres then also keeps its log, for the way back to any moment
  PLATFORM_PORT_OFFSET   added to every default port, so that several checkouts can run at once
""" + "\n".join(f"  {variable:<30} port of {name} ({port})" for name, (variable, port) in SERVICE_PORTS.items())


TEST_PARTS = f"{', '.join(testing.PARTS)} (default: {' and '.join(testing.DEFAULT_PARTS)})"


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
    back_up = commands.add_parser("backup", help="copy databases, students and secrets to a folder, while all runs")
    restore = commands.add_parser("restore", help="make an installation of a backup, as it was at any moment since")
    for command in (back_up, restore):
        command.add_argument(
            "folder", nargs="?", metavar="FOLDER", help=f"of the backups (default: ${backup.VARIABLE})"
        )
    back_up.add_argument(
        "--keep", type=_number(1, 10_000), metavar="N", help="remove all but the newest N of them (default: none)"
    )
    restore.add_argument(
        "--at", metavar="TIME", help="a moment such as 2026-11-29T21:45:00Z (default: the last that was kept)"
    )
    _tenant_parser(
        commands.add_parser("tenant", help="export, import or delete one tenant with all that there is of it")
    )
    commands.add_parser("build", help="build and fetch what up and docker compose need, and start nothing")
    test = commands.add_parser("test", help="run every test; ends with a line of totals")
    test.add_argument("parts", nargs="*", metavar="PART", type=_test_part, help=TEST_PARTS)
    benchmark = commands.add_parser("bench", help="measure and print figures")
    benchmark.add_argument("name", choices=bench.BENCHES, metavar="NAME", help=" or ".join(bench.BENCHES))
    benchmark.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    benchmark.add_argument(
        "--sizes",
        metavar="A,B",
        help="retrieval, import, decision: numbers of functions"
        f" (default: {bench.SIZES}, {bench.IMPORTED} and {bench.BASES}; many take long)",
    )
    benchmark.add_argument(
        "--concurrency",
        type=_number(1, MOST_CLIENTS),
        default=bench.CONCURRENCY,
        metavar="N",
        help=f"decision: clients at once (default: {bench.CONCURRENCY})",
    )
    benchmark.add_argument(
        "--soak",
        type=_number(10, 10_000_000),
        default=0,
        metavar="N",
        help="decision: also make N decisions and see whether memory stays flat (default: none)",
    )
    benchmark.add_argument(
        "--without-llama-server",
        action="store_true",
        help="decision: leave out the comparison with llama.cpp, whose server is built from source the first time",
    )
    benchmark.add_argument(
        "--without-nginx",
        action="store_true",
        help="gateway: leave out the comparison with nginx, which is Debian's where there is none",
    )
    benchmark.add_argument(
        "--steps",
        type=_number(2, 10_000),
        default=train_bench.USUAL.steps,
        metavar="N",
        help=f"train: steps of each run, of which the first is not counted (default: {train_bench.USUAL.steps})",
    )
    benchmark.add_argument(
        "--rounds",
        type=_number(1, 100),
        default=train_bench.USUAL.rounds,
        metavar="N",
        help=f"train: runs of each of the two (default: {train_bench.USUAL.rounds}; about three minutes on two cores)",
    )
    commands.add_parser("experiment", help="run an experiment through the public API; --help lists them")
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


def _tenant_parser(of_tenants: argparse.ArgumentParser) -> None:
    deeds = of_tenants.add_subparsers(dest="deed", required=True, metavar="DEED")
    export = deeds.add_parser("export", help="write tasks, functions, students, datasets and decisions to a file")
    bring = deeds.add_parser("import", help="make a tenant of such a file, here or elsewhere")
    delete = deeds.add_parser("delete", help="delete everything, and print what was there before and after")
    export.add_argument("name", metavar="NAME")
    export.add_argument("file", metavar="FILE", type=Path)
    bring.add_argument("file", metavar="FILE", type=Path)
    bring.add_argument("--as", dest="name", metavar="NAME", help="of the tenant (default: the one that it had)")
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--reason", metavar="TEXT", help="for the record of changes")
    for deed in (export, bring, delete):
        deed.add_argument("--url", help="of the gateway (default: the one that runs here)")
        deed.add_argument(
            "--key-file", type=Path, metavar="FILE", help="of a key of the tenant * (default: the one of ./platform up)"
        )


def tenants(arguments: argparse.Namespace, home: Home, progress: Progress) -> None:
    address = arguments.url or f"http://127.0.0.1:{lifecycle.require_running(home)['gateway']}"
    gateway = tenant.gateway(address, arguments.key_file or home.platform_key_file)
    match arguments.deed:
        case "export":
            tenant.export(gateway, arguments.name, arguments.file.absolute(), progress)
        case "import":
            tenant.bring(gateway, arguments.file.absolute(), arguments.name, progress)
        case "delete":
            tenant.delete(gateway, arguments.name, arguments.reason, progress)


def _test_part(text: str) -> str:
    if text not in testing.PARTS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {TEST_PARTS}")
    return text


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least} to {most}")
        return int(text)

    return number


def dispatch(arguments: argparse.Namespace, rest: list[str], home: Home) -> int:
    progress = Progress()
    match arguments.command:
        case "up":
            lifecycle.up(home, progress)
        case "down":
            lifecycle.down(home, arguments.wipe, progress)
        case "backup":
            backup.back_up(home, backup.folder_of(arguments.folder), arguments.keep, progress)
        case "restore":
            lifecycle.fetch(home, progress)
            backup.restore(home, backup.folder_of(arguments.folder), arguments.at, progress)
        case "tenant":
            tenants(arguments, home, progress)
        case "build":
            compose.prepare(home, jdk.find(), progress)
        case "test":
            return testing.run(home, arguments.parts, progress)
        case "bench":
            beside = not (arguments.without_llama_server or arguments.without_nginx)
            length = train_bench.Length(arguments.steps, arguments.rounds)
            return bench.run(
                home, arguments.name, arguments.json, progress, beside, arguments.sizes, arguments.concurrency, length,
                arguments.soak,
            )  # fmt: skip
        case "experiment":
            return experiment(home, rest)
        case "doctor":
            return report.doctor(home)
        case "status":
            return report.status(home)
        case "logs":
            return report.logs(home, arguments.service, arguments.follow, arguments.lines)
    return 0


def experiment(home: Home, arguments: list[str]) -> int:
    """Hands over to the experiments' own command line; only its help works while nothing runs."""
    if {"-h", "--help"} & set(arguments) or not arguments:
        lifecycle.fetch(home, Progress())
        return lifecycle.run_experiments(home, ports_from(), arguments or ["--help"])
    return lifecycle.run_experiments(home, lifecycle.require_running(home), arguments)


def enter_private_environment(home: Home) -> None:
    """Continues in the launcher's own Python environment where it exists, for its progress display and libraries."""
    python = python_packages.python_of(home.venv)
    current = python_packages.is_current(home.venv, python_packages.REQUIREMENTS)
    if current and not lifecycle.in_private_environment(home):
        os.execv(python, [str(python), "-m", "ld_launcher", *sys.argv[1:]])


def _parse(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Everything after `experiment` belongs to the experiments' own command line, its --help included."""
    if words[:1] == ["experiment"]:
        return argparse.Namespace(command="experiment"), words[1:]
    return parser().parse_args(words), []


def main() -> int:
    arguments, rest = _parse(sys.argv[1:])
    home = Home.from_environment()
    try:
        enter_private_environment(home)
        return dispatch(arguments, rest, home)
    except Problem as e:
        print(f"platform: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("platform: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
