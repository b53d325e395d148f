from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ld_launcher import decision_plot
from ld_launcher.figures import Figure
from ld_launcher.problem import Problem

SVG = "{http://www.w3.org/2000/svg}"


def test_stages_are_drawn_to_one_scale_beside_what_they_are_measured_against() -> None:
    lines = [
        "Building the benchmarks ...",
        Figure("reading_32_state_5x20_p50", 60, "ms", 50).as_json(),
        Figure("stage64_p50", 30, "ms", 40).as_json(),
        Figure("stage64_p99", 90, "ms", 80).as_json(),
        Figure("served_p50", 70, "ms").as_json(),
    ]
    figures = decision_plot.read(lines)
    assert [figure.name for figure in figures] == ["stage64_p50", "reading_32_state_5x20_p50"]

    picture = ElementTree.fromstring(decision_plot.svg(figures))

    bars = [float(bar.attrib["width"]) for bar in picture.iter(f"{SVG}rect")][1:]
    assert [bar / bars[2] for bar in bars] == pytest.approx([0.5, 4 / 6, 1, 5 / 6], abs=0.001)
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert "× 0.750" in texts
    assert "× 1.200" in texts
    assert "reading, the same" in texts


def test_figures_of_something_else_are_no_picture() -> None:
    with pytest.raises(Problem, match="bench decision"):
        decision_plot.read([Figure("served_p50", 70, "ms").as_json()])
