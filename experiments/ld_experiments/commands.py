"""What the command line does once its words are understood."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from . import curves as learned
from . import figures, order, report
from . import gate as gates
from .api import Api, read_key
from .collect import Decision, Distinct
from .collect import collect as collected
from .errors import ExperimentError
from .games import GENERAL, Game, folder_of, game_named, games, outputs_of, rows_of, seed_of, sources_of
from .heads import load_rows, train
from .install import Marks, import_students
from .install import install as install_pack
from .journal import digest_of
from .learning import Trial
from .packs import load_pack, load_students
from .play import Result, functions_of
from .policies import HEADS, QUICK, policy_named, student_of, task_of, taught_for, usual
from .progress import progress, say
from .pursuit import Pursuit
from .runs import Compared, active, in_order, played
from .variants import Variant, renderings, variants

ALL = "all"
GENERALITY = "generality"


def install(arguments: argparse.Namespace) -> int:
    chosen = [game_named(name) for name in arguments.games] or list(games().values())
    marks = Marks(_reports(arguments) / "installed.json")
    with _api(arguments) as api:
        for game in chosen:
            folder, learned = folder_of(game.name), folder_of(game.learned_in)
            for pack, students in ((folder / "pack", learned), (folder / "outputs", learned / "outputs")):
                read = load_pack(pack)
                install_pack(api, read, load_students(students / "students", read.name), marks, say, arguments.force)
        import_students(api, GENERAL, load_students(folder_of(GENERAL) / "students", GENERAL), say)
    return 0


def run(arguments: argparse.Namespace) -> int:
    """One game's experiment, or those of all games one after the other.

    :raises ExperimentError: after all of them, if one does not show the order that was expected
    """
    contradicted: list[str] = []
    for game in _games(arguments):
        contradicted += [f"{game.name}: {found}" for found in _run(arguments, game)]
    if contradicted:
        raise ExperimentError("The expected order does not hold. " + "; ".join(contradicted) + ".")
    return 0


def _games(arguments: argparse.Namespace) -> list[Game]:
    """The games to play; variants are installed first, as only those who ask for them need them."""
    if arguments.game == ALL:
        return list(games().values())
    wanted = variants()
    chosen = list(wanted.values()) if arguments.game == GENERALITY else [wanted.get(arguments.game)]
    if None in chosen:
        return [game_named(arguments.game)]
    with _api(arguments) as api:
        _install_variants(api, arguments, chosen)
    return chosen


def _install_variants(api: Api, arguments: argparse.Namespace, chosen: Iterable[Variant]) -> None:
    marks, learned_in = Marks(_reports(arguments) / "installed.json"), folder_of(Pursuit.name)
    for variant in chosen:
        # The second pack, if there is one, is the task of outputs; students lie beside the packs derived from.
        for pack, folder in zip(variant.packs(), (learned_in, learned_in / "outputs"), strict=False):
            students = load_students(folder / "students", pack.name) if variant.known else []
            install_pack(api, pack, students, marks, say)


def _run(arguments: argparse.Namespace, game: Game) -> list[str]:
    """Plays and reports; answers what speaks against the expected order."""
    named = arguments.policies.split(",") if arguments.policies else None
    usually = QUICK if arguments.quick or isinstance(game, Variant) else usual(game)
    with _api(arguments) as api, progress() as begin:
        snapshot = active(api, game.name)
        policies, students = _check(api, game, named, usually, functions_of(snapshot), arguments.seed)
        others = {task: active(api, task)["snapshot"] for task in {task_of(p, game) for p in policies} - {game.name}}
        compared = _compared(arguments, game, snapshot, others, policies, students)
        results: dict[str, list[Result]] = {}
        for policy in policies:
            seeds = [seed_of(arguments.seed, index) for index in range(_episodes(arguments, game, policy))]
            results[policy] = played(
                api,
                compared,
                policy,
                seeds,
                _reports(arguments) / "journal",
                begin,
                workers=arguments.workers,
                fresh=arguments.fresh,
            )
    pinned = [function["name"] for function in snapshot["functions"] if function.get("pinned")]
    rows = [_row(game, policy, results, arguments.seed, pinned) for policy in policies]
    if arguments.json:
        for row in rows:
            print(json.dumps(row), flush=True)
    else:
        Console().print(_table(game, rows))
    for path in report.write(_report(arguments, compared, results, rows), _report_path(arguments, game)):
        say(f"report: {path}")
    return order.contradictions(arguments.expect, results, arguments.seed, game.helpless) if arguments.expect else []


def gate(arguments: argparse.Namespace) -> int:
    """Reports what a student of a game gets and how long it takes, and says what the gate makes of that.

    :raises ExperimentError: if the gate would refuse the student
    """
    game = game_named(arguments.game)
    seeds = [seed_of(arguments.seed, index) for index in range(arguments.episodes)]
    with _api(arguments) as api, progress() as begin:
        both = gates.tried(api, game, arguments.student)
        snapshot, sources = active(api, game.name), digest_of(sources_of(game))

        def play(policy: str, student: str | None, label: str) -> list[Result]:
            compared = Compared(game, snapshot, {}, {policy: student} if student else {}, sources)
            journals = _reports(arguments) / "journal"
            return played(
                api, compared, policy, seeds, journals, begin,
                workers=arguments.workers, fresh=arguments.fresh, label=label,
            )  # fmt: skip

        gates.report(api, game, both, gates.version_of(sources, snapshot["snapshot"]), play)
        dataset = arguments.dataset or gates.dataset_of(both.student)
        if dataset:
            api.post(f"/students/{both.student['id']}/timings", {"dataset": dataset})
        else:
            say("not timed: its manifest names no dataset, and --dataset none either")
        (found,) = api.get("/evaluations", student=both.student["id"])["items"]
    if arguments.json:
        print(json.dumps(found), flush=True)
    else:
        Console().print(gates.table(both, found))
    if not found["gate"]["passed"]:
        raise ExperimentError("The gate would refuse it. " + "; ".join(found["gate"]["reasons"]) + ".")
    say("the gate would let it serve")
    return 0


def curves(arguments: argparse.Namespace) -> int:
    """How many decisions of its teacher a student needs."""
    game = game_named(arguments.game)
    trials = learned.curve(game, arguments.policies, arguments.decisions, _hyperparameters(arguments))
    return _learn(arguments, f"Curves {game.name}", trials)


def ablations(arguments: argparse.Namespace) -> int:
    """What each part of the way in which the students of pursuit learn is worth."""
    trials = learned.ablations(arguments.decisions, _hyperparameters(arguments))
    with _api(arguments) as api:
        _install_variants(api, arguments, renderings().values())
    return _learn(arguments, "Ablations pursuit", trials)


def _learn(arguments: argparse.Namespace, title: str, trials: list[Trial]) -> int:
    with _api(arguments) as api, progress() as begin:
        learned.run(api, arguments, title, trials, _reports(arguments), begin)
    return 0


def _hyperparameters(arguments: argparse.Namespace) -> dict[str, Any]:
    """Nothing ends training early: who learns from a few rows has them right soon, and all are to learn for as long."""
    steps = arguments.steps
    return {"ways": ["recall"], "steps": steps, "checkEvery": max(1, steps // 3), "judgeRows": 100, "enough": 2}


def _episodes(arguments: argparse.Namespace, game: Game, policy: str) -> int:
    """How many episodes a policy plays; those of a policy with fewer are the first of the others'."""
    named = arguments.episodes_of.get(policy)
    if named or arguments.episodes:
        return named or arguments.episodes
    return QUICK.get(policy, 50) if arguments.quick or isinstance(game, Variant) else 50


def collect(arguments: argparse.Namespace) -> int:
    game, out = game_named(arguments.game), Path(arguments.out)
    distinct, written, seen = Distinct(lenient=arguments.outputs), 0, 0
    seeds = [seed_of(arguments.seed, index) for index in range(arguments.episodes)]
    with _api(arguments) as api, progress() as begin, _replaced(out) as file:
        snapshots = {game.name: active(api, game.name)}
        if arguments.outputs:
            snapshots[outputs_of(game.name)] = active(api, outputs_of(game.name))

        def play(seed: int) -> list[Decision]:
            return collected(api, game, snapshots, seed, arguments.explore, arguments.outputs)

        jobs = [lambda seed=seed: play(seed) for seed in seeds]
        for decisions in in_order(jobs, arguments.workers, begin, "episodes"):
            for row in (row for decision in decisions for row in decision):
                seen += 1
                if distinct.admit(row) or arguments.all:
                    file.write(json.dumps(row, separators=(",", ":")) + "\n")
                    written += 1
    say(f"{out}: {written} rows of {seen} from {len(seeds)} episodes")
    return 0


def _compared(
    arguments: argparse.Namespace,
    game: Game,
    snapshot: dict[str, Any],
    others: dict[str, str],
    policies: Sequence[str],
    students: dict[str, str],
) -> Compared:
    heads, trajectories = {}, ""
    wanted = [policy for policy in policies if policy in HEADS]
    if wanted:
        rows, trajectories = load_rows(Path(arguments.rows) if arguments.rows else rows_of(game.learned_in))
        heads = {policy: train(policy, rows) for policy in wanted}
    return Compared(game, snapshot, others, students, digest_of(sources_of(game)), heads, trajectories)


def _row(game: Game, policy: str, results: dict[str, list[Result]], seed: int, pinned: Sequence[str]) -> dict[str, Any]:
    row = figures.row(game.name, policy, results[policy], seed)
    if (said := figures.none(results[policy])) is not None:
        row["none"] = said
    if pinned:
        row["pinned"] = figures.pinned(results[policy], pinned)
    if policy != "ld" and "ld" in results:
        row["against_ld"] = figures.paired(results[policy], results["ld"], seed)
    return row


def _check(
    api: Api,
    game: Game,
    named: Sequence[str] | None,
    usually: Iterable[str],
    functions: dict[str, list[str]],
    seed: int,
) -> tuple[list[str], dict[str, str]]:
    """Finds a misspelt policy or a missing student before the first episode, not after an hour.

    Answers the policies to play and the ids of the students by the policies that ask them. The platform has `untuned`
    of its own where none is imported; a policy that nobody named is left out where its student is missing.
    """
    policies = list(dict.fromkeys(named or usually))
    for policy in policies:
        policy_named(policy, game, functions, seed)
    needed = {policy: name for policy in policies if (name := student_of(policy, game))}
    known = {task: _students(api, task) for task in {taught_for(policy, game) for policy in needed}}
    found: dict[str, str] = {}
    for policy, name in needed.items():
        student = known[taught_for(policy, game)].get(name)
        if student is not None:
            found[policy] = student
            continue
        if named:
            raise ExperimentError(f"The platform has no student '{name}'; import it, or leave out {policy}.")
        say(f"{policy} is left out: the platform has no student '{name}'")
        policies.remove(policy)
    return policies, found


def _students(api: Api, task: str) -> dict[str, str]:
    """Ids by name. The list is newest first, and a name means the newest student that bears it."""
    known = {"untuned": "untuned"}
    for student in api.pages("/students", task=task):
        if known.get(student["name"], "untuned") == "untuned":
            known[student["name"]] = student["id"]
    return known


def _table(game: Game, rows: Sequence[dict[str, Any]]) -> Table:
    stages = figures.stages_of(rows)
    most = max(row["episodes"] for row in rows)
    table = Table(title=f"{game.name}, {most} episodes or as many as a policy's name says, 95% intervals")
    table.add_column("policy")
    paired = any("against_ld" in row for row in rows)
    for title in (
        game.measure, "steps", *(f"agrees: {stage}" for stage in stages), "p50 ms", *(["less ld"] if paired else []),
    ):  # fmt: skip
        table.add_column(title, justify="right")
    for row in rows:
        pair = row.get("against_ld")
        table.add_row(
            row["policy"] if row["episodes"] == most else f"{row['policy']} ({row['episodes']})",
            f"{row['reward']:.2f} [{row['low']:.2f}, {row['high']:.2f}]",
            f"{row['steps']:.1f} [{row['steps_low']:.1f}, {row['steps_high']:.1f}]",
            *(figures.share(row["agreement_by_stage"].get(stage), 2) for stage in stages),
            f"{row['p50_ms']:.0f}",
            *([f"{pair['difference']:+.2f} [{pair['low']:+.2f}, {pair['high']:+.2f}]" if pair else ""] * paired),
        )
    return table


def _report(
    arguments: argparse.Namespace, compared: Compared, results: dict[str, list[Result]], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    seeds = [result.seed for result in max(results.values(), key=len)]
    return {
        "title": f"Experiment {compared.game.name}",
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "measure": compared.game.measure,
        "seed": arguments.seed,
        "hourly_price": arguments.hourly_price,
        "seeds": [seeds[0], seeds[-1]],
        "snapshot": compared.snapshot["snapshot"],
        "others": compared.others,
        "sources": compared.sources,
        "students": compared.students,
        "trajectories": compared.trajectories,
        "rows": rows,
        "paired": {row["policy"]: row["against_ld"] for row in rows if "against_ld" in row},
        "details": {
            policy: {"confusion": figures.confusion(played), "calibration": figures.calibration(played)}
            for policy, played in results.items()
        },
    }


def _report_path(arguments: argparse.Namespace, game: Game) -> Path:
    """A report of record is named by its game alone, so that a later one takes its place."""
    if arguments.record:
        return Path(arguments.record) / f"{game.name}.json"
    return _reports(arguments) / f"{game.name}-{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}.json"


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
