"""`./platform test cluster`: against a control plane with simulated nodes, then the platform whole on a real one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import build, compose, deployed, encrypted, handbook, images, kube
from .encrypted import Encrypted
from .home import Home
from .kube import Cluster, Manifest, Surroundings
from .problem import Problem
from .progress import Progress

if TYPE_CHECKING:
    from .testing import Totals

CONTRACTS = "KubernetesClusterTest"
OVERLAYS = ("dev", "prod", "gpu")
# Whose kinds an operator brings that a cluster may lack: the Go module that it is built from has their definitions.
OPERATORS = {
    "monitoring.coreos.com": (
        "github.com/prometheus-operator/prometheus-operator@v0.85.0", "example/prometheus-operator-crd",
        ("servicemonitors", "prometheusrules"),
    ),
    "external-secrets.io": (
        "github.com/external-secrets/external-secrets@v1.3.2", "config/crds/bases", ("externalsecrets",),
    ),
    "kueue.x-k8s.io": (
        "sigs.k8s.io/kueue@v0.17.0", "config/components/crd/bases", ("clusterqueues", "localqueues", "resourceflavors"),
    ),
    "keda.sh": (
        "github.com/kedacore/keda/v2@v2.21.0", "config/crd/bases", ("scaledobjects", "triggerauthentications"),
    ),
}  # fmt: skip


def test(home: Home, java_home: Path, progress: Progress) -> Totals:
    """A cluster that is named is used as it is, and left; others are brought up, one after the other."""
    if given := os.environ.get(kube.GIVEN):
        totals = _on_simulated_nodes(home, java_home, Cluster.of(Path(given)), progress)
        progress.line(f"Left out: the platform whole on a node; it takes a program in {kube.UP}, not {kube.GIVEN}.")
        return totals
    surroundings = Surroundings.find(home)
    with surroundings.cluster(home, progress) as cluster:
        totals = _on_simulated_nodes(home, java_home, cluster, progress)
    made = make_images(home, java_home, progress)
    with surroundings.cluster(home, progress, "--node") as cluster:
        with progress.step("Copying the images to the node"):
            surroundings.load(home, made)
        return totals + _on_a_node(deployed.Deployment.of(home, cluster, progress))


def _on_a_node(platform: deployed.Deployment) -> Totals:
    totals = platform.test()
    if platform.decides():
        totals += Encrypted.of(platform).test()
        if not totals.failed:
            # By then the platform has what that component brings.
            totals += handbook.test(platform, platform.overlay(encrypted.COMPONENT))
    if totals.failed:
        platform.explain()
    return totals


def _on_simulated_nodes(home: Home, java_home: Path, cluster: Cluster, progress: Progress) -> Totals:
    totals = _contracts(home, java_home, cluster, progress)
    # What is only shown to the server is refused where its namespace is not there.
    cluster.apply(home.repository / "k8s" / "base" / "namespace.yaml")
    define_kinds(cluster, progress)
    for overlay in OVERLAYS:
        show = partial(_show, home, cluster, overlay)
        totals += deployed.checked(progress, f"Showing the overlay {overlay} to the server", show)
    return totals


def _contracts(home: Home, java_home: Path, cluster: Cluster, progress: Progress) -> Totals:
    """The dispatcher's contract, where the controllers of Jobs, the scheduler and admission are real."""
    from .testing import Totals, java_totals

    progress.line(f"{CONTRACTS} against the control plane")
    command, env = build.maven(home, java_home)
    env["LD_TEST_KUBECONFIG"] = str(cluster.kubeconfig)
    chosen = [f"-Dtest={CONTRACTS}", "-Dsurefire.failIfNoSpecifiedTests=false"]
    start = time.time()
    code = subprocess.run(
        [*command, "-pl", "distillation-service", "-am", *chosen, "test"], cwd=home.repository, env=env, check=False
    ).returncode
    totals = java_totals(home, start).checked(code, CONTRACTS)
    # The class skips itself where nothing names a cluster, which would be no success here.
    return totals if totals.passed or totals.failed else Totals(failed=1)


def _show(home: Home, cluster: Cluster, overlay: str) -> str:
    rendered = cluster.rendered(home.repository / "k8s" / "overlays" / overlay)
    taken, left_out = split(rendered, cluster.groups())
    text = "---".join(manifest.text for manifest in taken)
    said = cluster.run("apply", "--server-side", "--dry-run=server", "--filename", "-", text=text)
    if said.warnings:
        raise Problem("\n".join(said.warnings))
    without = f"; left out, as their kinds are not there: {', '.join(sorted(map(str, left_out)))}" if left_out else ""
    return f"{len(taken)} objects{without}"


def define_kinds(cluster: Cluster, progress: Progress) -> None:
    """Kinds of operators, without the operators, where Go can fetch them."""
    missing = OPERATORS.keys() - cluster.groups()
    if not missing or shutil.which("go") is None:
        return
    with progress.step("Defining the kinds that operators bring"):
        for group in sorted(missing):
            module, folder, names = OPERATORS[group]
            done = subprocess.run(
                ["go", "mod", "download", "-json", module], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise Problem(f"{module} can not be fetched: {(done.stderr or done.stdout).strip()[-300:]}")
            for name in names:
                cluster.apply(Path(json.loads(done.stdout)["Dir"], folder, f"{group}_{name}.yaml"))
                cluster.run("wait", "--for=condition=Established", "--timeout=60s", f"crd/{name}.{group}")


def split(manifests: Sequence[Manifest], groups: set[str]) -> tuple[list[Manifest], list[Manifest]]:
    """What a cluster that serves these groups can take, and what an operator would have to bring the kinds of."""
    missing = OPERATORS.keys() - groups
    taken, left_out = [], []
    for manifest in manifests:
        (left_out if manifest.group in missing else taken).append(manifest)
    return taken, left_out


def make_images(home: Home, java_home: Path, progress: Progress) -> list[str]:
    """The images of the services, as Docker Compose builds them, and what they need beside."""
    compose.prepare_images(home, java_home, progress)
    log = home.log("compose")
    stand_ins = compose.write_stand_ins(home, progress)
    beside = [images.ensure_tagged(image, progress) for image in (deployed.POSTGRES_IMAGE, deployed.LOAD_IMAGE)]
    with progress.step("Building the images"):
        _logged([*compose.command(), "build", *build.JARS], home, log, COMPOSE_FILE=compose.compose_file(stand_ins))
    if images.docker_has(deployed.WORKER_IMAGE):
        beside.append(deployed.WORKER_IMAGE)
    return [*(f"logic-distillation/{service}:0.1.0" for service in build.JARS), *beside]


def _logged(command: list[str], home: Home, log: Path, **more: str) -> None:
    env = {**os.environ, "PLATFORM_HOME": str(home.root), "PLATFORM_CACHE": str(home.cache), **more}
    with log.open("ab") as output:
        code = subprocess.run(
            command, cwd=home.repository, env=env, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code:
        raise Problem(f"{' '.join(command[:3])} failed; its log is {log}.")
