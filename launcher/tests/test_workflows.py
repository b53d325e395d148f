"""GitHub's files: what they call exists, and nothing has more rights than it needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ld_launcher import actionlint, build
from ld_launcher.__main__ import parser
from ld_launcher.home import REPOSITORY, SERVICE_PORTS, Home
from ld_launcher.testing import DEFAULT_PARTS, PARTS

GITHUB = REPOSITORY / ".github"
FILES = sorted((GITHUB / "workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[str, Any]] = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def calls(workflow: dict[str, Any]) -> list[list[str]]:
    return [step["run"].split() for step in steps(workflow) if step.get("run", "").startswith("./platform")]


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    program = actionlint.find(Home.from_environment())
    return subprocess.run([program, *paths], capture_output=True, text=True, cwd=REPOSITORY, check=False)


def test_actionlint_finds_nothing() -> None:
    done = lint(*FILES)
    assert done.returncode == 0, done.stdout


def test_actionlint_would_find_something(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.nothing }}\n"
    )
    assert "nothing" in lint(broken).stdout


@pytest.mark.parametrize("name", WORKFLOWS)
def test_calls_of_the_one_entry_can_be_made_by_hand(name: str) -> None:
    for command in calls(WORKFLOWS[name]):
        parser().parse_args(command[1:])


def test_every_part_of_the_tests_is_run() -> None:
    parts = {
        name: {part for command in calls(WORKFLOWS[name]) for part in command[2:] if command[1] == "test"}
        for name in ("ci", "nightly")
    }
    assert parts["ci"] | parts["nightly"] == set(PARTS)
    assert set(DEFAULT_PARTS) <= parts["ci"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_rights_are_to_read_unless_a_job_says_more(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {"contents": "read"}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        assert job["runs-on"] == "ubuntu-24.04"


def test_only_releases_and_analyses_write() -> None:
    writes = {
        (name, right)
        for name, workflow in WORKFLOWS.items()
        for job in workflow["jobs"].values()
        for right, level in job.get("permissions", {}).items()
        if level == "write"
    }
    assert writes == {
        ("codeql", "security-events"),
        ("release", "packages"), ("release", "id-token"), ("release", "attestations"), ("release", "contents"),
    }  # fmt: skip


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_and_leave_no_credentials(name: str) -> None:
    for step in steps(WORKFLOWS[name]):
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
            if step["uses"].startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_pinned_action_says_its_version_and_has_one_pin_everywhere(path: Path) -> None:
    uses = r"uses: (\S+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$"
    everywhere = {m[0]: m[1:] for file in FILES for m in re.findall(uses, file.read_text(), re.MULTILINE)}
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        found = re.search(uses, line)
        assert found, line
        assert everywhere[found[1]] == found.groups()[1:], line


def test_no_event_runs_foreign_code_with_our_rights() -> None:
    for workflow in WORKFLOWS.values():
        # YAML 1.1 reads the word `on` as true.
        events = workflow[True]
        assert not {"pull_request_target", "workflow_run"} & set(events)


def test_the_release_builds_the_images_that_compose_builds() -> None:
    built = WORKFLOWS["release"]["jobs"]["images"]["strategy"]["matrix"]["include"]
    composed = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    packages = {service: composed[service]["build"]["args"].get("PACKAGES") for service in build.JARS}
    expected = [
        {"service": service, "jar": jar, "port": str(SERVICE_PORTS[service][1])}
        | ({"packages": packages[service]} if packages[service] else {})
        for service, jar in build.JARS.items()
    ]
    assert built == expected
    # Functions in Python run in these two.
    assert [service for service in packages if packages[service] == "python3"] == [
        "function-base-service",
        "inference-service",
    ]


def test_the_release_signs_and_describes_what_it_publishes() -> None:
    job = WORKFLOWS["release"]["jobs"]["images"]
    text = yaml.safe_dump(job)
    for word in ("cosign sign", "cosign attest", "attest-build-provenance", "sbom: true", "provenance: mode=max"):
        assert word in text
    assert "cyclonedx-maven-plugin" in yaml.safe_dump(WORKFLOWS["release"]["jobs"]["build"])


def test_dependencies_of_every_kind_are_kept_up() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    kinds = {update["package-ecosystem"] for update in updates}
    assert kinds == {"maven", "pip", "npm", "github-actions", "docker", "docker-compose"}
    for update in updates:
        for folder in update.get("directories", [update.get("directory")]):
            assert (REPOSITORY / folder.strip("/")).is_dir()


@pytest.mark.parametrize("form", sorted((GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=lambda path: path.stem)
def test_issue_forms_have_what_github_needs(form: Path) -> None:
    described = yaml.safe_load(form.read_text())
    assert {"name", "description", "body"} <= set(described)
    for part in described["body"]:
        assert part["type"] == "textarea"
        assert part["id"]
        assert part["attributes"]["label"]
