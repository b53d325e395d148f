"""Writes the report of a run: JSON for programs, Markdown to read and to commit, HTML with a plot to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from . import figures

Report = dict[str, Any]

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1d2433;"
    "background:#fff}table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}"
    "th,td{border-bottom:1px solid #d5dae3;padding:.25rem .75rem;text-align:left}code{font-size:.85em}"
    "svg{max-width:100%;height:auto}"
)


def write(
    report: Report,
    path: Path,
    written: Callable[[Report], str] | None = None,
    drawn: Callable[[Report], str] | None = None,
) -> list[Path]:
    """Writes the three files beside each other; `path` names the JSON.

    :param written: makes the Markdown, if the report is not one of policies
    :param drawn: makes its plot, as SVG
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (written or markdown)(report)
    page = html(report["title"], (drawn or plot)(report), text)
    contents = {".json": json.dumps(report, indent=2) + "\n", ".md": text, ".html": page}
    for suffix, content in contents.items():
        path.with_suffix(suffix).write_text(content, encoding="utf-8")
    return [path.with_suffix(suffix) for suffix in contents]


def markdown(report: Report) -> str:
    rows = report["rows"]
    parts = [
        f"# {report['title']}",
        f"Every policy on the same seeds, {report['seeds'][0]} to {report['seeds'][1]}, or on the first of them; 95%"
        f" intervals by resampling episodes. {report['at']}",
        "## Policies",
        _policies(report),
        "A time is that of all requests that a policy makes for one decision, as the client sees it. Agreement is with"
        " the expert in the same situation, whatever the earlier stages answered; of the output, with what the expert"
        f" would have played. The price of 1,000 decisions is that of their time, one after the other, on a machine of"
        f" ${report['hourly_price']:.2f} an hour.",
    ]
    if any(row.get("pinned") for row in rows):
        parts += ["## Functions that are pinned and that no student was trained on", _pinned(report)]
    if any(row.get("none") for row in rows):
        parts += ["## None of these", _none(report)]
    if report["paired"]:
        parts += ["## Difference to ld on the same episodes", _paired(report)]
    for row in rows:
        details = report["details"][row["policy"]]
        if details["calibration"]:
            parts += [f"## Calibration of {row['policy']}", *_calibration(details["calibration"])]
    for row in rows:
        confusion = report["details"][row["policy"]]["confusion"]
        if confusion and row["policy"] not in ("random", "teacher"):
            parts += [f"## Confusion of {row['policy']}", *_confusion(confusion)]
    parts += ["## What was compared", _hashes(report)]
    return "\n\n".join(parts) + "\n"


def html(title: str, plot: str, text: str) -> str:
    """One file without anything from elsewhere. :param plot: goes before the first section"""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    head, cut, rest = body.partition("<h2>")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        f"{head}{plot}\n{cut}{rest}</body></html>\n"
    )


def plot(report: Report) -> str:
    """The rewards with their intervals, one policy a line."""
    rows = report["rows"]
    least, most = min(row["low"] for row in rows), max(row["high"] for row in rows)
    span = most - least or 1.0
    width, left, step = 760, 110, 28
    height = step * len(rows) + 40

    def across(value: float) -> float:
        return left + (width - left - 90) * (value - least) / span

    marks = []
    for place, row in enumerate(rows):
        y = 20 + step * place
        marks.append(
            f'<text x="{left - 12}" y="{y + 5}" text-anchor="end">{escape(row["policy"])}</text>'
            f'<line x1="{across(row["low"]):.1f}" x2="{across(row["high"]):.1f}" y1="{y}" y2="{y}" stroke="#7a8699"'
            f' stroke-width="3"/><circle cx="{across(row["reward"]):.1f}" cy="{y}" r="5" fill="#1f5fbf"/>'
            f'<text x="{width - 70}" y="{y + 5}">{row["reward"]:.3f}</text>'
        )
    label = escape(f"{report['measure']}, with 95% intervals, from {least:.3f} to {most:.3f}")
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{label}" font-size="14">'
        + "".join(marks)
        + f'<text x="{left}" y="{height - 8}" fill="#566074">{label}</text></svg>'
    )


def _policies(report: Report) -> str:
    rows = report["rows"]
    stages = figures.stages_of(rows)
    titles = [
        "policy",
        "episodes",
        report["measure"],
        "steps",
        *(f"agrees: {stage}" for stage in stages),
        "p50 ms",
        "p99 ms",
        "1,000 decisions",
    ]
    lines = [
        [
            row["policy"],
            str(row["episodes"]),
            f"{row['reward']:.3f} [{row['low']:.3f}, {row['high']:.3f}]",
            f"{row['steps']:.1f}",
            *(figures.share(row["agreement_by_stage"].get(stage)) for stage in stages),
            f"{row['p50_ms']:.0f}",
            f"{row['p99_ms']:.0f}",
            f"${figures.price_of_1000(row, report['hourly_price']):.4f}",
        ]
        for row in rows
    ]
    return table(titles, lines)


def _pinned(report: Report) -> str:
    lines = [
        [row["policy"], name, str(found["states"]), f"{found['chosen']:.3f}", f"{found['wrongly']:.3f}"]
        for row in report["rows"]
        for name, found in row["pinned"].items()
    ]
    return table(["policy", "pinned function", "states", "chosen where it applies", "chosen elsewhere"], lines)


def _none(report: Report) -> str:
    lines = [
        [row["policy"], str(said["states"]), f"{said['said']:.3f}", str(said["others"]), f"{said['wrongly']:.3f}"]
        for row in report["rows"]
        if (said := row.get("none"))
    ]
    return table(["policy", "states that no candidate fits", "none said", "states that one fits", "none said"], lines)


def _paired(report: Report) -> str:
    lines = [
        [policy, f"{pair['difference']:+.3f} [{pair['low']:+.3f}, {pair['high']:+.3f}]", verdict(pair)]
        for policy, pair in report["paired"].items()
    ]
    return table(["policy", f"{report['measure']}, less ld's", "beyond the interval"], lines)


def verdict(pair: dict[str, Any]) -> str:
    if pair["low"] > 0:
        return "better than ld"
    return "worse than ld" if pair["high"] < 0 else "no"


def _calibration(found: dict[str, Any]) -> list[str]:
    lines = [[str(b["choices"]), f"{b['probability']:.3f}", f"{b['agreement']:.3f}"] for b in found["bins"]]
    return [
        f"Expected calibration error {found['expected_error']:.3f}, over ten bins of a choice's probability.",
        table(["choices", "mean probability", "agreement"], lines),
    ]


def _confusion(stages: dict[str, dict[str, dict[str, int]]]) -> list[str]:
    parts = []
    for stage, by_lesson in stages.items():
        names = sorted(set(by_lesson) | {chosen for row in by_lesson.values() for chosen in row})
        lines = [
            [name, *(str(by_lesson[name].get(chosen, 0) or "") for chosen in names)]
            for name in names
            if name in by_lesson
        ]
        parts.append(table([f"{stage}: expert, down; chosen, across", *names], lines))
    return parts


def _hashes(report: Report) -> str:
    lines = [["snapshot", report["snapshot"]], ["game's sources", report["sources"]]]
    lines += [[f"snapshot of {task}", snapshot] for task, snapshot in report["others"].items()]
    lines += [[f"student of {policy}", student] for policy, student in report["students"].items()]
    if report["trajectories"]:
        lines.append(["trajectories of the heads", report["trajectories"]])
    return table(["what", "sha-256"], [[what, f"`{value.removeprefix('sha256:')}`"] for what, value in lines])


def table(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (titles, ["---"] * len(titles), *lines))
