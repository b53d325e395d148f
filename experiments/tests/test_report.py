from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ld_experiments import report
from ld_experiments.figures import calibration, confusion, paired, row
from ld_experiments.play import Agreement, Result


def played(seed: int, reward: float, chosen: str = "nearest") -> Result:
    bins = [[0, 0.0, 0] for _ in range(10)]
    bins[9] = [2, 1.9, 1]
    return Result(seed, reward, 10, {"target": Agreement(1, 2)}, [1.0, 9.0], {"target": {"nearest": {chosen: 2}}}, bins)


LD = [played(seed, reward) for seed, reward in enumerate([0.5, 1.0, 0.0, 0.5])]
BETTER = [played(result.seed, result.reward + 0.25, "together") for result in LD]


@pytest.fixture
def made() -> report.Report:
    rows = [row("pursuit", "ld", LD, 1), row("pursuit", "retriever", BETTER, 1)]
    return {
        "title": "Experiment pursuit",
        "at": "2026-01-01T00:00:00+00:00",
        "measure": "captured",
        "seed": 1,
        "hourly_price": 3.6,
        "seeds": [0, 3],
        "snapshot": "sha256:" + "a" * 64,
        "others": {"pursuit-outputs": "sha256:" + "d" * 64},
        "sources": "b" * 64,
        "students": {"ld": "sha256:" + "c" * 64},
        "trajectories": "",
        "rows": rows,
        "paired": {"retriever": paired(BETTER, LD, 1)},
        "details": {
            name: {"confusion": confusion(results), "calibration": calibration(results)}
            for name, results in (("ld", LD), ("retriever", BETTER))
        },
    }


def test_pairs_take_out_what_episodes_have_in_common() -> None:
    pair = paired(BETTER, LD, 1)
    assert (pair["difference"], pair["low"], pair["high"]) == (0.25, 0.25, 0.25)
    assert report.verdict(pair) == "better than ld"
    assert paired(LD[:2], LD, 1) == {"difference": 0.0, "low": 0.0, "high": 0.0, "episodes": 2}


def test_a_thousand_decisions_cost_their_time(made: report.Report) -> None:
    # 5 ms each on average, so 5 s in all, at a tenth of a cent a second.
    assert "| $0.0050 |" in report.markdown(made)
    assert "of $3.60 an hour" in report.markdown(made)


def test_confusion_and_calibration_are_summed_over_episodes() -> None:
    assert confusion(BETTER) == {"target": {"nearest": {"together": 8}}}
    assert calibration(LD) == {
        "expected_error": 0.45,
        "bins": [{"choices": 8, "probability": 0.95, "agreement": 0.5}],
    }
    assert calibration([Result(1, 1.0, 1, {}, [])]) is None


def test_three_files_lie_beside_each_other(tmp_path: Path, made: report.Report) -> None:
    paths = report.write(made, tmp_path / "new" / "pursuit-1.json")
    assert [path.suffix for path in paths] == [".json", ".md", ".html"]
    assert json.loads(paths[0].read_text()) == made


def test_markdown_holds_every_table(made: report.Report) -> None:
    text = report.markdown(made)
    assert "| retriever | +0.250 [+0.250, +0.250] | better than ld |" in text
    assert "Expected calibration error 0.450" in text
    assert "| nearest |  | 8 |" in text
    assert "c" * 64 in text


def test_html_needs_nothing_from_elsewhere(made: report.Report) -> None:
    page = report.html(made["title"], report.plot(made), report.markdown(made))
    assert page.count("<table>") == 7
    assert not re.search(r"(src|href)=", page)
    assert ElementTree.fromstring(report.plot(made)).tag == "svg"
