"""The commands of the guides, and how they are run; no cluster is needed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ld_launcher import build, handbook
from ld_launcher.home import REPOSITORY
from ld_launcher.kube import Cluster
from ld_launcher.problem import Problem

COMMANDS = handbook.commands(REPOSITORY)
VALUES = handbook.values("gateway", Path("/tmp/overlay"), Path("/tmp/secrets.yaml"))


def test_finds_blocks_and_running_text(tmp_path: Path) -> None:
    guide = tmp_path / "k8s" / "README.md"
    guide.parent.mkdir()
    guide.write_text("`kubectl get pods`, `kubectl`.\n```sh\nls\nkubectl get jobs\n```\nAgain `kubectl get pods`.\n")
    texts = [command.text for command in handbook.commands(tmp_path)]
    assert texts == ["kubectl get jobs", "kubectl get pods"]


def test_no_guide_names_kubectl_only_in_passing() -> None:
    """What is a command at all is one that can be run: an operator copies it."""
    assert len(COMMANDS) > 15
    for command in COMMANDS:
        words = command.text.split()
        assert words[1] == "apply" or words[1:3] == ["-n", "logic-distillation"], command


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.text[:60])
def test_every_command_can_be_filled(command: handbook.Command) -> None:
    filled = command.filled(VALUES)
    assert not re.search(r"\b[A-Z]{4,}\b", filled)
    subprocess.run(["bash", "-n", "-c", filled], check=True)
    for workload, name in re.findall(r"(deployment|service|job)/(\S+)", filled):
        assert name in build.JARS or (workload, name) == ("job", "gateway-migration")


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """Knows no certificates, forwards ports for ever, and fails where it is told to."""
    program = tmp_path / "kubectl"
    program.write_text(
        "#!/usr/bin/env bash\n"
        'case "$*" in\n'
        '  *port-forward*) [ "$2" = nowhere ] && exit 1; exec sleep 60;;\n'
        '  *certificate*) echo "error: the server doesn\'t have a resource type \\"certificate\\"" >&2; exit 1;;\n'
        '  *hpa*) echo "horizontalpodautoscalers.autoscaling \\"x\\" not found" >&2; exit 1;;\n'
        '  *broken*) echo "no such thing" >&2; exit 3;;\n'
        '  *) [ "$KUBECONFIG" = /tmp/config ];;\n'
        "esac\n"
    )
    program.chmod(0o755)
    return Cluster(Path("/tmp/config"), str(program))


def test_runs_with_the_clusters_own_kubectl_and_configuration(cluster: Cluster) -> None:
    assert handbook.run(cluster, "kubectl get pods")


@pytest.mark.parametrize("kind", ["certificate", "hpa"])
def test_tells_what_the_cluster_does_not_have(cluster: Cluster, kind: str) -> None:
    assert not handbook.run(cluster, f"kubectl get {kind}")


@pytest.mark.parametrize("command", ["kubectl get broken", "kubectl get broken | cat"])
def test_fails_with_what_kubectl_said(cluster: Cluster, command: str) -> None:
    with pytest.raises(Problem, match="ended with 3: no such thing"):
        handbook.run(cluster, command)


def test_ends_what_would_go_on(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handbook, "ENDLESS", ("timeout", "0.5"))
    assert handbook.run(cluster, "kubectl -n x port-forward service/gateway 8080")
    with pytest.raises(Problem, match="ended with 1"):
        handbook.run(cluster, "kubectl -n nowhere port-forward service/gateway 8080")
