"""What the command line does once its words are understood."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from . import figures
from .api import Api, read_key
from .collect import Distinct, collect_episode
from .errors import ExperimentError
from .games import Game, folder_of, game_named, games, seed_of
from .install import Marks
from .install import install as install_pack
from .packs import load_pack, load_students
from .play import Result, functions_of, play_episode
from .policies import POLICIES, policy_named, student_of

T = TypeVar("T")


def install(arguments: argparse.Namespace) -> int:
    chosen = [game_named(name) for name in arguments.games] or list(games().values())
    marks = Marks(_reports(arguments) / "installed.json")
    with _api(arguments) as api:
        for game in chosen:
            folder = folder_of(game.name)
            students = load_students(folder / "students")
            install_pack(api, load_pack(folder / "pack"), students, marks, _say, arguments.force)
    return 0


def run(arguments: argparse.Namespace) -> int:
    game = game_named(arguments.game)
    policies = (arguments.policies or ",".join(POLICIES)).split(",")
    episodes = arguments.episodes or (10 if arguments.quick else 50)
    with _api(arguments) as api:
        snapshot = _active(api, game)
        _check(api, game, policies, functions_of(snapshot), arguments.seed)
        rows = []
        with _progress() as progress:
            for policy in policies:
                rows.append(_row(arguments, api, game, snapshot, policy, episodes, progress))
                if arguments.json:
                    print(json.dumps(rows[-1]), flush=True)
    if not arguments.json:
        Console().print(_table(rows))
    _say(f"report: {_save(arguments, game, snapshot, rows)}")
    return 0


def collect(arguments: argparse.Namespace) -> int:
    game, out = game_named(arguments.game), Path(arguments.out)
    distinct, written, seen = Distinct(), 0, 0
    seeds = [seed_of(arguments.seed, index) for index in range(arguments.episodes)]
    with _api(arguments) as api, _progress() as progress, _replaced(out) as file:
        snapshot = _active(api, game)
        jobs = [lambda seed=seed: collect_episode(api, game, snapshot, seed, arguments.explore) for seed in seeds]
        for rows in _in_order(jobs, arguments.workers, progress, "episodes"):
            for row in rows:
                seen += 1
                if distinct.admit(row) or arguments.all:
                    file.write(json.dumps(row, separators=(",", ":")) + "\n")
                    written += 1
    _say(f"{out}: {written} rows of {seen} from {len(seeds)} episodes")
    return 0


def _row(
    arguments: argparse.Namespace,
    api: Api,
    game: Game,
    snapshot: dict[str, Any],
    policy: str,
    episodes: int,
    progress: Progress,
) -> dict[str, Any]:
    functions = functions_of(snapshot)

    def play(seed: int) -> Result:
        return play_episode(api, game, policy_named(policy, game, functions, seed), seed, snapshot["snapshot"])

    seeds = [seed_of(arguments.seed, index) for index in range(episodes)]
    jobs = [lambda seed=seed: play(seed) for seed in seeds]
    return figures.row(game.name, policy, list(_in_order(jobs, arguments.workers, progress, policy)), arguments.seed)


def _check(api: Api, game: Game, policies: Sequence[str], functions: dict[str, list[str]], seed: int) -> None:
    """Finds a misspelt policy or a missing student before the first episode, not after an hour."""
    for policy in policies:
        policy_named(policy, game, functions, seed)
    needed = {student_of(policy, game.name) for policy in policies} - {None, "untuned"}
    if needed:
        known = {student["name"] for student in api.pages("/students", task=game.name)}
        for name in sorted(needed - known):
            raise ExperimentError(
                f"The platform has no student '{name}'; import it, or leave its policy out with --policies."
            )


def _active(api: Api, game: Game) -> dict[str, Any]:
    snapshot = api.find(f"/tasks/{game.name}/snapshots/active")
    if snapshot is None:
        raise ExperimentError(f"The task {game.name} is not installed; `install` does it.")
    return snapshot


def _in_order(jobs: Sequence[Callable[[], T]], workers: int, progress: Progress, label: str) -> Iterator[T]:
    """Runs the jobs a few at a time and answers in the order they were given; the first failure ends all."""
    bar = progress.add_task(label, total=len(jobs))
    pool = ThreadPoolExecutor(workers)
    try:
        futures = {pool.submit(job): place for place, job in enumerate(jobs)}
        done: dict[int, T] = {}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            progress.advance(bar)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    yield from (done[place] for place in range(len(jobs)))


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    stages = list(rows[0]["agreement_by_stage"])
    table = Table(title=f"{rows[0]['task']}, {rows[0]['episodes']} episodes, 95% intervals")
    table.add_column("policy")
    for title in ("captured", "steps", *(f"agrees: {stage}" for stage in stages), "p50 ms"):
        table.add_column(title, justify="right")
    for row in rows:
        table.add_row(
            row["policy"],
            f"{row['reward']:.2f} [{row['low']:.2f}, {row['high']:.2f}]",
            f"{row['steps']:.1f} [{row['steps_low']:.1f}, {row['steps_high']:.1f}]",
            *(f"{row['agreement_by_stage'][stage]:.2f}" for stage in stages),
            f"{row['p50_ms']:.0f}",
        )
    return table


def _save(arguments: argparse.Namespace, game: Game, snapshot: dict[str, Any], rows: list[dict[str, Any]]) -> Path:
    now = datetime.now(timezone.utc)
    path = _reports(arguments) / f"{game.name}-{now:%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {"at": now.isoformat(), "seed": arguments.seed, "snapshot": snapshot["snapshot"], "rows": rows}
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return path


@contextlib.contextmanager
def _replaced(out: Path) -> Iterator[Any]:
    """A file that takes its place only when it is complete."""
    part = out.with_name(out.name + ".part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise ExperimentError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _api(arguments: argparse.Namespace) -> Iterator[Api]:
    url = arguments.url or os.environ.get("PLATFORM_URL") or "http://127.0.0.1:8080"
    api = Api(url, read_key(_key_file(arguments)))
    try:
        yield api
    finally:
        api.close()


def _key_file(arguments: argparse.Namespace) -> Path:
    return Path(arguments.key_file or os.environ.get("PLATFORM_KEY_FILE") or ".platform/api-key")


def _reports(arguments: argparse.Namespace) -> Path:
    """Beside the key: the folder where the platform keeps what is not in the repository."""
    return _key_file(arguments).parent / "experiments"


def _progress() -> Progress:
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _say(line: str) -> None:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(line)
