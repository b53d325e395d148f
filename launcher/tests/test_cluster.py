"""What `./platform test cluster` brings up, applies and counts; the cluster itself is not needed here."""

from __future__ import annotations

import http.server
import io
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

import kustomize
from ld_launcher import build, cluster, deployed, kube, steady_load
from ld_launcher.credentials import Credentials
from ld_launcher.home import REPOSITORY, Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress
from ld_launcher.testing import DEFAULT_PARTS, PARTS

KUBERNETES = "1.34"
TEMPLATE = list(yaml.safe_load_all((REPOSITORY / "k8s" / "secrets.template.yaml").read_text()))
OVERLAY = kustomize.build(REPOSITORY / "launcher" / "cluster")
LOAD = list(yaml.safe_load_all((REPOSITORY / "launcher" / "cluster" / "load.yaml").read_text()))


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kube.UP, raising=False)
    monkeypatch.delenv(kube.GIVEN, raising=False)


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)
    return path


def test_is_run_only_where_it_is_asked_for() -> None:
    assert "cluster" in set(PARTS) - set(DEFAULT_PARTS)


def test_says_what_to_do_where_there_is_no_cluster(home: Home, tmp_path: Path) -> None:
    alone = Home(home.root, home.cache, tmp_path / "checkout")
    with pytest.raises(Problem, match=f"{kube.GIVEN}.*{kube.UP}"):
        kube.Surroundings.find(alone)


def test_a_program_that_is_named_has_to_be_one(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kube.UP, str(tmp_path / "up"))
    with pytest.raises(Problem, match="is no program"):
        kube.Surroundings.find(home)
    program(tmp_path / "up", "true")
    with pytest.raises(Problem, match="kube-down"):
        kube.Surroundings.find(home)


def test_finds_what_lies_beside_the_checkout(home: Home, tmp_path: Path) -> None:
    beside = tmp_path / "shared" / "kube"
    beside.mkdir(parents=True)
    up = program(beside / "kube-up", "true")
    program(beside / "kube-down", "true")
    assert kube.Surroundings.find(Home(home.root, home.cache, tmp_path / "checkout")).up == up


def test_takes_down_what_it_brought_up_even_where_that_failed(home: Home, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program(tmp_path / "kubectl", "true")
    exports = f"echo export KUBECONFIG={tmp_path}/config PATH={tmp_path}"
    up = program(tmp_path / "kube-up", f'echo "up $*" >> {seen}\n[ "$1" = --node ] && exit 3\n{exports}')
    program(tmp_path / "kube-down", f"echo down >> {seen}")
    surroundings = kube.Surroundings(up)
    with surroundings.cluster(home, Progress()) as found:
        assert found == kube.Cluster(tmp_path / "config", str(tmp_path / "kubectl"))
    with pytest.raises(Problem, match="exit code 3"), surroundings.cluster(home, Progress(), "--node"):
        pass
    assert seen.read_text().splitlines() == ["up ", "down", "up --node", "down"]


def shown(overlay: str) -> list[kube.Manifest]:
    """As kubectl would print it: keys in order, objects apart."""
    rendered = kustomize.build(REPOSITORY / "k8s" / "overlays" / overlay)
    return kube.Manifest.all_of(yaml.safe_dump_all(rendered))


def test_leaves_out_only_what_an_operator_would_bring() -> None:
    rendered = shown("gpu")
    groups = {manifest.group for manifest in rendered} - cluster.OPERATORS.keys()
    taken, left_out = cluster.split(rendered, groups)
    kinds = {"ServiceMonitor", "PrometheusRule", "ExternalSecret", "ResourceFlavor", "ClusterQueue", "LocalQueue"}
    assert {manifest.kind for manifest in left_out} == kinds
    assert len(taken) + len(left_out) == len(rendered)
    assert cluster.split(rendered, groups | cluster.OPERATORS.keys()) == (rendered, [])
    stranger = kube.Manifest("nobody.example", "Unknown", "x", "")
    assert cluster.split([stranger], groups) == ([stranger], [])


@pytest.mark.parametrize("overlay", cluster.OVERLAYS)
def test_objects_are_told_apart_as_a_parser_does(overlay: str) -> None:
    parsed = kustomize.build(REPOSITORY / "k8s" / "overlays" / overlay)
    assert [str(manifest) for manifest in shown(overlay)] == [named(m) for m in parsed]
    assert [yaml.safe_load(manifest.text) for manifest in shown(overlay)] == parsed


def named(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def test_every_kind_of_an_operator_that_we_use_is_defined() -> None:
    manifests = [
        manifest for file in (REPOSITORY / "k8s").rglob("*.yaml") if file.name != "kustomization.yaml"
        for manifest in yaml.safe_load_all(file.read_text()) if manifest and "apiVersion" in manifest
    ]  # fmt: skip
    for group, (_, _, names) in cluster.OPERATORS.items():
        used = {m["kind"].lower() + "s" for m in manifests if m["apiVersion"].startswith(f"{group}/")}
        assert used == set(names), group


def test_every_overlay_of_ours_is_shown_to_the_server() -> None:
    assert set(cluster.OVERLAYS) == {path.name for path in (REPOSITORY / "k8s" / "overlays").iterdir()}


def test_fills_the_secrets_that_pods_of_the_test_use(home: Home) -> None:
    filled = {s["metadata"]["name"]: s["stringData"] for s in deployed.filled_secrets(Credentials.of(home))}
    template = {s["metadata"]["name"]: s["stringData"] for s in TEMPLATE}
    assert all(value not in ("", "[]") for entries in filled.values() for value in entries.values())
    assert {name: set(entries) for name, entries in filled.items()} == {name: set(template[name]) for name in filled}
    used = set()
    for manifest in OVERLAY:
        if manifest["kind"] in ("Deployment", "StatefulSet"):
            used |= set(_secrets(manifest["spec"]["template"]["spec"]))
    assert used == set(filled)


def _secrets(pod: Any) -> Iterator[str]:
    if isinstance(pod, dict):
        for key, value in pod.items():
            if key == "secretKeyRef" or key == "secret":
                yield value.get("secretName") or value["name"]
            yield from _secrets(value)
    elif isinstance(pod, list):
        for value in pod:
            yield from _secrets(value)


def test_there_is_a_volume_for_every_claim(tmp_path: Path) -> None:
    claims = {m["metadata"]["name"]: m["spec"] for m in OVERLAY if m["kind"] == "PersistentVolumeClaim"}
    for manifest in OVERLAY:
        if manifest["kind"] == "StatefulSet":
            for claim in manifest["spec"]["volumeClaimTemplates"]:
                claims[f"{claim['metadata']['name']}-{manifest['metadata']['name']}-0"] = claim["spec"]
    volumes = {v["spec"]["claimRef"]["name"]: v["spec"] for v in deployed.volumes(tmp_path, tmp_path)}
    assert set(volumes) == set(claims)
    for name, claim in claims.items():
        assert claim["storageClassName"] == volumes[name]["storageClassName"] == ""
        assert claim["accessModes"] == volumes[name]["accessModes"]
        assert claim["resources"]["requests"]["storage"] == volumes[name]["capacity"]["storage"]
    for volume in deployed.volumes(tmp_path, tmp_path):
        kubernetes_validate.validate(volume, KUBERNETES, strict=True)


def test_the_overlay_of_the_test_is_dev_but_for_what_it_says() -> None:
    dev = {named(m) for m in kustomize.build(REPOSITORY / "k8s" / "overlays" / "dev")}
    more = {named(m) for m in OVERLAY} - dev
    assert dev <= {named(m) for m in OVERLAY}
    components = REPOSITORY / "k8s" / "components"
    files = ("dispatch/dispatch.yaml", "migrations/jobs.yaml", "migrations/network-policy.yaml")
    assert more == {named(m) for file in files for m in yaml.safe_load_all((components / file).read_text())}
    replicas = {m["metadata"]["name"]: m["spec"]["replicas"] for m in OVERLAY if m["kind"] == "Deployment"}
    assert replicas == {**dict.fromkeys(build.JARS, 1), "worker": 0}


def test_postgres_runs_as_the_user_of_its_image(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployed, "_in_image", lambda image, program, option, user: {"-u": "100", "-g": "102"}[option])
    ours = Home(home.root, home.cache, REPOSITORY)
    made = deployed.Deployment.of(ours, kube.Cluster(Path("none"), "kubectl"), Progress())
    rendered = kustomize.build(made.overlay())
    (postgres,) = [m for m in rendered if m["kind"] == "StatefulSet"]
    context = postgres["spec"]["template"]["spec"]["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (100, 102, 102)
    assert [named(m) for m in rendered] == [named(m) for m in OVERLAY]


def test_what_fails_is_told_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> str:
        raise Problem("3 of 20 requests failed")

    assert deployed.checked(Progress(), "Restarting", fail).failed == 1
    assert "FAILED: Restarting: 3 of 20 requests failed" in capsys.readouterr().err
    assert deployed.checked(Progress(), "Restarting", lambda: "20 requests").passed == 1


def test_a_run_of_training_asks_for_less_and_is_the_services_own_but_for_that() -> None:
    made = yaml.safe_load(deployed.training_run(REPOSITORY)["data"]["training-run.yaml"])
    (container,) = made["spec"]["template"]["spec"]["containers"]
    container["resources"]["requests"]["cpu"] = "2"
    own = REPOSITORY / "distillation-service" / "src" / "main" / "resources" / "training-run.yaml"
    assert made == yaml.safe_load(own.read_text())
    assert container["image"] == deployed.WORKER_IMAGE


@pytest.mark.parametrize("name", ["kube-up", "kube-down"])
def test_the_clusters_of_the_nightly_run_are_brought_up_by_a_valid_script(name: str) -> None:
    script = REPOSITORY / ".github" / "kube" / name
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
    nightly = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "nightly.yml").read_text())
    (named,) = [step["env"][kube.UP] for step in nightly["jobs"]["cluster"]["steps"] if kube.UP in step.get("env", {})]
    assert (REPOSITORY / named).with_name(name) == script


def test_rolls_back_what_keeps_a_pod_while_it_is_updated() -> None:
    deployments = {m["metadata"]["name"]: m["spec"] for m in OVERLAY if m["kind"] == "Deployment"}
    rolling = {name for name in build.JARS if deployments[name]["strategy"]["type"] == "RollingUpdate"}
    assert set(deployed.ROLLING) == rolling


def test_the_load_runs_on_images_that_are_loaded_and_within_the_standard() -> None:
    pod = next(manifest for manifest in LOAD if manifest["kind"] == "Pod")
    (container,) = pod["spec"]["containers"]
    assert container["image"] == deployed.LOAD_IMAGE
    assert {manifest["metadata"].get("namespace", deployed.LOAD_NAMESPACE) for manifest in LOAD} == {
        deployed.LOAD_NAMESPACE
    }
    used = {
        c["image"] for m in OVERLAY if m["kind"] == "StatefulSet" for c in m["spec"]["template"]["spec"]["containers"]
    }
    assert used == {deployed.POSTGRES_IMAGE}
    for manifest in LOAD:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


class Gateway(http.server.BaseHTTPRequestHandler):
    """Answers decisions, and fails as its server is told to."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200, {"stateSchema": {"examples": [{"step": 1}]}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert body == {"state": {"step": 1}}
        self.server.asked += 1  # type: ignore[attr-defined]
        if self.server.asked == 2:  # type: ignore[attr-defined]
            self._answer(503, {"title": "away"})
        elif self.server.asked == 3:  # type: ignore[attr-defined]
            self.close_connection = True
        else:
            self._answer(200, {"output": {}})

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def test_the_load_tells_of_every_request_and_asks_none_again() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.daemon_threads = True
    server.asked = 0  # type: ignore[attr-defined]
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    output, stopped = io.StringIO(), threading.Event()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    arguments = (address, "key", "pursuit", 200.0, output, stopped)
    load = threading.Thread(target=steady_load.run, args=arguments)
    load.start()
    try:
        end = time.monotonic() + 30
        while len(output.getvalue().splitlines()) < 40 and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        stopped.set()
        load.join()
        server.shutdown()
        serving.join()
        server.server_close()
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert sorted(line["status"] for line in lines if line["status"] != 200) == [0, 503]
    decisions = [line for line in lines if line["path"].endswith("/decisions")]
    assert len(decisions) == server.asked  # type: ignore[attr-defined]
    assert 0.5 < len(decisions) / len(lines) < 0.9
    assert {line["keeps"] for line in lines} == {True, False}


def test_a_summary_names_the_middle_and_the_longest() -> None:
    assert deployed.summary([{"ms": 3.0}, {"ms": 1.0}, {"ms": 2.0}]) == "p50 2 ms, longest 3 ms"
