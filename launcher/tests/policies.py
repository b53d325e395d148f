"""Rules that every deployment of ours keeps, each a function from manifests to what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ld_launcher import build

Manifest = dict[str, Any]
Policy = Callable[[list[Manifest]], list[str]]

STANDARD_LABELS = {f"app.kubernetes.io/{label}" for label in ("name", "component", "part-of", "version", "managed-by")}
CLUSTER_WIDE = {"Namespace", "ClusterQueue", "ResourceFlavor"}
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret", "downwardAPI", "csi", "ephemeral"}
SHUTDOWN_SECONDS = 30
MIGRATIONS = {f"{service}-migration": service for service in build.JARS}
# Beside Postgres: an API of an L-LLM.
OUTSIDE = {5432: {*build.JARS, *MIGRATIONS}, 443: {"inference-service", "function-base-service"}}
# The cluster's API listens here; whoever has rights there may call it.
CLUSTER_PORTS = {443, 6443}
MAY_CREATE_JOBS = {"distillation-service"}


def of(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def name(manifest: Manifest) -> str:
    return manifest["metadata"]["name"]


def named(manifests: list[Manifest], kind: str, wanted: str) -> Manifest | None:
    return next((manifest for manifest in of(manifests, kind) if name(manifest) == wanted), None)


def templates(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for manifest in of(manifests, *WORKLOADS):
        spec = manifest["spec"]
        yield name(manifest), (spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec)["template"]


def containers(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for owner, template in templates(manifests):
        pod = template["spec"]
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            yield owner, container


def meets(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector picks these labels."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for expression in selector.get("matchExpressions", []):
        if expression["operator"] != "In":
            raise ValueError(f"the operator {expression['operator']} is not known here")
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True


def unique(manifests: list[Manifest]) -> list[str]:
    seen: set[tuple[str, str, str]] = set()
    wrong = []
    for manifest in manifests:
        key = (manifest["kind"], manifest["metadata"].get("namespace", ""), name(manifest))
        if key in seen:
            wrong.append(f"{key} is there twice")
        seen.add(key)
    return wrong


def namespaces(manifests: list[Manifest]) -> list[str]:
    known = {name(manifest) for manifest in of(manifests, "Namespace")}
    wrong = []
    for manifest in manifests:
        place = manifest["metadata"].get("namespace")
        if manifest["kind"] in CLUSTER_WIDE and place:
            wrong.append(f"{manifest['kind']} {name(manifest)} is cluster-wide and has a namespace")
        if manifest["kind"] not in CLUSTER_WIDE and place not in known:
            wrong.append(f"{manifest['kind']} {name(manifest)} is in {place}, which is no namespace of ours")
    return wrong


def labels(manifests: list[Manifest]) -> list[str]:
    wrong = []
    for manifest in manifests:
        if manifest["metadata"].get("labels", {}).get("app.kubernetes.io/part-of") != "logic-distillation":
            wrong.append(f"{manifest['kind']} {name(manifest)} does not say what it is part of")
    for owner, template in templates(manifests):
        missing = STANDARD_LABELS - set(template["metadata"].get("labels", {}))
        wrong += [f"the pods of {owner} lack {label}" for label in sorted(missing)]
    return wrong


def restricted(manifests: list[Manifest]) -> list[str]:
    """Pod Security "restricted", and a root file system that nobody writes."""
    wrong = []
    for manifest in of(manifests, "Namespace"):
        if manifest["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            wrong.append(f"namespace {name(manifest)} does not enforce the restricted standard")
    for owner, template in templates(manifests):
        pod = template["spec"]
        context = pod.get("securityContext", {})
        if context.get("runAsNonRoot") is not True or context.get("runAsUser") == 0:
            wrong.append(f"the pods of {owner} may run as root")
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            wrong.append(f"the pods of {owner} have no seccomp profile")
        wrong += [f"the pods of {owner} use {key}" for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key)]
        for volume in pod.get("volumes", []):
            kind = set(volume) - {"name"}
            if not kind <= VOLUMES:
                wrong.append(f"the pods of {owner} mount {sorted(kind)}")
    for owner, container in containers(manifests):
        context = container.get("securityContext", {})
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            wrong.append(f"{owner} may gain privileges")
        if context.get("readOnlyRootFilesystem") is not True:
            wrong.append(f"{owner} may write its root file system")
        if context.get("capabilities") != {"drop": ["ALL"]}:
            wrong.append(f"{owner} keeps capabilities")
        if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is False:
            wrong.append(f"{owner} may run as root")
    return wrong


def probes(manifests: list[Manifest]) -> list[str]:
    """Three kinds for whatever listens; liveness asks the process alone, because a restart brings no database back."""
    wrong = []
    for owner, container in containers(manifests):
        if not container.get("ports"):
            continue
        kinds = ("startupProbe", "readinessProbe", "livenessProbe")
        wrong += [f"{owner} has no {kind}" for kind in kinds if kind not in container]
        if owner in build.JARS:
            paths = {kind: container.get(kind, {}).get("httpGet", {}).get("path") for kind in kinds}
            expected = dict.fromkeys(kinds, "/actuator/health/liveness")
            expected["readinessProbe"] = "/actuator/health/readiness"
            wrong += [f"{kind} of {owner} asks {paths[kind]}" for kind in kinds if paths[kind] != expected[kind]]
    return wrong


def shutdown(manifests: list[Manifest]) -> list[str]:
    """preStop and the service's own graceful shutdown fit into the grace period; a rollout takes nothing away first."""
    wrong = []
    settings = named(manifests, "ConfigMap", "platform")
    if settings is None or not re.fullmatch(r"[1-9]\d*s", settings.get("data", {}).get("PLATFORM_FAREWELL", "")):
        wrong.append("clients that keep their connections are refused by pods that leave")
    for owner, template in templates(manifests):
        if owner not in build.JARS:
            continue
        pod = template["spec"]
        for container in pod["containers"]:
            pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            if pause < 1:
                wrong.append(f"{owner} stops listening while endpoints still name it")
            if pause + SHUTDOWN_SECONDS > pod.get("terminationGracePeriodSeconds", 30):
                wrong.append(f"{owner} is killed before it has shut down")
    for deployment in of(manifests, "Deployment"):
        strategy = deployment["spec"].get("strategy", {})
        rolling = strategy.get("rollingUpdate", {})
        alone = deployment["spec"].get("replicas") == 1
        if strategy.get("type") == "RollingUpdate" and rolling.get("maxUnavailable") != 0:
            wrong.append(f"a rollout of {name(deployment)} takes pods away before others are ready")
        if strategy.get("type") == "Recreate" and not alone and name(deployment) in build.JARS:
            wrong.append(f"a rollout of {name(deployment)} stops all of its replicas")
    return wrong


def resources(manifests: list[Manifest]) -> list[str]:
    wrong = []
    for owner, container in containers(manifests):
        asked = container.get("resources", {})
        requests, limits = asked.get("requests", {}), asked.get("limits", {})
        wrong += [f"{owner} does not ask for {what}" for what in ("cpu", "memory") if what not in requests]
        if "memory" not in limits:
            wrong.append(f"{owner} has no limit of memory")
        if "cpu" in limits:
            wrong.append(f"{owner} is throttled: a limit of processor time makes decisions late")
    return wrong


def images(manifests: list[Manifest]) -> list[str]:
    """A release names our own images by its number; those of others are pinned by their digest too."""
    wrong = []
    for owner, container in containers(manifests):
        tag = re.fullmatch(r"[^:@]+(?::\d+/[^:@]+)?(?::([^:@]+))?(@sha256:[0-9a-f]{64})?", container["image"])
        ours = container["image"].startswith("logic-distillation/")
        if not tag or (not tag[2] and (tag[1] in (None, "latest") or not ours)):
            wrong.append(f"{owner} runs {container['image']}, which may be another image tomorrow")
    return wrong


def scaling(manifests: list[Manifest]) -> list[str]:
    """What scales a workload finds it, and nothing else sets its number of replicas."""
    wrong = []
    for scaler in of(manifests, "HorizontalPodAutoscaler", "ScaledObject"):
        target = scaler["spec"]["scaleTargetRef"]
        scaled = named(manifests, target["kind"], target["name"])
        if scaled is None:
            wrong.append(f"{name(scaler)} scales {target['name']}, which is not there")
        elif "replicas" in scaled["spec"]:
            wrong.append(f"{target['name']} names its replicas although {name(scaler)} scales it")
    for scaler in of(manifests, "HorizontalPodAutoscaler"):
        spec = scaler["spec"]
        if not 2 <= spec["minReplicas"] < spec["maxReplicas"]:
            wrong.append(f"{name(scaler)} has no room to scale or leaves a single replica")
        kinds = {metric["type"] for metric in spec["metrics"]}
        if "Resource" not in kinds:
            wrong.append(f"{name(scaler)} does not look at the processor")
        if name(scaler) == "inference-service":
            looked_at = {metric["pods"]["metric"]["name"] for metric in spec["metrics"] if metric["type"] == "Pods"}
            missing = {"admission_inside": "concurrency", "decision_seconds_median": "latency"}
            wrong += [
                f"{name(scaler)} is not scaled by its {what}" for m, what in missing.items() if m not in looked_at
            ]
    return wrong


def budgets(manifests: list[Manifest]) -> list[str]:
    """A drained node takes one pod of a service at a time, and is never held up for ever."""
    wrong = []
    known = of(manifests, "PodDisruptionBudget")
    for owner, template in templates(manifests):
        mine = [b for b in known if meets(b["spec"]["selector"], template["metadata"]["labels"])]
        if owner in build.JARS and len(mine) != 1:
            wrong.append(f"{owner} has {len(mine)} disruption budgets")
        wrong += [f"{name(b)} may hold up a drain" for b in mine if b["spec"].get("maxUnavailable") in (0, "0", "0%")]
        wrong += [f"{name(b)} has no maxUnavailable" for b in mine if "maxUnavailable" not in b["spec"]]
    return wrong


def spread(manifests: list[Manifest]) -> list[str]:
    wrong = []
    for owner, template in templates(manifests):
        if owner not in build.JARS:
            continue
        found = {
            c["topologyKey"]
            for c in template["spec"].get("topologySpreadConstraints", [])
            if meets(c["labelSelector"], template["metadata"]["labels"])
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone"):
            if key not in found:
                wrong.append(f"the replicas of {owner} are not spread over {key}")
    return wrong


def network(manifests: list[Manifest]) -> list[str]:
    """Denied by default; every edge is open at both ends and at the port on which the other listens."""
    wrong = []
    pods = {owner: template for owner, template in templates(manifests)}
    policies = of(manifests, "NetworkPolicy")
    deny = [p for p in policies if p["spec"]["podSelector"] == {} and not (p["spec"].keys() & {"ingress", "egress"})]
    for namespace in {p["metadata"].get("namespace") for p in of(manifests, *WORKLOADS)}:
        both = [set(p["spec"]["policyTypes"]) for p in deny if p["metadata"].get("namespace") == namespace]
        if {"Ingress", "Egress"} not in both:
            wrong.append(f"nothing is denied by default in {namespace}")
    accounts = _entitled(manifests)
    callers = {o for o, t in pods.items() if t["spec"].get("serviceAccountName") in accounts}
    outside = OUTSIDE | {443: OUTSIDE[443] | {owner for owner, template in pods.items() if _has_bucket(template)}}
    leaving, arriving = _edges(policies, pods, callers, outside, wrong)
    gateway_port = _ports(pods["gateway"]) if "gateway" in pods else set()
    for edge in leaving - arriving:
        if edge[1] != "gateway" or edge[2] not in gateway_port:
            wrong.append(f"{edge} may leave and not arrive")
    wrong += [f"{edge} may arrive and not leave" for edge in arriving - leaving]
    for _, target, port in leaving | arriving:
        if port not in _ports(pods[target]):
            wrong.append(f"{target} does not listen on {port}")
    return wrong


def _has_bucket(template: Manifest) -> bool:
    """Whether its files lie outside of the cluster."""
    containers = template["spec"]["containers"]
    return any(v["name"] == "PLATFORM_S3_BUCKET" for container in containers for v in container.get("env", []))


def _edges(
    policies: list[Manifest],
    pods: dict[str, Manifest],
    callers: set[str],
    outside: dict[int, set[str]],
    wrong: list[str],
) -> tuple[set[tuple[str, str, int]], set[tuple[str, str, int]]]:
    leaving: set[tuple[str, str, int]] = set()
    arriving: set[tuple[str, str, int]] = set()
    for policy in policies:
        mine = {o for o, t in pods.items() if meets(policy["spec"]["podSelector"], t["metadata"]["labels"])}
        if not mine:
            wrong.append(f"the policy {name(policy)} meets no pod")
        for rule in policy["spec"].get("egress", []):
            ports = {port["port"] for port in rule.get("ports", [])}
            if not ports:
                wrong.append(f"the policy {name(policy)} opens every port")
            if not rule.get("to"):
                wrong += [
                    f"{owner} may reach anything on port {port}"
                    for owner in mine
                    for port in ports
                    if owner not in outside.get(port, set()) and not (owner in callers and port in CLUSTER_PORTS)
                ]
            for target in _peers(rule.get("to", []), pods):
                leaving |= {(owner, target, port) for owner in mine for port in ports}
        for rule in policy["spec"].get("ingress", []):
            ports = {port["port"] for port in rule.get("ports", [])}
            if not rule.get("from") and mine != {"gateway"}:
                wrong.append(f"the policy {name(policy)} lets anybody in")
            for source in _peers(rule.get("from", []), pods):
                arriving |= {(source, owner, port) for owner in mine for port in ports}
    # Postgres in the namespace is reached by the edge to anywhere on its port.
    if "postgres" in pods:
        leaving |= {(source, "postgres", 5432) for source, target, _ in arriving if target == "postgres"}
    return leaving, arriving


def _peers(described: list[Manifest], pods: dict[str, Manifest]) -> Iterator[str]:
    """Those of our own pods; a namespace selector means somebody else's, and an address nobody's."""
    for peer in described:
        if "podSelector" in peer and "namespaceSelector" not in peer:
            for owner, template in pods.items():
                if meets(peer["podSelector"], template["metadata"]["labels"]):
                    yield owner


def _ports(template: Manifest) -> set[int]:
    return {port["containerPort"] for c in template["spec"]["containers"] for port in c.get("ports", [])}


def _entitled(manifests: list[Manifest]) -> set[str]:
    """Accounts that may do something by the cluster's API."""
    return {subject["name"] for binding in of(manifests, "RoleBinding") for subject in binding.get("subjects", [])}


def rights(manifests: list[Manifest]) -> list[str]:
    """No pod holds a token it does not need; only distillation may start Jobs, and nobody rules the cluster."""
    wrong = [
        f"{m['kind']} {name(m)} reaches over namespaces" for m in of(manifests, "ClusterRole", "ClusterRoleBinding")
    ]
    entitled = _entitled(manifests)
    for owner, template in templates(manifests):
        account = template["spec"].get("serviceAccountName")
        if account is None or named(manifests, "ServiceAccount", account) is None:
            wrong.append(f"{owner} runs under an account of everybody ({account})")
        if template["spec"].get("automountServiceAccountToken") is not False and account not in entitled:
            wrong.append(f"{owner} holds a token for the cluster's API")
    for role in of(manifests, "Role"):
        for rule in role["rules"]:
            if "*" in {*rule["verbs"], *rule["resources"], *rule.get("apiGroups", [])}:
                wrong.append(f"the role {name(role)} may do anything to something")
            if {"secrets", "pods/exec", "roles", "rolebindings"} & set(rule["resources"]):
                wrong.append(f"the role {name(role)} may reach secrets or gain rights")
    if not entitled <= MAY_CREATE_JOBS:
        wrong.append(f"rights are given to {sorted(entitled - MAY_CREATE_JOBS)}")
    return wrong


def monitoring(manifests: list[Manifest]) -> list[str]:
    """Where there is a Prometheus operator, every service is watched at a port that it has, with credentials."""
    monitors = of(manifests, "ServiceMonitor")
    wrong = []
    for service in of(manifests, "Service"):
        if name(service) not in build.JARS or not monitors:
            continue
        mine = [m for m in monitors if meets(m["spec"]["selector"], service["metadata"]["labels"])]
        if len(mine) != 1:
            wrong.append(f"{name(service)} is watched by {len(mine)} monitors")
        ports = {port["name"] for port in service["spec"]["ports"]}
        for endpoint in (e for m in mine for e in m["spec"]["endpoints"]):
            if endpoint["port"] not in ports or endpoint["path"] != "/actuator/prometheus":
                wrong.append(f"{name(service)} has no metrics at {endpoint['port']}{endpoint['path']}")
            if "credentials" not in endpoint.get("authorization", {}):
                wrong.append(f"{name(service)} refuses whoever shows no credentials")
    return wrong


def queues(manifests: list[Manifest]) -> list[str]:
    """A workload that asks for GPUs stands in a queue that has them."""
    wrong = []
    covered: dict[str, set[str]] = {}
    for queue in of(manifests, "ClusterQueue"):
        for group in queue["spec"]["resourceGroups"]:
            covered.setdefault(name(queue), set()).update(group["coveredResources"])
            for flavor in group["flavors"]:
                if named(manifests, "ResourceFlavor", flavor["name"]) is None:
                    wrong.append(f"{name(queue)} has no flavor {flavor['name']}")
                if [r["name"] for r in flavor["resources"]] != group["coveredResources"]:
                    wrong.append(f"{name(queue)} gives no quota for all that it covers")
    for workload in of(manifests, *WORKLOADS):
        asked = set().union(*(_asked(c) for o, c in containers([workload])))
        if "nvidia.com/gpu" not in asked:
            continue
        queue = named(manifests, "LocalQueue", workload["metadata"]["labels"].get("kueue.x-k8s.io/queue-name", ""))
        if queue is None:
            wrong.append(f"{name(workload)} asks for GPUs beside every queue")
        elif not asked <= covered.get(queue["spec"]["clusterQueue"], set()):
            wrong.append(f"{name(workload)} asks for what its queue does not have")
    return wrong


def _asked(container: Manifest) -> set[str]:
    described = container.get("resources", {})
    return {*described.get("requests", {}), *described.get("limits", {})}


def secrets(manifests: list[Manifest]) -> list[str]:
    """No secret lies in the repository."""
    wrong = [f"the secret {name(m)} lies in the repository" for m in of(manifests, "Secret")]
    for owner, container in containers(manifests):
        for variable in container.get("env", []):
            telling = re.search(r"SECRET|PASSWORD|API_KEY$|TOKEN", variable["name"])
            if telling and "value" in variable:
                wrong.append(f"{variable['name']} of {owner} is written down")
    return wrong


def encryption(manifests: list[Manifest]) -> list[str]:
    """Where one service is called by TLS all are, each shows a certificate, and the probes need none."""
    settings = (named(manifests, "ConfigMap", "platform") or {}).get("data", {})
    addresses = {key: value for key, value in settings.items() if key.endswith("_URL")}
    by_tls = {key for key, value in addresses.items() if value.startswith("https://")}
    pods = {owner: template["spec"] for owner, template in templates(manifests) if owner in build.JARS}
    answering = {owner for owner, pod in pods.items() if "SERVER_SSL_BUNDLE" in _values(pod)}
    if not by_tls and not answering:
        return []
    wrong = [f"{key} is called without TLS" for key in sorted(addresses.keys() - by_tls)]
    for owner, pod in pods.items():
        said = {**settings, **_values(pod)}
        if not said.get("PLATFORM_TLS_BUNDLE"):
            wrong.append(f"{owner} shows no certificate to those that it calls")
        wrong += [f"{owner} has no file {file}" for file in sorted(_certificates(said) - _secret_files(pod))]
        if owner != "gateway":
            wrong += _answers_by_tls(owner, pod, said)
    return wrong


def _answers_by_tls(owner: str, pod: Manifest, said: dict[str, str]) -> list[str]:
    wrong = []
    if said.get("SERVER_SSL_BUNDLE") != said.get("PLATFORM_TLS_BUNDLE"):
        wrong.append(f"{owner} answers without TLS")
    if said.get("SERVER_SSL_CLIENTAUTH") != "need":
        wrong.append(f"{owner} answers callers without a certificate")
    (container,) = pod["containers"]
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    plain = said.get("MANAGEMENT_SERVER_PORT") if said.get("MANAGEMENT_SERVER_SSL_ENABLED") == "false" else None
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container.get(kind, {}).get("httpGet", {}).get("port", "")
        if ports.get(asked, asked) != plain:
            wrong.append(f"{kind} of {owner} has no certificate for the port that it asks")
    return wrong


def _values(pod: Manifest) -> dict[str, str]:
    return {v["name"]: v["value"] for c in pod["containers"] for v in c.get("env", []) if "value" in v}


def _certificates(said: dict[str, str]) -> set[str]:
    """The files of the bundles of certificates."""
    values = (value for key, value in said.items() if key.startswith("SPRING_SSL_BUNDLE_"))
    return {value.removeprefix("file:") for value in values if value.startswith("file:")}


def _secret_files(pod: Manifest) -> set[str]:
    """What a secret of the shape of cert-manager's puts where it is mounted."""
    secrets_ = {v["name"] for v in pod.get("volumes", []) if v.get("secret", {}).get("secretName", "").endswith("-tls")}
    mounted = {m["mountPath"] for c in pod["containers"] for m in c.get("volumeMounts", []) if m["name"] in secrets_}
    return {f"{folder}/{key}" for folder in mounted for key in ("tls.crt", "tls.key", "ca.crt")}


def migrations(manifests: list[Manifest]) -> list[str]:
    """Where services wait for migrations, a Job of the same image makes each, in the same database."""
    settings = (named(manifests, "ConfigMap", "platform") or {}).get("data", {})
    awaited = settings.get("PLATFORM_MIGRATIONS_MODE") == "awaited"
    wrong = []
    for job, service in MIGRATIONS.items():
        made = named(manifests, "Job", job)
        if awaited != (made is not None):
            wrong.append(f"{service} awaits a migration that nobody makes" if awaited else f"nobody waits for {job}")
        if made is None or (served := named(manifests, "Deployment", service)) is None:
            continue
        ours, its = (each["spec"]["template"]["spec"]["containers"][0] for each in (made, served))
        if ours.get("args") != ["migrate"]:
            wrong.append(f"{job} does not migrate")
        if ours["image"] != its["image"]:
            wrong.append(f"{job} is of another version than {service}")
        if _database(ours) != _database(its):
            wrong.append(f"{job} and {service} have different databases")
    return wrong


def _database(container: Manifest) -> dict[str, Any]:
    """Where a container finds it; a setting may be optional in one and not in the other."""
    said = {v["name"]: next(iter(v.get("valueFrom", {}).values()), {}) for v in container["env"]}
    return {
        variable: {key: value for key, value in source.items() if key != "optional"}
        for variable, source in said.items()
        if variable.startswith("PLATFORM_DB_")
    }


def used_secrets(manifests: list[Manifest]) -> set[tuple[str, str | None]]:
    """Secrets and, where one is named, the key in it that pods and monitors read."""
    found: set[tuple[str, str | None]] = set()
    for _, container in containers(manifests):
        for variable in container.get("env", []):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                found.add((reference["name"], reference["key"]))
    for _, template in templates(manifests):
        for volume in template["spec"].get("volumes", []):
            if "secret" in volume:
                found.add((volume["secret"]["secretName"], None))
            for source in volume.get("projected", {}).get("sources", []):
                if "secret" in source:
                    found |= {(source["secret"]["name"], item["key"]) for item in source["secret"]["items"]}
    for monitor in of(manifests, "ServiceMonitor"):
        for endpoint in monitor["spec"]["endpoints"]:
            credentials = endpoint.get("authorization", {}).get("credentials")
            if credentials:
                found.add((credentials["name"], credentials["key"]))
    for authentication in of(manifests, "TriggerAuthentication"):
        found |= {(s["name"], s["key"]) for s in authentication["spec"]["secretTargetRef"]}
    return found


POLICIES: dict[str, Policy] = {
    policy.__name__: policy
    for policy in (
        unique, namespaces, labels, restricted, probes, shutdown, resources, images, scaling, budgets, spread, network,
        rights, monitoring, queues, secrets, encryption, migrations,
    )
}  # fmt: skip
