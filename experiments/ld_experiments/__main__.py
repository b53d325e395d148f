"""The command line of the experiments; `python -m ld_experiments --help` says what there is."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence

from . import commands
from .errors import ExperimentError
from .games import games
from .policies import POLICIES, QUICK
from .variants import variants

TAUGHT = ("ld", "kd")
"""The policies whose students are distilled."""


def main(words: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if words is None else words)
    if words and words[0] in _played():
        words = ["run", *words]
    arguments = _parser().parse_args(words)
    try:
        return arguments.do(arguments)
    except ExperimentError as error:
        print(f"experiment: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("experiment: interrupted", file=sys.stderr)
        return 130


def _played() -> list[str]:
    return [*games(), *variants(), commands.ALL, commands.GENERALITY]


def _parser() -> argparse.ArgumentParser:
    names = sorted(games())
    parser = argparse.ArgumentParser(
        prog="ld_experiments",
        description="Plays the bundled games through the platform's public API.",
        epilog=f"A game's name alone runs its experiment: {', '.join([*names, commands.ALL])}; '{commands.GENERALITY}'"
        f" runs what the students were not trained for: {', '.join(variants())}.",
    )
    actions = parser.add_subparsers(required=True, metavar="COMMAND")

    install = actions.add_parser("install", help="install the task packs and their students", parents=[_where()])
    install.add_argument("games", nargs="*", metavar="GAME", help=f"which ones (default: all of {', '.join(names)})")
    install.add_argument("--force", action="store_true", help="install and activate the pack even if it was before")
    install.set_defaults(do=commands.install)

    run = actions.add_parser("run", help="play episodes with several policies and compare them", parents=[_where()])
    run.add_argument("game", choices=_played())
    run.add_argument("--episodes", type=_count, metavar="N", help="episodes of every policy (default: 50)")
    run.add_argument(
        "--episodes-of",
        type=_numbers,
        default={},
        metavar="A=N,B=M",
        help="other numbers of episodes for single policies, which play the first ones of the others'",
    )
    run.add_argument(
        "--quick",
        action="store_true",
        help=f"a few policies and episodes only: {', '.join(f'{name} {n}' for name, n in QUICK.items())}",
    )
    run.add_argument(
        "--expect",
        type=_names,
        metavar="A,B,C",
        help="fails unless each of these policies answers as the teacher more often than the next one, and no later one"
        " earns more beyond the interval",
    )
    run.add_argument(
        "--seed", type=_natural, default=1, metavar="S", help="which boards; the same for every policy (default: 1)"
    )
    run.add_argument(
        "--policies",
        default=None,
        metavar="A,B",
        help=f"which policies of {','.join(POLICIES)} (default: all of the game)",
    )
    run.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="episodes at once; more than 1 blurs p50_ms (default: 1)"
    )
    run.add_argument(
        "--rows", metavar="FILE", help="trajectories to train nearest and logistic on (default: the bundled ones)"
    )
    run.add_argument(
        "--hourly-price",
        type=_price,
        default=0.10,
        metavar="USD",
        help="what an hour of the platform's machine costs, for the price of 1,000 decisions (default: 0.10)",
    )
    run.add_argument("--fresh", action="store_true", help="play again what an earlier run has finished")
    run.add_argument(
        "--record",
        metavar="FOLDER",
        help="write the report there as GAME.json, .md and .html (default: .platform/experiments)",
    )
    run.add_argument("--json", action="store_true", help="one JSON object per policy and line instead of a table")
    run.set_defaults(do=commands.run)

    gate = actions.add_parser(
        "gate",
        help="play a student, the one that serves and the teacher, and report their rewards to the gate",
        parents=[_where()],
    )
    gate.add_argument("game", choices=names)
    gate.add_argument(
        "student", nargs="?", metavar="STUDENT", help="an id or a name (default: the newest that does not serve)"
    )
    gate.add_argument("--episodes", type=_count, default=50, metavar="N", help="that each of them plays (default: 50)")
    gate.add_argument(
        "--seed",
        type=_natural,
        default=1,
        metavar="S",
        help="which boards; not those that its trajectories came from (default: 1)",
    )
    gate.add_argument(
        "--dataset",
        metavar="NAME",
        help="on whose held-out rows it is timed beside the one that serves (default: the one it learned from)",
    )
    gate.add_argument("--workers", type=_count, default=1, metavar="N", help="episodes at once (default: 1)")
    gate.add_argument("--fresh", action="store_true", help="play again what an earlier run has finished")
    gate.add_argument("--json", action="store_true", help="the evaluation as one JSON object instead of a table")
    gate.set_defaults(do=commands.gate)

    collect = actions.add_parser("collect", help="write the expert's trajectories, to distil from", parents=[_where()])
    collect.add_argument("game", choices=names)
    collect.add_argument("--out", required=True, metavar="FILE", help="the NDJSON file to write")
    collect.add_argument("--episodes", type=_count, default=600, metavar="N", help="episodes to play (default: 600)")
    collect.add_argument(
        "--seed",
        type=_natural,
        default=100,
        metavar="S",
        help="which boards; not the seed of a run that is to judge the student (default: 100)",
    )
    collect.add_argument(
        "--explore",
        type=_share,
        default=0.3,
        metavar="P",
        help="the chance of a step that the expert would not take (default: 0.3)",
    )
    collect.add_argument(
        "--outputs", action="store_true", help="rows whose choice is the expert's output itself, for plain distillation"
    )
    collect.add_argument("--all", action="store_true", help="keep rows whose stage and view were written before")
    collect.add_argument("--workers", type=_count, default=4, metavar="N", help="episodes at once (default: 4)")
    collect.set_defaults(do=commands.collect)
    curves = actions.add_parser(
        "curves",
        help="distil students from few and from many decisions of the expert, and play them",
        parents=[_where(), _learning()],
    )
    curves.add_argument("game", choices=[game.name for game in games().values() if game.learned_in == game.name])
    curves.add_argument(
        "--decisions",
        type=_counts,
        default=[30, 100, 300, 1000, 3000],
        metavar="N,M",
        help="how many the students learn from (default: 30,100,300,1000,3000)",
    )
    curves.add_argument(
        "--policies", type=_taught, default=list(TAUGHT), metavar="A,B", help="ld, kd or both (default: ld,kd)"
    )
    curves.set_defaults(do=commands.curves)

    ablations = actions.add_parser(
        "ablations",
        help="distil students of pursuit with one thing different in each, and play them",
        parents=[_where(), _learning()],
    )
    ablations.add_argument(
        "--decisions", type=_count, default=1000, metavar="N", help="that every one learns from (default: 1000)"
    )
    ablations.set_defaults(do=commands.ablations)
    return parser


def _learning() -> argparse.ArgumentParser:
    learning = argparse.ArgumentParser(add_help=False)
    learning.add_argument(
        "--steps", type=_count, default=250, metavar="N", help="training steps of every student (default: 250)"
    )
    learning.add_argument(
        "--episodes", type=_count, default=20, metavar="N", help="that every student plays (default: 20)"
    )
    learning.add_argument("--seed", type=_natural, default=1, metavar="S", help="which boards (default: 1)")
    learning.add_argument("--workers", type=_count, default=1, metavar="N", help="episodes at once (default: 1)")
    learning.add_argument("--record", metavar="FOLDER", help="write the report there (default: .platform/experiments)")
    learning.add_argument("--json", action="store_true", help="one JSON object per student and line instead of a table")
    return learning


def _where() -> argparse.ArgumentParser:
    where = argparse.ArgumentParser(add_help=False)
    group = where.add_argument_group("the platform")
    group.add_argument("--url", help="address of the gateway (default: $PLATFORM_URL or http://127.0.0.1:8080)")
    group.add_argument(
        "--key-file", metavar="FILE", help="file with an API key (default: $PLATFORM_KEY_FILE or .platform/api-key)"
    )
    return where


def _count(text: str) -> int:
    return _bounded(text, 1)


def _natural(text: str) -> int:
    return _bounded(text, 0)


def _bounded(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from error
    if value < least:
        raise argparse.ArgumentTypeError(f"'{text}' is less than {least}")
    return value


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in POLICIES]
    if unknown:
        raise argparse.ArgumentTypeError(f"'{unknown[0]}' is no policy; there are: {', '.join(POLICIES)}")
    return names


def _counts(text: str) -> list[int]:
    return [_count(part) for part in text.split(",")]


def _taught(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in TAUGHT]:
        raise argparse.ArgumentTypeError(f"'{unknown[0]}' is not distilled; there are: {', '.join(TAUGHT)}")
    return names


def _numbers(text: str) -> dict[str, int]:
    parts = [part.partition("=") for part in text.split(",")]
    _names(",".join(name for name, _, _ in parts))
    return {name: _count(number) for name, _, number in parts}


def _share(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' does not lie between 0 and 1")
    return value


def _price(text: str) -> float:
    value = _number(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no price")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from error


if __name__ == "__main__":
    sys.exit(main())
