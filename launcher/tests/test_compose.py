"""What docker compose starts beside the services, and the secrets that it gives them."""

from __future__ import annotations

import base64
import configparser
import hashlib
import json
import subprocess
from typing import Any

import yaml

from ld_launcher import build, compose, images, promtool
from ld_launcher.credentials import Credentials
from ld_launcher.home import REPOSITORY, SERVICE_PORTS, Home

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
OBSERVABILITY = REPOSITORY / "launcher" / "observability"
PROMETHEUS = yaml.safe_load((OBSERVABILITY / "prometheus.yaml").read_text())
# Postgres' own image starts as root to give itself its folder.
ROOTS = {"postgres"}


def test_every_secret_is_a_file_that_the_launcher_writes(home: Home) -> None:
    Credentials.of(home)
    written = compose.write_secrets(home)
    for name, described in COMPOSE["secrets"].items():
        assert described["file"] == f"${{PLATFORM_HOME:-./.platform}}/compose/{name}"
        assert (written / name).read_text(), name
    used = {
        secret if isinstance(secret, str) else secret["source"]
        for service in COMPOSE["services"].values()
        for secret in service.get("secrets", [])
    }
    assert used == set(COMPOSE["secrets"])


def test_the_keys_in_containers_can_do_what_they_are_for_and_no_more(home: Home) -> None:
    made = Credentials.of(home)
    keys = {key["name"]: key for key in json.loads((compose.write_secrets(home) / "keys.json").read_text())}
    assert (keys["prometheus"]["tenant"], keys["prometheus"]["scopes"]) == ("operations", ["operate"])
    assert (keys["worker"]["tenant"], keys["worker"]["scopes"]) == ("*", ["work"])
    assert keys["worker"]["sha256"] == hashlib.sha256(made.worker_key.encode()).hexdigest()
    assert keys["owner"]["sha256"] == hashlib.sha256(made.api_key.encode()).hexdigest()
    assert keys["platform"]["sha256"] == hashlib.sha256(made.platform_key.encode()).hexdigest()
    assert len(json.loads(home.keys_file.read_text())) == 2


def test_the_metrics_token_has_no_scope(home: Home) -> None:
    Credentials.of(home)
    claims = (compose.write_secrets(home) / "metrics-token").read_text().split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["scope"] == ""


def test_what_is_no_service_of_ours_starts_by_a_profile_only() -> None:
    always = {name for name, service in COMPOSE["services"].items() if "profiles" not in service}
    assert always == {"postgres", "install", *build.JARS}
    assert {tuple(s["profiles"]) for s in COMPOSE["services"].values() if "profiles" in s} == {
        ("worker",),
        ("observability",),
        ("bucket",),
    }


def test_containers_are_bounded() -> None:
    for name, service in COMPOSE["services"].items():
        ours = service["image"].startswith("logic-distillation/")
        assert ours or images.PINNED.fullmatch(service["image"]), name
        if name not in ROOTS:
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_prometheus_asks_every_service_where_it_listens_and_shows_what_opens_it() -> None:
    jobs = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}
    assert set(jobs) == set(build.JARS)
    given = {f"/run/secrets/{name}" for name in COMPOSE["services"]["prometheus"]["secrets"]}
    for name, job in jobs.items():
        assert job["static_configs"] == [{"targets": [f"{name}:{SERVICE_PORTS[name][1]}"]}]
        assert job["metrics_path"] == "/actuator/prometheus"
        assert job["authorization"]["credentials_file"] in given
    assert jobs["gateway"]["authorization"]["credentials_file"] == "/run/secrets/metrics-key"


def test_promtool_takes_the_configuration() -> None:
    program = promtool.find(Home.from_environment())
    command = [program, "check", "config", "--syntax-only", "prometheus.yaml"]
    done = subprocess.run(command, cwd=OBSERVABILITY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_that_containers_read_are_there() -> None:
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (REPOSITORY / source).exists(), (name, source)
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], (name, source)


def test_grafana_finds_prometheus_and_the_dashboards() -> None:
    (source,) = yaml.safe_load((OBSERVABILITY / "grafana/datasources/prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((OBSERVABILITY / "grafana/dashboards/files.yaml").read_text())["providers"]
    mounted = [volume.split(":")[1] for volume in COMPOSE["services"]["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounted


def test_the_worker_of_compose_is_that_of_the_cluster() -> None:
    manifest = (REPOSITORY / "k8s/components/worker/worker.yaml").read_text()
    deployment = next(m for m in yaml.safe_load_all(manifest) if m["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    here = COMPOSE["services"]["worker"]
    assert here["image"].split(":")[0] == container["image"]
    assert here["environment"]["PLATFORM_MODEL_FILE"] == next(
        v["value"] for v in container["env"] if v["name"] == "PLATFORM_MODEL_FILE"
    )
    paths = {"/run/secrets/worker-key": "/keys/key"}
    assert [paths.get(word, word) for word in here["command"]] == container["args"]


def test_the_store_takes_the_keys_that_the_service_shows(home: Home) -> None:
    """Both read one file: the service as programs of AWS do, the store by a few words of shell."""
    made = Credentials.of(home)
    file = compose.write_secrets(home) / "bucket-credentials"
    read = configparser.ConfigParser()
    read.read_string(file.read_text())
    assert read["default"]["aws_secret_access_key"] == made.bucket
    _, _, script = COMPOSE["services"]["store"]["entrypoint"]
    script = script.replace("$$", "$").replace("/run/secrets/bucket-credentials", str(file))
    script = script.replace("exec weed mini", 'echo "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"; : weed mini')
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == f"logic-distillation:{made.bucket}\n"
    service = COMPOSE["services"]["distillation-service"]
    assert service["environment"]["AWS_SHARED_CREDENTIALS_FILE"] == "/run/secrets/bucket-credentials"
    assert "bucket-credentials" in service["secrets"]
