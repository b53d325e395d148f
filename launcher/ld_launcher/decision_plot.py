"""`./platform bench decision --json`, drawn: every stage's time beside that of what it is measured against.

python3 -m ld_launcher.decision_plot FIGURES.ndjson > docs/images/decision.svg
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from .figures import Figure
from .problem import Problem

TITLES = {
    "stage64_p50": "recall, 64 new tokens over 256 cached",
    "stage64_other_candidates_p50": "the same, other candidates at every call",
    "stage32_p50": "recall, 32 new tokens over 256 cached",
    "recall_32_state_5x20_p50": "recall, 32 state tokens, 5 entries of 20",
    "reading_32_state_5x20_p50": "reading, the same",
}
WIDTH, LEFT, RIGHT, STEP, TOP = 820, 290, 130, 44, 34
OURS, THEIRS, TEXT = "#1f5fbf", "#aab4c3", "#202938"


def read(lines: Iterable[str]) -> list[Figure]:
    """The stages among a benchmark's figures, in the order of the titles. :raises Problem: where there is none"""
    told = [json.loads(line) for line in lines if line.startswith("{")]
    found = {each["name"]: each for each in told if each["name"] in TITLES and "reference" in each}
    if not found:
        raise Problem("There is no stage among these figures; they are those of ./platform bench decision --json.")
    return [
        Figure(name, found[name]["value"], found[name]["unit"], found[name]["reference"])
        for name in TITLES
        if name in found
    ]


def svg(figures: list[Figure]) -> str:
    """Two bars for each figure, to one scale from zero."""
    most = max(max(figure.value, figure.reference or 0) for figure in figures)
    height = TOP + STEP * len(figures) + 10
    label = "p50 of a decision stage in ms: this engine, and a bare ONNX Runtime call on the same graph"
    marks = [
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" fill="{TEXT}">{escape(label)}</text>',
    ]
    for place, figure in enumerate(figures):
        y = TOP + STEP * place
        marks.append(f'<text x="{LEFT - 12}" y="{y + 20}" text-anchor="end">{escape(TITLES[figure.name])}</text>')
        for value, colour, down in ((figure.value, OURS, 4), (figure.reference or 0, THEIRS, 19)):
            long = (WIDTH - LEFT - RIGHT) * value / most
            marks.append(f'<rect x="{LEFT}" y="{y + down}" width="{long:.1f}" height="13" fill="{colour}"/>')
            marks.append(f'<text x="{LEFT + long + 6:.1f}" y="{y + down + 11}">{value:.1f}</text>')
        marks.append(f'<text x="{WIDTH - 60}" y="{y + 20}" fill="{TEXT}">× {figure.ratio():.3f}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img"'
        f' aria-label="{escape(label)}" font-family="sans-serif" font-size="13">' + "".join(marks) + "</svg>\n"
    )


def main() -> None:
    """Prints the picture of a file of figures."""
    try:
        print(svg(read(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())), end="")
    except (OSError, IndexError, Problem) as e:
        raise SystemExit(f"decision_plot: {e}") from e


if __name__ == "__main__":
    main()
