"""Every overlay keeps every rule, and a manifest that breaks a rule is caught."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

import kustomize
from ld_launcher import build, images, meters, promtool
from ld_launcher.home import REPOSITORY, Home
from policies import POLICIES, SHUTDOWN_SECONDS, named, of, used_secrets

K8S = REPOSITORY / "k8s"
KUBERNETES = "1.34"
COMPONENTS = sorted(path.parent.name for path in K8S.glob("components/*/kustomization.yaml"))
# A component that no overlay of ours takes is tested in one made for it.
MADE = {
    "keda": ("worker", "keda"),
    "llm": ("llm",),
    "bucket": ("bucket",),
    "dispatch": ("dispatch",),
    "train-jobs": ("dispatch", "train-jobs"),
    "remote-engine": ("remote-engine",),
    "tracing": ("tracing",),
    "tls": ("monitoring", "tls"),
}
TRAINING_RUN = REPOSITORY / "distillation-service" / "src" / "main" / "resources" / "training-run.yaml"
OURS = ("base", "overlays/dev", "overlays/prod", "overlays/gpu")
ALL = (*OURS, *MADE)

Manifest = dict[str, Any]


def folder_of(what: str, place: Path) -> Path:
    if what not in MADE:
        return K8S / what
    # Kustomize takes relative paths alone, so the copy lies beside what it names.
    shutil.copytree(K8S, place / "k8s")
    made = place / "k8s" / "overlays" / what
    made.mkdir()
    text = {"resources": ["../../base"], "components": [f"../../components/{name}" for name in MADE[what]]}
    (made / "kustomization.yaml").write_text(yaml.safe_dump(text))
    return made


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Manifest]]:
    return {what: kustomize.build(folder_of(what, tmp_path_factory.mktemp(Path(what).name))) for what in ALL}


def with_runs(manifests: list[Manifest]) -> list[Manifest]:
    """What is there, and a Job as the distillation service makes them where it may."""
    role = named(manifests, "Role", "dispatch")
    if role is None:
        return manifests
    run = yaml.safe_load(TRAINING_RUN.read_text())
    run["metadata"] |= {"name": "ld-run", "namespace": role["metadata"]["namespace"]}
    return [*manifests, run]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("what", ALL)
def test_keeps_the_rule(rendered: dict[str, list[Manifest]], what: str, policy: str) -> None:
    assert POLICIES[policy](with_runs(rendered[what])) == []


def test_runs_of_training_use_secrets_and_volumes_that_are_there(rendered: dict[str, list[Manifest]]) -> None:
    manifests = with_runs(rendered["dispatch"])
    template = named(manifests, "Job", "ld-run")["spec"]["template"]["spec"]
    volumes = {v["persistentVolumeClaim"]["claimName"] for v in template["volumes"] if "persistentVolumeClaim" in v}
    assert volumes <= {name for name in (m["metadata"]["name"] for m in of(manifests, "PersistentVolumeClaim"))}
    assert [container["name"] for container in template["containers"]] == ["worker"]
    assert template["restartPolicy"] == "Never"


def test_only_who_may_make_jobs_may_call_the_cluster(rendered: dict[str, list[Manifest]]) -> None:
    broken = copy.deepcopy([m for m in rendered["dispatch"] if m["kind"] != "RoleBinding"])
    assert any("distillation-service may reach anything on port 6443" in said for said in POLICIES["network"](broken))
    assert any("holds a token" in said for said in POLICIES["rights"](broken))


@pytest.mark.parametrize("what", ALL)
def test_keeps_its_schema(rendered: dict[str, list[Manifest]], what: str) -> None:
    for manifest in with_runs(rendered[what]):
        group = manifest["apiVersion"].split("/")[0]
        if group in CUSTOM:
            check_custom(manifest)
        else:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


# The members of `spec` that we use of kinds that Kubernetes itself does not know; a slip in a name is none of them.
CUSTOM: dict[str, dict[str, set[str]]] = {
    "monitoring.coreos.com": {"ServiceMonitor": {"selector", "endpoints"}, "PrometheusRule": {"groups"}},
    "trainer.kubeflow.org": {"TrainingRuntime": {"mlPolicy", "template"}},
    "external-secrets.io": {"ExternalSecret": {"refreshInterval", "secretStoreRef", "target", "data"}},
    "keda.sh": {
        "TriggerAuthentication": {"secretTargetRef"},
        "ScaledObject": {
            "scaleTargetRef", "pollingInterval", "cooldownPeriod", "minReplicaCount", "maxReplicaCount", "advanced",
            "triggers",
        },
    },
    "kueue.x-k8s.io": {
        "ResourceFlavor": {"nodeLabels", "tolerations"},
        "ClusterQueue": {"namespaceSelector", "queueingStrategy", "resourceGroups"},
        "LocalQueue": {"clusterQueue"},
    },
}  # fmt: skip


def check_custom(manifest: Manifest) -> None:
    known = CUSTOM[manifest["apiVersion"].split("/")[0]]
    assert manifest["kind"] in known, manifest["kind"]
    assert set(manifest) == {"apiVersion", "kind", "metadata", "spec"}
    assert set(manifest["spec"]) <= known[manifest["kind"]], manifest["metadata"]["name"]


@pytest.mark.parametrize("what", ALL)
def test_kustomize_itself_agrees(rendered: dict[str, list[Manifest]], what: str, tmp_path: Path) -> None:
    """Where there is a kubectl or kustomize; the other tests need neither."""
    tools = {"kubectl": ["kubectl", "kustomize"], "kustomize": ["kustomize", "build"]}
    for command in [command for tool, command in tools.items() if shutil.which(tool)]:
        answer = subprocess.run([*command, folder_of(what, tmp_path)], capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        assert sorted(map(canonical, yaml.safe_load_all(answer.stdout))) == sorted(map(canonical, rendered[what]))


def canonical(manifest: Manifest) -> str:
    """Without the order of lists that are sets by the name of their items."""
    return json.dumps(_sorted(manifest), sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def test_every_component_is_taken_by_an_overlay() -> None:
    taken = set().union(*MADE.values())
    for overlay in K8S.glob("overlays/*/kustomization.yaml"):
        taken |= {Path(name).name for name in yaml.safe_load(overlay.read_text()).get("components", [])}
    assert set(COMPONENTS) == taken


def test_a_train_job_runs_the_pod_that_a_job_runs(rendered: dict[str, list[Manifest]]) -> None:
    runtime = named(rendered["train-jobs"], "TrainingRuntime", "training-run")
    assert runtime is not None
    (node,) = runtime["spec"]["template"]["spec"]["replicatedJobs"]
    assert node["name"] == "node"
    assert node["template"]["metadata"]["labels"]["trainer.kubeflow.org/trainjob-ancestor-step"] == "trainer"
    job = yaml.safe_load(TRAINING_RUN.read_text())["spec"]
    job["template"]["spec"]["containers"][0]["name"] = "node"
    for rule in job["podFailurePolicy"]["rules"]:
        if "onExitCodes" in rule:
            rule["onExitCodes"]["containerName"] = "node"
    # A TrainJob is deleted with all that it made; the jobs in it must not go before.
    del job["ttlSecondsAfterFinished"]
    assert node["template"]["spec"] == job


@pytest.mark.parametrize("what", ALL)
def test_secrets_are_in_the_template(rendered: dict[str, list[Manifest]], what: str) -> None:
    template = {s["metadata"]["name"]: set(s["stringData"]) for s in secrets_template()}
    for secret, key in used_secrets(rendered[what]):
        assert secret in template
        assert key is None or key in template[secret]


@pytest.mark.parametrize("what", ["overlays/prod", "overlays/gpu"])
def test_external_secrets_make_all_that_is_used(rendered: dict[str, list[Manifest]], what: str) -> None:
    template = {s["metadata"]["name"]: set(s["stringData"]) for s in secrets_template()}
    made = {
        external["spec"]["target"]["name"]: {item["secretKey"] for item in external["spec"]["data"]}
        for external in of(rendered[what], "ExternalSecret")
    }
    assert {secret for secret, _ in used_secrets(rendered[what])} <= set(made)
    assert all(made[secret] == template[secret] for secret in made)


def secrets_template() -> list[Manifest]:
    return list(yaml.safe_load_all((K8S / "secrets.template.yaml").read_text()))


def test_liveness_never_touches_the_database() -> None:
    """What the probe of the manifests asks is what a service's configuration puts into the group."""
    for service in build.JARS:
        text = (REPOSITORY / service / "src" / "main" / "resources" / "application.yaml").read_text()
        health = yaml.safe_load(text)["management"]["endpoint"]["health"]
        assert health["probes"]["enabled"] is True
        liveness = health.get("group", {}).get("liveness", {}).get("include", "livenessState")
        assert liveness == "livenessState", service
        if service != "gateway":
            assert "db" in health["group"]["readiness"]["include"].split(","), service


def test_shutdown_is_graceful_and_shorter_than_the_pod_is_given() -> None:
    for service in build.JARS:
        text = (REPOSITORY / service / "src" / "main" / "resources" / "application.yaml").read_text()
        described = yaml.safe_load(text)
        assert described["server"]["shutdown"] == "graceful"
        phase = described["spring"].get("lifecycle", {}).get("timeout-per-shutdown-phase", "30s")
        farewell = yaml.safe_load((K8S / "base" / "configuration.yaml").read_text().split("---")[0])
        seconds = [phase, farewell["data"]["PLATFORM_FAREWELL"]]
        assert sum(int(each.removesuffix("s")) for each in seconds) <= SHUTDOWN_SECONDS, service


def test_the_development_postgres_makes_the_databases_as_compose_does() -> None:
    ours = REPOSITORY / "launcher" / "images" / "databases.sh"
    assert (K8S / "components" / "postgres" / "databases.sh").read_text() == ours.read_text()


def test_the_adapter_makes_what_scalers_look_at_out_of_metrics_that_exist(rendered: dict[str, list[Manifest]]) -> None:
    values = yaml.safe_load((K8S / "components" / "autoscaling" / "prometheus-adapter.values.yaml").read_text())
    made = {rule["name"]["as"]: rule for rule in values["rules"]["custom"]}
    looked_at = {
        metric["pods"]["metric"]["name"]
        for scaler in of(rendered["overlays/prod"], "HorizontalPodAutoscaler")
        for metric in scaler["spec"]["metrics"]
        if metric["type"] == "Pods"
    }
    assert set(made) == looked_at
    tags = {name: set(meter.tags) for meter in meters.meters() for name in meter.prometheus()}
    for rule in made.values():
        series, labels = rule["seriesQuery"].rstrip("}").split("{")
        assert {label.split("=")[0].rstrip("!") for label in labels.split(",")} <= {"namespace", "pod"} | tags[series]


def test_the_adapters_expressions_are_prometheus_own(tmp_path: Path) -> None:
    """With what the adapter puts into them."""
    values = yaml.safe_load((K8S / "components" / "autoscaling" / "prometheus-adapter.values.yaml").read_text())
    program = promtool.find(Home.from_environment())
    for rule in values["rules"]["custom"]:
        query = rule["metricsQuery"].replace("<<.Series>>", rule["seriesQuery"].split("{")[0])
        query = query.replace("<<.LabelMatchers>>", 'namespace="a",pod=~"b|c"').replace("<<.GroupBy>>", "pod")
        assert "<<" not in query
        file = tmp_path / "rules.yaml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "adapter", "rules": [{"record": "made", "expr": query}]}]}))
        done = subprocess.run([program, "check", "rules", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_queue_is_asked_for_columns_that_its_reader_may_read() -> None:
    text = (K8S / "components" / "keda" / "scaler.yaml").read_text()
    query = named(list(yaml.safe_load_all(text)), "ScaledObject", "worker")["spec"]["triggers"][0]["metadata"]["query"]
    granted = text.split("GRANT SELECT (")[1].split(")")[0].split(", ")
    migrations = (REPOSITORY / "distillation-service/src/main/resources/db/migration").glob("*.sql")
    table = next(t for t in (m.read_text() for m in migrations) if "CREATE TABLE jobs (" in t)
    columns = table.split("CREATE TABLE jobs (")[1].split(";")[0]
    known = {"SELECT", "FROM", "WHERE", "AND", "OR", "IS", "NULL", "count", "jobs", "now", "running", "queued"}
    words = {word for word in re.findall(r"\w+", query) if not word.isdigit()}
    assert words - known == set(granted)
    assert all(f"    {column} " in columns for column in granted)


def breakage(policy: str, what: str = "base") -> Callable[[Callable[[list[Manifest]], None]], None]:
    def note(change: Callable[[list[Manifest]], None]) -> None:
        BROKEN.append((policy, what, change.__name__, change))

    return note


BROKEN: list[tuple[str, str, str, Callable[[list[Manifest]], None]]] = []


def pod(manifests: list[Manifest], owner: str = "inference-service") -> Manifest:
    return named(manifests, "Deployment", owner)["spec"]["template"]["spec"]


def container(manifests: list[Manifest], owner: str = "inference-service") -> Manifest:
    return pod(manifests, owner)["containers"][0]


@breakage("unique")
def the_same_thing_twice(found: list[Manifest]) -> None:
    found.append(found[-1])


@breakage("namespaces", "overlays/gpu")
def a_namespace_on_what_is_cluster_wide(found: list[Manifest]) -> None:
    named(found, "ClusterQueue", "logic-distillation")["metadata"]["namespace"] = "logic-distillation"


@breakage("namespaces")
def a_foreign_namespace(found: list[Manifest]) -> None:
    named(found, "Service", "gateway")["metadata"]["namespace"] = "default"


@breakage("migrations", "overlays/prod")
def services_that_wait_for_ever(found: list[Manifest]) -> None:
    found.remove(named(found, "Job", "gateway-migration"))


@breakage("migrations", "overlays/prod")
def a_job_that_nobody_waits_for(found: list[Manifest]) -> None:
    del named(found, "ConfigMap", "platform")["data"]["PLATFORM_MIGRATIONS_MODE"]


@breakage("migrations", "overlays/prod")
def a_migration_of_another_version(found: list[Manifest]) -> None:
    container(found)["image"] = "logic-distillation/inference-service:0.2.0"


@breakage("migrations", "overlays/prod")
def a_migration_of_another_database(found: list[Manifest]) -> None:
    variables = {v["name"]: v for v in container(found)["env"]}
    variables["PLATFORM_DB_URL"]["valueFrom"]["configMapKeyRef"]["key"] = "gateway"


@breakage("migrations", "overlays/prod")
def a_job_that_would_serve(found: list[Manifest]) -> None:
    del named(found, "Job", "gateway-migration")["spec"]["template"]["spec"]["containers"][0]["args"]


@breakage("labels")
def pods_without_a_version(found: list[Manifest]) -> None:
    template = named(found, "Deployment", "gateway")["spec"]["template"]
    del template["metadata"]["labels"]["app.kubernetes.io/version"]


@breakage("labels")
def an_object_of_nobody(found: list[Manifest]) -> None:
    del named(found, "Service", "gateway")["metadata"]["labels"]["app.kubernetes.io/part-of"]


@breakage("restricted")
def root(found: list[Manifest]) -> None:
    pod(found)["securityContext"]["runAsNonRoot"] = False


@breakage("restricted")
def a_container_as_root(found: list[Manifest]) -> None:
    container(found)["securityContext"]["runAsUser"] = 0


@breakage("restricted")
def a_folder_of_the_node(found: list[Manifest]) -> None:
    pod(found)["volumes"].append({"name": "node", "hostPath": {"path": "/"}})


@breakage("restricted")
def a_written_root_file_system(found: list[Manifest]) -> None:
    del container(found)["securityContext"]["readOnlyRootFilesystem"]


@breakage("restricted")
def no_seccomp(found: list[Manifest]) -> None:
    del pod(found)["securityContext"]["seccompProfile"]


@breakage("restricted")
def a_capability(found: list[Manifest]) -> None:
    container(found)["securityContext"]["capabilities"]["add"] = ["NET_ADMIN"]


@breakage("restricted")
def the_network_of_the_node(found: list[Manifest]) -> None:
    pod(found)["hostNetwork"] = True


@breakage("restricted")
def a_namespace_that_only_warns(found: list[Manifest]) -> None:
    del of(found, "Namespace")[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]


@breakage("restricted")
def an_init_container_that_gains_privileges(found: list[Manifest]) -> None:
    pod(found)["initContainers"] = [{"name": "first", "image": "first:1", "securityContext": {"privileged": True}}]


@breakage("probes")
def liveness_that_asks_the_database(found: list[Manifest]) -> None:
    container(found)["livenessProbe"]["httpGet"]["path"] = "/actuator/health/readiness"


@breakage("probes")
def no_startup_probe(found: list[Manifest]) -> None:
    del container(found)["startupProbe"]


@breakage("shutdown")
def too_little_grace(found: list[Manifest]) -> None:
    pod(found)["terminationGracePeriodSeconds"] = 30


@breakage("shutdown")
def no_pause_before_the_end(found: list[Manifest]) -> None:
    del container(found)["lifecycle"]


@breakage("shutdown")
def no_farewell(found: list[Manifest]) -> None:
    del named(found, "ConfigMap", "platform")["data"]["PLATFORM_FAREWELL"]


@breakage("shutdown")
def a_rollout_that_takes_away(found: list[Manifest]) -> None:
    named(found, "Deployment", "gateway")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] = 1


@breakage("shutdown", "overlays/prod")
def all_replicas_stopped_at_once(found: list[Manifest]) -> None:
    named(found, "Deployment", "distillation-service")["spec"]["strategy"] = {"type": "Recreate"}


@breakage("resources")
def no_limit_of_memory(found: list[Manifest]) -> None:
    del container(found)["resources"]["limits"]


@breakage("resources")
def throttled(found: list[Manifest]) -> None:
    container(found)["resources"]["limits"]["cpu"] = "1"


@breakage("resources")
def nothing_asked_for(found: list[Manifest]) -> None:
    del container(found)["resources"]["requests"]["cpu"]


@breakage("images")
def the_latest_image(found: list[Manifest]) -> None:
    container(found)["image"] = "logic-distillation/inference-service:latest"


@breakage("images")
def an_image_without_a_tag(found: list[Manifest]) -> None:
    container(found)["image"] = "registry.example:5000/logic-distillation/inference-service"


@breakage("images", "overlays/dev")
def an_image_of_others_by_its_tag(found: list[Manifest]) -> None:
    (postgres,) = named(found, "StatefulSet", "postgres")["spec"]["template"]["spec"]["containers"]
    postgres["image"] = images.tag_of(postgres["image"])


@breakage("scaling", "overlays/prod")
def two_who_set_replicas(found: list[Manifest]) -> None:
    named(found, "Deployment", "gateway")["spec"]["replicas"] = 2


@breakage("scaling", "overlays/prod")
def a_scaler_of_nothing(found: list[Manifest]) -> None:
    named(found, "HorizontalPodAutoscaler", "gateway")["spec"]["scaleTargetRef"]["name"] = "gate"


def scaled_without(found: list[Manifest], metric: str) -> None:
    metrics = named(found, "HorizontalPodAutoscaler", "inference-service")["spec"]["metrics"]
    metrics[:] = [m for m in metrics if m.get("pods", {}).get("metric", {}).get("name") != metric]


@breakage("scaling", "overlays/prod")
def no_concurrency(found: list[Manifest]) -> None:
    scaled_without(found, "admission_inside")


@breakage("scaling", "overlays/prod")
def no_latency(found: list[Manifest]) -> None:
    scaled_without(found, "decision_seconds_median")


@breakage("scaling", "overlays/prod")
def down_to_a_single_replica(found: list[Manifest]) -> None:
    named(found, "HorizontalPodAutoscaler", "gateway")["spec"]["minReplicas"] = 1


@breakage("scaling", "keda")
def a_worker_with_a_number(found: list[Manifest]) -> None:
    named(found, "Deployment", "worker")["spec"]["replicas"] = 1


@breakage("encryption", "tls")
def a_call_in_the_clear(found: list[Manifest]) -> None:
    named(found, "ConfigMap", "platform")["data"]["INFERENCE_URL"] = "http://inference-service:8083"


@breakage("encryption", "tls")
def an_answer_in_the_clear(found: list[Manifest]) -> None:
    environment = container(found)["env"]
    environment[:] = [variable for variable in environment if variable["name"] != "SERVER_SSL_BUNDLE"]


@breakage("encryption", "tls")
def an_answer_to_anybody(found: list[Manifest]) -> None:
    next(v for v in container(found)["env"] if v["name"] == "SERVER_SSL_CLIENTAUTH")["value"] = "want"


@breakage("encryption", "tls")
def probes_that_have_no_certificate(found: list[Manifest]) -> None:
    container(found)["livenessProbe"]["httpGet"]["port"] = "https"


@breakage("encryption", "tls")
def a_key_that_is_nowhere(found: list[Manifest]) -> None:
    mounts = container(found, "gateway")["volumeMounts"]
    mounts[:] = [mount for mount in mounts if mount["name"] != "tls"]


@breakage("encryption", "tls")
def no_certificate_shown(found: list[Manifest]) -> None:
    del named(found, "ConfigMap", "platform")["data"]["PLATFORM_TLS_BUNDLE"]


@breakage("encryption")
def tls_at_one_end(found: list[Manifest]) -> None:
    container(found)["env"].append({"name": "SERVER_SSL_BUNDLE", "value": "services"})


@breakage("budgets")
def no_budget(found: list[Manifest]) -> None:
    found.remove(named(found, "PodDisruptionBudget", "gateway"))


@breakage("budgets")
def a_drain_that_never_ends(found: list[Manifest]) -> None:
    named(found, "PodDisruptionBudget", "gateway")["spec"]["maxUnavailable"] = 0


@breakage("budgets")
def a_budget_of_other_pods(found: list[Manifest]) -> None:
    selector = named(found, "PodDisruptionBudget", "gateway")["spec"]["selector"]
    selector["matchLabels"]["app.kubernetes.io/name"] = "gate"


@breakage("spread")
def replicas_on_one_node(found: list[Manifest]) -> None:
    del pod(found)["topologySpreadConstraints"]


@breakage("network")
def nothing_denied(found: list[Manifest]) -> None:
    found.remove(named(found, "NetworkPolicy", "default-deny"))


@breakage("network")
def an_edge_open_at_one_end(found: list[Manifest]) -> None:
    named(found, "NetworkPolicy", "to-inference-service")["spec"]["ingress"][0]["from"].pop()


@breakage("network")
def a_service_open_to_anybody(found: list[Manifest]) -> None:
    del named(found, "NetworkPolicy", "to-inference-service")["spec"]["ingress"][0]["from"]


@breakage("network")
def the_world_by_http(found: list[Manifest]) -> None:
    rules = named(found, "NetworkPolicy", "from-distillation-service")["spec"]["egress"]
    rules.append({"ports": [{"protocol": "TCP", "port": 80}]})


@breakage("network")
def every_port(found: list[Manifest]) -> None:
    named(found, "NetworkPolicy", "from-distillation-service")["spec"]["egress"].append({"to": []})


@breakage("network")
def a_port_on_which_nobody_listens(found: list[Manifest]) -> None:
    named(found, "NetworkPolicy", "to-inference-service")["spec"]["ingress"][0]["ports"][0]["port"] = 9999


@breakage("network")
def a_policy_of_no_pod(found: list[Manifest]) -> None:
    spec = named(found, "NetworkPolicy", "to-inference-service")["spec"]
    spec["podSelector"]["matchLabels"]["app.kubernetes.io/name"] = "inferences"


@breakage("rights")
def a_token_for_nothing(found: list[Manifest]) -> None:
    pod(found)["automountServiceAccountToken"] = True


@breakage("rights")
def the_account_of_everybody(found: list[Manifest]) -> None:
    del pod(found)["serviceAccountName"]


def role(found: list[Manifest], subject: str, **rule: list[str]) -> None:
    about = {"namespace": "logic-distillation", "name": "jobs"}
    rights = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"], **rule}
    subjects = [{"kind": "ServiceAccount", "name": subject}]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "jobs"}
    found.append({"kind": "Role", "metadata": about, "rules": [rights]})
    found.append({"kind": "RoleBinding", "metadata": about, "subjects": subjects, "roleRef": reference})


@breakage("rights")
def jobs_by_another_service(found: list[Manifest]) -> None:
    role(found, "gateway")


@breakage("rights")
def rights_without_bounds(found: list[Manifest]) -> None:
    role(found, "distillation-service", verbs=["*"])


@breakage("rights")
def rights_to_secrets(found: list[Manifest]) -> None:
    role(found, "distillation-service", resources=["secrets"], apiGroups=[""])


@breakage("rights")
def the_whole_cluster(found: list[Manifest]) -> None:
    found.append({"kind": "ClusterRole", "metadata": {"name": "all"}, "rules": []})


def test_the_distillation_service_may_create_jobs(rendered: dict[str, list[Manifest]]) -> None:
    found = copy.deepcopy(rendered["base"])
    role(found, "distillation-service")
    pod(found, "distillation-service")["automountServiceAccountToken"] = True
    assert POLICIES["rights"](found) == []


@breakage("monitoring", "overlays/prod")
def an_unwatched_service(found: list[Manifest]) -> None:
    named(found, "ServiceMonitor", "services")["spec"]["selector"]["matchExpressions"][0]["values"].pop()


@breakage("monitoring", "overlays/prod")
def no_credentials(found: list[Manifest]) -> None:
    del named(found, "ServiceMonitor", "gateway")["spec"]["endpoints"][0]["authorization"]


@breakage("monitoring", "overlays/prod")
def a_port_that_is_not_there(found: list[Manifest]) -> None:
    named(found, "ServiceMonitor", "gateway")["spec"]["endpoints"][0]["port"] = "metrics"


@breakage("queues", "overlays/gpu")
def a_gpu_beside_the_queue(found: list[Manifest]) -> None:
    del named(found, "Deployment", "worker")["metadata"]["labels"]["kueue.x-k8s.io/queue-name"]


@breakage("queues", "overlays/gpu")
def a_queue_without_gpus(found: list[Manifest]) -> None:
    group = named(found, "ClusterQueue", "logic-distillation")["spec"]["resourceGroups"][0]
    group["coveredResources"].remove("nvidia.com/gpu")
    group["flavors"][0]["resources"].pop()


@breakage("queues", "overlays/gpu")
def a_flavor_that_is_not_there(found: list[Manifest]) -> None:
    found.remove(named(found, "ResourceFlavor", "logic-distillation-gpu"))


@breakage("secrets")
def a_secret_in_the_repository(found: list[Manifest]) -> None:
    about = {"name": "token", "namespace": "logic-distillation"}
    found.append({"kind": "Secret", "metadata": about, "stringData": {"secret": "1234"}})


@breakage("secrets")
def a_password_in_the_environment(found: list[Manifest]) -> None:
    variables = container(found)["env"]
    next(v for v in variables if v["name"] == "PLATFORM_DB_PASSWORD").update(value="1234")


@pytest.mark.parametrize(("policy", "what", "change"), [(p, w, c) for p, w, _, c in BROKEN], ids=[b[2] for b in BROKEN])
def test_what_breaks_the_rule_is_caught(
    rendered: dict[str, list[Manifest]], policy: str, what: str, change: Callable[[list[Manifest]], None]
) -> None:
    found = copy.deepcopy(rendered[what])
    change(found)
    assert POLICIES[policy](found)


def test_every_rule_has_something_that_breaks_it() -> None:
    assert {policy for policy, _, _, _ in BROKEN} == set(POLICIES)


def test_a_slip_in_a_field_is_caught(rendered: dict[str, list[Manifest]]) -> None:
    broken = copy.deepcopy(named(rendered["base"], "Deployment", "gateway"))
    broken["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, KUBERNETES, strict=True)


@pytest.mark.parametrize(
    "text",
    ["helmCharts: []", "patches: [{target: {kind: Deployment, name: none}, patch: '[{op: remove, path: /spec}]'}]"],
)
def test_what_the_little_kustomize_does_not_know_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "kustomization.yaml").write_text(text)
    with pytest.raises(ValueError):
        kustomize.build(tmp_path)
