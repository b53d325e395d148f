"""Alerts and dashboards use metrics that exist; the alerts fire when they should and have a page each."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ld_launcher import build, meters, promtool
from ld_launcher.home import REPOSITORY, Home

OBSERVABILITY = REPOSITORY / "launcher" / "observability"
MONITORING = REPOSITORY / "k8s" / "components" / "monitoring"
RUNBOOKS = REPOSITORY / "docs" / "runbooks"
RULES = yaml.safe_load((OBSERVABILITY / "alerts.yaml").read_text())
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule}
RECORDS = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
TESTS = yaml.safe_load((OBSERVABILITY / "alerts.test.yaml").read_text())["tests"]
DASHBOARDS = {
    service: json.loads((MONITORING / "dashboards" / f"{service}.json").read_text()) for service in build.JARS
}

# What is a word in PromQL and no metric.
WORDS = {
    "sum", "rate", "increase", "max", "min", "by", "and", "or", "absent", "histogram_quantile", "scalar", "le",
    "label_values",
}  # fmt: skip


def metrics_of(expression: str) -> set[str]:
    without_labels = re.sub(r"\{(?:[^{}\"]|\"[^\"]*\")*\}|\[[^\]]*\]|\"[^\"]*\"|by \([^)]*\)", " ", expression)
    return set(re.findall(r"[a-zA-Z_:][\w:]*", without_labels)) - WORDS


def expressions() -> Iterator[tuple[str, str]]:
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]
    for service, dashboard in DASHBOARDS.items():
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                yield f"{service}: {panel['title']}", target["expr"]


def test_reads_names_of_metrics_out_of_expressions() -> None:
    text = 'sum by (le) (rate(a_bucket{uri="/v1/tasks/{task}/decisions",status=~"5.."}[5m])) / scalar(b:c) > 0.2'
    assert metrics_of(text) == {"a_bucket", "b:c"}
    assert metrics_of('sum(a{b="c"}) - sum(d{e="f"})') == {"a", "d"}


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_expressions_use_metrics_that_exist(where: str, expression: str) -> None:
    used = metrics_of(expression)
    assert used, where
    assert used <= meters.known() | RECORDS


def test_a_metric_that_does_not_exist_is_caught() -> None:
    assert not metrics_of("sum(rate(decision_steps_count[5m]))") <= meters.known() | RECORDS


def test_tags_in_expressions_are_those_of_the_meters() -> None:
    tags = {name: set(meter.tags) for meter in meters.meters() for name in meter.prometheus()}
    for where, expression in expressions():
        for name, labels in re.findall(r"([a-z_]+)\{([^}]*)\}", expression):
            if name in tags:
                used = set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", labels)) - {"job", "instance", "le"}
                assert used <= tags[name], where


def test_the_bound_of_the_latency_objective_is_one_of_the_histogram() -> None:
    """Micrometer's bounds: between two powers of four of nanoseconds, steps of a third of the lower."""
    bounds = {power + step * (power // 3) for e in range(2, 62, 2) for power in [1 << e] for step in range(10)}
    for bound in set(re.findall(r'le="([\d.]+)"', (OBSERVABILITY / "alerts.yaml").read_text())):
        assert round(float(bound) * 1e9) in bounds


def test_routes_in_expressions_exist() -> None:
    sources = (REPOSITORY / "inference-service" / "src" / "main").rglob("*.java")
    mapped = {path for s in sources for path in re.findall(r'Mapping\((?:path = )?"([^"]+)"', s.read_text())}
    used = set(re.findall(r'uri="([^"]+)"', (OBSERVABILITY / "alerts.yaml").read_text()))
    assert used
    assert used <= mapped


def test_the_page_of_metrics_is_current() -> None:
    assert (REPOSITORY / meters.PAGE).read_text() == meters.page(), "run python3 -m ld_launcher.meters"


def test_every_meter_of_ours_has_a_meaning() -> None:
    assert {meter.name for meter in meters.meters()} <= set(meters.MEANING), "say in MEANING what it is"


def source(repository: Path, text: str) -> None:
    place = repository / "some-service" / "src" / "main" / "java" / "Some.java"
    place.parent.mkdir(parents=True)
    place.write_text(text)


def test_reads_meters_over_several_lines(tmp_path: Path) -> None:
    source(
        tmp_path,
        """
        meters.counter("a.b", "kind", kind(of, it), "outcome", done ? "yes" : "no")
                .increment();
        Timer.builder("c")
                .description("x")
                .tag(
                        "by", name)
                .publishPercentileHistogram()
                .register(meters);
        """,
    )
    counter, timer = meters.meters(tmp_path)
    assert (counter.name, counter.tags) == ("a.b", ("kind", "outcome"))
    assert counter.prometheus() == ["a_b_total"]
    assert (timer.tags, timer.histogram) == (("by",), True)
    assert "c_seconds_bucket" in timer.prometheus()


def test_a_meter_whose_name_can_not_be_read_is_an_error(tmp_path: Path) -> None:
    source(tmp_path, "meters.counter(NAME).increment();")
    with pytest.raises(ValueError, match=r"Some\.java"):
        meters.meters(tmp_path)


def test_the_operator_gets_the_same_rules() -> None:
    assert yaml.safe_load((MONITORING / "rules.yaml").read_text())["spec"]["groups"] == RULES["groups"]


def test_the_alerts_fire_when_they_should() -> None:
    program = promtool.find(Home.from_environment())
    for arguments in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]):
        done = subprocess.run([program, *arguments], cwd=OBSERVABILITY, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_to_fire_and_to_keep_quiet() -> None:
    cases = [case for test in TESTS for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == set(ALERTS)
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == set(ALERTS)


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in ALERTS}
    listed = (RUNBOOKS / "README.md").read_text()
    for name, rule in ALERTS.items():
        path = REPOSITORY / rule["annotations"]["runbook"]
        text = path.read_text()
        assert text.startswith(f"# {name}\n"), path
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Meaning", "## Look", "## Do"]
        assert f"[{name}]({path.name})" in listed


@pytest.mark.parametrize("service", build.JARS)
def test_a_dashboard_can_be_imported(service: str) -> None:
    dashboard: dict[str, Any] = DASHBOARDS[service]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    assert dashboard["uid"] == f"ld-{service}"
    assert {variable["name"] for variable in dashboard["templating"]["list"]} == {"datasource", "instance"}
    titles = {panel["title"] for panel in dashboard["panels"]}
    assert {"Requests", "Errors", "Duration", "Heap"} <= titles
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for target in panel.get("targets", []):
            assert f'job="{service}"' in target["expr"] or target["expr"] in RECORDS


def test_every_meter_of_ours_is_drawn() -> None:
    drawn = set().union(
        *(metrics_of(t["expr"]) for d in DASHBOARDS.values() for p in d["panels"] for t in p.get("targets", []))
    )
    for meter in meters.meters():
        assert drawn & set(meter.prometheus()), meter.name
