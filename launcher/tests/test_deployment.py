"""The files that deploy the platform elsewhere, checked without a cluster, a registry or a network."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from ld_launcher import build, checks
from ld_launcher.artifacts import MODEL_NAME
from ld_launcher.home import REPOSITORY, SERVICE_PORTS

BASE = REPOSITORY / "k8s" / "base"
KUBERNETES = "1.34"


def manifests() -> list[dict[str, Any]]:
    """What the base says, in the form in which kustomize reads it."""
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    return [found for name in listed for found in yaml.safe_load_all((BASE / name).read_text())]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [manifest for manifest in manifests() if manifest["kind"] == kind]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for deployment in of_kind("Deployment"):
        yield deployment["metadata"]["name"], deployment["spec"]["template"]["spec"]


def test_every_manifest_keeps_its_schema() -> None:
    secrets = list(yaml.safe_load_all((REPOSITORY / "k8s" / "secrets.template.yaml").read_text()))
    for manifest in [*manifests(), *secrets]:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_kustomize_builds_the_base() -> None:
    tools = {"kubectl": ["kubectl", "kustomize"], "kustomize": ["kustomize", "build"]}
    present = [command for tool, command in tools.items() if shutil.which(tool)]
    for command in present:
        answer = subprocess.run([*command, str(BASE)], capture_output=True, text=True, check=True)
        built = list(yaml.safe_load_all(answer.stdout))
        assert {m["metadata"]["namespace"] for m in built if m["kind"] != "Namespace"} == {"logic-distillation"}
        assert len(built) == len(manifests())
        written = {p["metadata"]["name"]: p["spec"] for p in of_kind("NetworkPolicy")}
        assert {p["metadata"]["name"]: p["spec"] for p in built if p["kind"] == "NetworkPolicy"} == written
        for manifest in built:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_every_resource_is_listed() -> None:
    listed = set(yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"])
    assert {path.name for path in BASE.glob("*.yaml")} - {"kustomization.yaml"} == listed


def test_there_is_a_deployment_service_and_budget_for_each_service() -> None:
    for kind in ("Deployment", "Service", "PodDisruptionBudget"):
        assert {manifest["metadata"]["name"] for manifest in of_kind(kind)} == set(build.JARS)


def test_pods_keep_the_restricted_standard() -> None:
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name


def test_probes_and_memory_are_bounded_and_liveness_never_asks_the_database() -> None:
    for name, pod in pods():
        (container,) = pod["containers"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/actuator/health/liveness", name
        assert container["startupProbe"]["httpGet"]["path"] == "/actuator/health/liveness", name
        assert container["readinessProbe"]["httpGet"]["path"] == "/actuator/health/readiness", name
        assert {"cpu", "memory"} <= set(container["resources"]["requests"]), name
        assert "memory" in container["resources"]["limits"], name
        pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pause + 30 <= pod["terminationGracePeriodSeconds"], name


def test_services_listen_where_they_are_called() -> None:
    addresses = {name: port for name, (_, port) in SERVICE_PORTS.items() if name != "postgres"}
    for service in of_kind("Service"):
        assert service["spec"]["ports"][0]["port"] == addresses[service["metadata"]["name"]]
    for name, pod in pods():
        assert pod["containers"][0]["ports"][0]["containerPort"] == addresses[name]


def test_every_secret_that_pods_use_is_in_the_template_and_has_no_value() -> None:
    template = list(yaml.safe_load_all((REPOSITORY / "k8s" / "secrets.template.yaml").read_text()))
    known = {(s["metadata"]["name"], key) for s in template for key in s["stringData"]}
    used = set()
    for _, pod in pods():
        for variable in pod["containers"][0]["env"]:
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                used.add((reference["name"], reference["key"]))
    assert used <= known
    values = {value for s in template for key, value in s["stringData"].items() if key != "username"}
    assert values == {"", "[]"}


def test_traffic_is_denied_by_default_and_each_edge_is_open_at_both_ends() -> None:
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in of_kind("NetworkPolicy")}
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    leaving = {
        (name, _label(target))
        for name in build.JARS
        for rule in policies[f"from-{name}"]["egress"]
        for target in rule.get("to", [])
    }
    arriving = {
        (_label(source), name)
        for name in build.JARS
        for rule in policies[f"to-{name}"]["ingress"]
        for source in rule.get("from", [])
    }
    assert leaving == arriving
    assert ("gateway", "inference-service") in leaving
    assert not {edge for edge in leaving if edge[1] == "gateway"}


def _label(peer: dict[str, Any]) -> str:
    return peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]


def test_compose_builds_the_jars_and_mounts_the_model_that_the_launcher_makes() -> None:
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    for service, jar in build.JARS.items():
        described = compose["services"][service]
        assert described["build"]["args"]["JAR"] == jar
        assert described["build"]["args"]["PORT"] == str(SERVICE_PORTS[service][1])
        assert described["read_only"] is True
        assert described["image"] in (REPOSITORY / "docker-compose.yml").read_text()
    assert compose["services"]["inference-service"]["environment"]["PLATFORM_MODEL_FILE"] == f"/models/{MODEL_NAME}"
    always = [service for service in compose["services"].values() if "profiles" not in service]
    published = [port for service in always for port in service.get("ports", [])]
    assert published == ["127.0.0.1:${PLATFORM_GATEWAY_PORT:-8080}:8080"]


def test_manifests_and_compose_name_the_same_images() -> None:
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    tags = {i["name"]: i["newTag"] for i in yaml.safe_load((BASE / "kustomization.yaml").read_text())["images"]}
    for name, pod in pods():
        image = pod["containers"][0]["image"]
        assert compose["services"][name]["image"] == f"{image}:{tags[image]}"


def test_the_ci_script_is_valid_and_calls_the_same() -> None:
    script = REPOSITORY / ".ci" / "run"
    subprocess.run(["bash", "-n", str(script)], check=True)
    lines = script.read_text().splitlines()
    assert script.stat().st_mode & 0o111
    assert [line for line in lines if line.startswith("./platform")] == ["./platform test", "./platform test compose"]


@pytest.mark.parametrize("name", ["requirements", "requirements-client", "requirements-model", "requirements-test"])
def test_requirements_are_pinned_with_hashes_and_name_no_index(name: str) -> None:
    text = (REPOSITORY / "launcher" / f"{name}.txt").read_text()
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert "--index-url" not in text.split("\n", 3)[3]
    assert "://" not in text


def test_the_pinned_maven_is_as_new_as_the_build_demands() -> None:
    from ld_launcher.artifacts import MAVEN_VERSION

    assert tuple(map(int, MAVEN_VERSION.split("."))) >= checks.MAVEN_NEEDED
    assert ".".join(map(str, checks.MAVEN_NEEDED)) in Path(REPOSITORY / "pom.xml").read_text()
