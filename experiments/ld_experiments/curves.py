"""Sample efficiency and ablations: students distilled in different ways, then played on the same held-out boards."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from . import figures, report
from .api import Api
from .games import Game, outputs_of, seed_of, sources_of
from .journal import digest_of
from .learning import Learned, Trial, decisions_of, distil
from .play import OUTPUT
from .progress import Begin, say
from .pursuit import Pursuit
from .runs import Compared, active, played
from .variants import renderings

COLORS = {"ld": "#1f5fbf", "kd": "#b4541a"}
WIDTH, HEIGHT, LEFT, BOTTOM = 760, 340, 70, 60


def curve(game: Game, policies: Sequence[str], decisions: Sequence[int], usual: Mapping[str, Any]) -> list[Trial]:
    """Few decisions first, and of so many each policy, so that a run that is cut off has compared what it has."""
    return [
        Trial(f"{policy}, {count} decisions", game, policy, count, usual)
        for count in sorted(set(decisions))
        for policy in policies
    ]


def ablations(decisions: int, usual: Mapping[str, Any]) -> list[Trial]:
    """One thing is different in each, beside the first."""
    pursuit, shown = Pursuit(), renderings()
    rank = int(usual.get("rank", 16))
    others = [
        ("letters for handles", shown["pursuit-lettered"], {}),
        ("coordinates for words", shown["pursuit-numbered"], {}),
        ("reading", pursuit, {"ways": ["reading"], "readingShare": 1.0, "drawnShare": 0.0}),
        ("always the search's candidates", pursuit, {"recordedShare": 1.0, "fewerShare": 0.0, "noneShare": 0.0}),
        ("candidates by chance, not the most alike", pursuit, {"recordedShare": 0.0}),
        ("never without the right one", pursuit, {"noneShare": 0.0}),
        (f"rank {rank // 4}", pursuit, {"rank": rank // 4, "alpha": rank // 2}),
        (f"rank {rank * 4}", pursuit, {"rank": rank * 4, "alpha": rank * 8}),
    ]
    return [Trial("as it is", pursuit, "ld", decisions, usual)] + [
        Trial(title, game, "ld", decisions, {**usual, **changed}) for title, game, changed in others
    ]


def run(api: Api, arguments: argparse.Namespace, title: str, trials: Sequence[Trial], home: Path, begin: Begin) -> None:
    """Distils and plays one trial after the other. After each a report is written, so that no run leaves none.

    :param home: the folder of what is kept between runs
    """
    seeds = [seed_of(arguments.seed, index) for index in range(arguments.episodes)]
    path = (Path(arguments.record) if arguments.record else home) / f"{title.replace(' ', '-').lower()}.json"
    most: dict[str, int] = {}
    for trial in trials:
        most[trial.task] = max(trial.decisions, most.get(trial.task, 0))
    points: list[dict[str, Any]] = []
    for trial in trials:
        points.append(_point(api, trial, most[trial.task], seeds, arguments, home, begin))
        told = _report(title, arguments, seeds, points, trials[0].game.measure)
        written = report.write(told, path, markdown, plot)
    if arguments.json:
        for point in points:
            print(json.dumps(point), flush=True)
    else:
        Console().print(_table(told))
    for file in written:
        say(f"report: {file}")


def _point(
    api: Api, trial: Trial, most: int, seeds: Sequence[int], arguments: argparse.Namespace, home: Path, begin: Begin
) -> dict[str, Any]:
    """:param most: decisions that any trial of the task learns from: all learn from the first of the same ones"""
    game = trial.game
    snapshots = {task: active(api, task) for task in {game.name, trial.task}}
    taught = decisions_of(api, trial, snapshots, most, home / "decisions", begin)[: trial.decisions]
    learned = distil(api, trial, snapshots[trial.task]["definition"], taught, begin)
    others = {outputs_of(game.name): snapshots[trial.task]["snapshot"]} if trial.task != game.name else {}
    compared = Compared(
        game, snapshots[game.name], others, {trial.policy: learned.student}, digest_of(sources_of(game))
    )
    results = played(
        api,
        compared,
        trial.policy,
        seeds,
        home / "journal",
        begin,
        workers=arguments.workers,
        label=f"{trial.title}: episodes",
    )
    return _told(trial, learned) | {"row": figures.row(game.name, trial.policy, results, arguments.seed)}


def _told(trial: Trial, learned: Learned) -> dict[str, Any]:
    return {
        "title": trial.title,
        "task": trial.task,
        "policy": trial.policy,
        "decisions": trial.decisions,
        "hyperparameters": dict(trial.hyperparameters),
        "rows": learned.rows,
        "steps": learned.steps,
        "seconds": round(learned.seconds, 1),
        "student": learned.student,
    }


def _report(
    title: str, arguments: argparse.Namespace, seeds: Sequence[int], points: Sequence[dict[str, Any]], measure: str
) -> report.Report:
    return {
        "title": title,
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "measure": measure,
        "seed": arguments.seed,
        "seeds": [seeds[0], seeds[-1]],
        "points": list(points),
    }


def markdown(told: report.Report) -> str:
    points = told["points"]
    stages = figures.stages_of([point["row"] for point in points])
    titles = [
        *("student", "decisions", "rows", "steps", "training", told["measure"]),
        *(f"agrees: {stage}" for stage in stages),
        "p50 ms",
    ]
    lines = [
        [
            point["title"],
            f"{point['decisions']:,}",
            f"{point['rows']:,}",
            str(point["steps"]),
            f"{point['seconds'] / 60:.1f} min",
            _reward(point["row"], 3),
            *(figures.share(point["row"]["agreement_by_stage"].get(stage)) for stage in stages),
            f"{point['row']['p50_ms']:.0f}",
        ]
        for point in points
    ]
    hashes = [[point["title"], f"`{point['student'].removeprefix('sha256:')}`", _changed(point)] for point in points]
    return (
        "\n\n".join(
            [
                f"# {told['title']}",
                f"Every student on the boards of seeds {told['seeds'][0]} to {told['seeds'][1]}, which none was taught"
                f" on; 95% intervals by resampling episodes. {told['at']}",
                "## Students",
                report.table(titles, lines),
                "Decisions are the teacher's, taken evenly from all its episodes; rows are what they come to at the"
                " stages, a view once. Agreement is with the expert in the same situation; of the output, with what the"
                " expert would have played. All began at the bare base model and learned for the steps of the table,"
                " from however few rows.",
                "## What was compared",
                report.table(["student", "sha-256", "hyperparameters"], hashes),
            ]
        )
        + "\n"
    )


def plot(told: report.Report) -> str:
    """Agreement of the output by the number of decisions, a line for each policy; rewards where all have as many."""
    points = told["points"]
    counts = sorted({point["decisions"] for point in points})
    if len(counts) < 2:
        return report.plot({"measure": told["measure"], "rows": [p["row"] | {"policy": p["title"]} for p in points]})
    label = "agreement of the output with the expert, by decisions learned from"

    def across(count: int) -> float:
        share = math.log(count / counts[0]) / math.log(counts[-1] / counts[0])
        return LEFT + (WIDTH - LEFT - 60) * share

    def up(agreement: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 20) * agreement

    marks = [
        f'<line x1="{LEFT}" x2="{WIDTH - 60}" y1="{up(level):.1f}" y2="{up(level):.1f}" stroke="#d5dae3"/>'
        f'<text x="{LEFT - 10}" y="{up(level) + 5:.1f}" text-anchor="end">{level:.2f}</text>'
        for level in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    marks += [
        f'<text x="{across(count):.1f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{count:,}</text>'
        for count in counts
    ]
    for policy in dict.fromkeys(point["policy"] for point in points):
        placed = [
            (across(point["decisions"]), up(point["row"]["agreement_by_stage"][OUTPUT]))
            for point in points
            if point["policy"] == policy
        ]
        color = COLORS[policy]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{color}"/>' for x, y in placed]
        x, y = placed[-1]
        marks.append(f'<text x="{x + 12:.1f}" y="{y + 5:.1f}" fill="{color}">{escape(policy)}</text>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="{label}" font-size="14">'
        + "".join(marks)
        + f'<text x="{LEFT}" y="{HEIGHT - 10}" fill="#566074">{label}</text></svg>'
    )


def _table(told: report.Report) -> Table:
    points = told["points"]
    stages = figures.stages_of([point["row"] for point in points])
    table = Table(title=f"{told['title']}, 95% intervals")
    table.add_column("student")
    for title in ("rows", told["measure"], *(f"agrees: {stage}" for stage in stages)):
        table.add_column(title, justify="right")
    for point in points:
        table.add_row(
            point["title"],
            f"{point['rows']:,}",
            _reward(point["row"], 2),
            *(figures.share(point["row"]["agreement_by_stage"].get(stage), 2) for stage in stages),
        )
    return table


def _reward(row: Mapping[str, Any], digits: int) -> str:
    return f"{row['reward']:.{digits}f} [{row['low']:.{digits}f}, {row['high']:.{digits}f}]"


def _changed(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in point["hyperparameters"].items())
