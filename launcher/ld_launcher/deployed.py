"""The platform whole on a node of Kubernetes: put there, asked, restarted and rolled back under load."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import build, guests, images, lifecycle
from .credentials import Credentials
from .drain import Drain
from .home import Home
from .kube import Cluster, Object
from .problem import Problem
from .progress import Progress

if TYPE_CHECKING:
    from .testing import Totals

NAMESPACE = "logic-distillation"
LOAD_NAMESPACE = f"{NAMESPACE}-load"
POSTGRES_IMAGE = images.pinned("pgvector/pgvector")
LOAD_IMAGE = images.pinned("python")
# Five gigabytes, so it is not built here: where there is one, a student is trained.
WORKER_IMAGE = "logic-distillation/worker:0.1.0"
MIGRATIONS = "app.kubernetes.io/component=migration"
# A rolling update of these keeps a pod that answers. The distillation service, whose volume one pod writes, is away for
# a while, and decisions do without it.
ROLLING = ("gateway", "function-base-service", "inference-service")


def checked(progress: Progress, text: str, check: Callable[[], str]) -> Totals:
    """One test: a step that says what it saw, or why it failed."""
    from .testing import Totals

    try:
        with progress.step(text):
            seen = check()
    except (Problem, subprocess.TimeoutExpired) as e:
        progress.line(f"FAILED: {text}: {e}")
        return Totals(failed=1)
    progress.line(f"  {seen}")
    return Totals(passed=1)


def filled_secrets(credentials: Credentials) -> list[Object]:
    """Those of k8s/secrets.template.yaml that the overlay of the test uses."""
    contents = {
        "platform-token": {"secret": credentials.token_secret},
        "gateway-keys": {"keys.json": credentials.keys_in_containers()},
        "worker-key": {"key": credentials.worker_key},
        "postgres-superuser": {"password": credentials.superuser},
    }
    for database, password in credentials.databases.items():
        contents[f"{database.replace('_', '-')}-database"] = {"username": database, "password": password}
    return [made("Secret", name, NAMESPACE, stringData=content) for name, content in contents.items()]


def volumes(models: Path, place: Path) -> list[Object]:
    """Folders of this machine as the volumes that the claims of launcher/cluster ask for."""
    described = {
        "models": (models, "1Gi"),
        "artifacts": (place / "artifacts", "10Gi"),
        "data-postgres-0": (place / "postgres", "10Gi"),
    }
    return [
        {
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"{NAMESPACE}-{claim}"},
            "spec": {
                "capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": "",
                "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": str(folder), "type": "Directory"},
                "claimRef": {"namespace": NAMESPACE, "name": claim},
            },
        }
        for claim, (folder, size) in described.items()
    ]  # fmt: skip


@dataclass(frozen=True)
class Deployment:
    """The platform on a cluster, from empty to rolled back.

    :param home: of whoever tests
    :param place: a home of the platform on the cluster, with keys that no installation of the user's has
    """

    home: Home
    cluster: Cluster
    progress: Progress
    place: Home
    credentials: Credentials

    @staticmethod
    def of(home: Home, cluster: Cluster, progress: Progress) -> Deployment:
        place = Home(root=home.root / "cluster", cache=home.cache, repository=home.repository)
        shutil.rmtree(place.root, ignore_errors=True)
        place.create()
        return Deployment(home, cluster, progress, place, Credentials.of(place))

    def test(self) -> Totals:
        """Whatever fails before there are decisions ends it."""
        totals = self._checked("Putting the overlay dev on the node", self._put)
        for text, check in (
            ("Installing the bundled tasks through the gateway", self._install),
            ("Deciding through the gateway's Service", self._decide),
            ("Running functions in Python in pods of the restricted profile", self._guests),
        ):
            if not totals.failed:
                totals += self._checked(text, check)
        if not totals.failed:
            for name in build.JARS:
                totals += self._checked(f"Restarting {name} under load", partial(self.under_load, self.restart, name))
            for name in ROLLING:
                totals += self._checked(f"Rolling {name} back under load", partial(self.under_load, self._undo, name))
            for name in build.JARS:
                totals += self._checked(f"Draining {name} under load", partial(self.under_load, self._drain, name))
            totals += self._training()
        return totals

    def _checked(self, text: str, check: Callable[[], str]) -> Totals:
        return checked(self.progress, text, check)

    def kubectl(self, *arguments: str) -> str:
        return self.cluster.run("--namespace", NAMESPACE, *arguments).text

    def _put(self) -> str:
        repository = self.home.repository
        for folder in ("artifacts", "postgres"):
            # Written by users of containers, who are nobody here.
            (self.place.root / folder).mkdir()
            (self.place.root / folder).chmod(0o777)
        self.cluster.apply(
            repository / "k8s" / "base" / "namespace.yaml", *filled_secrets(self.credentials),
            *volumes(self.home.models, self.place.root), training_run(repository), self.overlay(),
        )  # fmt: skip
        self.kubectl("rollout", "status", "statefulset/postgres", "--timeout=10m")
        self.await_rollouts(*build.JARS)
        self.kubectl("wait", "--for=condition=Complete", "jobs", f"--selector={MIGRATIONS}", "--timeout=10m")
        return self.kubectl("get", "pods").strip()

    def overlay(self, *components: str) -> Path:
        """launcher/cluster, with Postgres' image by its tag, as it was copied to the node, and its user there:
        another one where a distribution made it.

        :param components: of k8s, which the platform gets beside
        """
        name, _, tag = images.tag_of(POSTGRES_IMAGE).partition(":")
        user, group = (int(_in_image(f"{name}:{tag}", "id", option, "postgres")) for option in ("-u", "-g"))
        context = {"runAsUser": user, "runAsGroup": group, "fsGroup": group}
        patch = [
            {"op": "add", "path": f"/spec/template/spec/securityContext/{k}", "value": v} for k, v in context.items()
        ]
        overlay = self.place.root / "-".join(["overlay", *components])
        overlay.mkdir(exist_ok=True)
        # Kustomize takes relative paths alone, and JSON as the YAML that it is.
        repository = self.home.repository
        parts = [repository / "k8s" / "components" / component for component in components]
        described = {
            "resources": [os.path.relpath(repository / "launcher" / "cluster", overlay)],
            "components": [os.path.relpath(part, overlay) for part in parts],
            "patches": [{"target": {"kind": "StatefulSet"}, "patch": json.dumps(patch)}],
            "images": [{"name": name, "newTag": tag}],
        }
        (overlay / "kustomization.yaml").write_text(json.dumps(described), encoding="utf-8")
        return overlay

    def _install(self) -> str:
        with self._gateway() as port:
            lifecycle.run_experiments(self.place, {"gateway": port}, ["install"], log=self.place.log("install"))
        return "as ./platform up does it"

    def _gateway(self) -> contextlib.AbstractContextManager[int]:
        return self.cluster.forwarded(NAMESPACE, "gateway", 8080, self.place.log("port-forward"))

    def _decide(self) -> str:
        script = Path(__file__).with_name("steady_load.py").read_text(encoding="utf-8")
        code = made("ConfigMap", "load", LOAD_NAMESPACE, data={"steady_load.py": script})
        key = made("Secret", "key", LOAD_NAMESPACE, stringData={"key": self.credentials.api_key})
        load = (self.home.repository / "launcher" / "cluster" / "load.yaml").read_text(encoding="utf-8")
        self.cluster.run("apply", "--server-side", "--filename", "-", text=images.by_tags(load))
        self.cluster.apply(code, key)
        # A replica converts its student before it decides.
        end = time.monotonic() + 300
        while time.monotonic() < end:
            good = [line for line in self.lines() if line["status"] == 200 and line["path"].endswith("/decisions")]
            if len(good) >= 20:
                return f"{len(good)} decisions, {summary(good)}"
            time.sleep(1)
        raise Problem(f"There were no 20 decisions within 300 s; the last answers: {self.lines()[-3:]}")

    def _guests(self) -> str:
        with self._gateway() as port:
            return guests.check(f"http://127.0.0.1:{port}", self.credentials.api_key)

    def lines(self) -> list[dict[str, Any]]:
        """What the load has said so far, a line for each request."""
        with contextlib.suppress(Problem):
            text = self.cluster.run("--namespace", LOAD_NAMESPACE, "logs", "load").text
            return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return []

    def decides(self) -> bool:
        """Whether the load, if there is one, was answered as it should when it last asked."""
        return any(line["status"] == 200 for line in self.lines()[-1:])

    def under_load(self, change: Callable[..., str | None], *arguments: str) -> str:
        before = len(self.lines())
        said = change(*arguments)
        # By then the callers have met whatever is there now.
        time.sleep(10)
        seen = none_failed(self.lines()[before:])
        return f"{said}; {seen}" if said else seen

    def _drain(self, name: str) -> str:
        """What a drain of the pods' node does, with two replicas where there can be. This node is the only one, and has
        to start whatever comes in their place: so it is not cordoned, and services are drained one after the other.
        """
        if name in ROLLING:
            self._scale(name, 2)
        said = Drain(self.cluster, NAMESPACE).run([name])
        self.await_rollouts(name)
        if name in ROLLING:
            self._scale(name, 1)
        return said

    def _scale(self, name: str, replicas: int) -> None:
        self.kubectl("scale", f"deployment/{name}", f"--replicas={replicas}")
        self.await_rollouts(name)
        self.until(lambda: len(self.pods(name)) == replicas, f"There were not {replicas} pods of {name}")

    def await_rollouts(self, *names: str) -> None:
        for name in names:
            self.kubectl("rollout", "status", f"deployment/{name}", "--timeout=10m")

    def restart(self, name: str) -> None:
        old = self.pods(name)
        self.kubectl("rollout", "restart", f"deployment/{name}")
        self.await_rollouts(name)
        self.until(lambda: not old & self.pods(name), f"The old pods {sorted(old)} did not leave")

    def _undo(self, name: str) -> None:
        old = self.pods(name)
        self.kubectl("set", "image", f"deployment/{name}", f"{name}=logic-distillation/{name}:is-nowhere")
        self.until(lambda: "Image" in self._waits_for(name), "The pod of an image that is nowhere did not say so")
        self.kubectl("rollout", "undo", f"deployment/{name}")
        self.await_rollouts(name)
        self.until(lambda: self.pods(name) == old, f"Instead of {sorted(old)} there are others")

    def _waits_for(self, name: str) -> str:
        reasons = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}"
        return self.kubectl("get", "pods", f"--selector=app.kubernetes.io/name={name}", "--output", reasons)

    def pods(self, name: str) -> set[str]:
        listed = self.cluster.get("pods", "--namespace", NAMESPACE, f"--selector=app.kubernetes.io/name={name}")
        return {pod["metadata"]["name"] for pod in listed["items"]}

    @staticmethod
    def until(condition: Callable[[], bool], otherwise: str, longest_s: float = 120) -> None:
        end = time.monotonic() + longest_s
        while not condition():
            if time.monotonic() > end:
                raise Problem(f"{otherwise} within {longest_s:.0f} s.")
            time.sleep(1)

    def _training(self) -> Totals:
        if images.docker_has(WORKER_IMAGE):
            return self._checked("Training a student as a Job", self._train)
        self.progress.line(f"Left out: a run of training itself, as Docker has no {WORKER_IMAGE}.")
        return self._checked("Making a Job for a run of training, and taking it away", self._make_a_job)

    def _train(self) -> str:
        """Whether a Job comes, claims its run and brings a student, not how good it is."""
        with self._gateway() as port:
            call = partial(self._call, f"http://127.0.0.1:{port}/v1")
            return self._trained(call, self._ordered(port, call))

    def _make_a_job(self) -> str:
        """Without its image the pod waits; the Job is there, and is gone when nobody waits for it any more."""
        with self._gateway() as port:
            call = partial(self._call, f"http://127.0.0.1:{port}/v1")
            job = self._ordered(port, call)
            name = f"ld-{job}-1"
            self.until(lambda: name in self._jobs(), f"There was no Job {name}")
            self.until(lambda: "Image" in self._waits_for("training-run"), "Its pod did not ask for its image")
            call(f"/distillation-jobs/{job}", method="DELETE")
            self.until(lambda: name not in self._jobs(), f"The Job {name} did not go")
            return name

    def _jobs(self) -> str:
        return self.kubectl("get", "jobs", "--output", "name")

    def _ordered(self, port: int, call: Callable[..., Any]) -> str:
        """Orders a student of two steps on a few episodes; answers the job."""
        rows = self.place.root / "rows.ndjson"
        few = {"ways": ["recall"], "steps": 2, "checkEvery": 2, "checkRows": 4, "judgeRows": 4, "drawnShare": 0.0}
        collect = ["collect", lifecycle.TASK, "--episodes", "8", "--out", str(rows)]
        lifecycle.run_experiments(self.place, {"gateway": port}, collect, log=self.place.log("collect"))
        task = call(f"/tasks/{lifecycle.TASK}")
        stages = [{name: stage[name] for name in ("name", "instruction", "k")} for stage in task["stages"]]
        call("/datasets", {"name": "few", "task": lifecycle.TASK, "heldOut": 0.3})
        call("/datasets/few/trajectories", rows.read_bytes(), "application/x-ndjson")
        call("/datasets/few/versions", {})
        described = {"name": lifecycle.TASK, "rules": task["rules"], "stages": stages}
        order = {"name": "made-here", "task": described, "dataset": {"id": "few"}, "hyperparameters": few}
        return str(call("/distillation-jobs", order)["id"])

    @staticmethod
    def _trained(call: Callable[..., Any], job: str) -> str:
        end = time.monotonic() + 900
        while (found := call(f"/distillation-jobs/{job}"))["state"] in ("queued", "running"):
            if time.monotonic() > end:
                break
            time.sleep(2)
        if found["state"] != "completed":
            said = [line["line"] for line in call(f"/distillation-jobs/{job}/log?lines=20")["items"]]
            raise Problem(f"The job is {found['state']} ({found.get('reason')}): {said}")
        return f"{found['student']} by {found['attempts'][0]['worker']}"

    def _call(
        self, address: str, path: str, body: object = None, kind: str = "application/json", method: str | None = None
    ) -> Any:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.credentials.api_key}", "Content-Type": kind}
        request = urllib.request.Request(address + path, content, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except OSError as e:
            said = e.read()[:300] if isinstance(e, urllib.error.HTTPError) else b""
            raise Problem(f"{path}: {e} {said!r}") from e

    def explain(self) -> None:
        """What a person needs to know why, as the cluster is about to go."""
        log = self.home.log("cluster")
        asked = [["get", "pods,pvc,events", "--output", "wide"], ["describe", "pods"]]
        for name in ("postgres", *build.JARS):
            logs = ["logs", "--prefix", "--tail=200", f"--selector=app.kubernetes.io/name={name}"]
            asked += [logs, [*logs, "--previous"]]
        with log.open("w", encoding="utf-8") as output:
            for arguments in asked:
                with contextlib.suppress(Problem):
                    output.write(self.kubectl(*arguments))
            output.writelines(f"{line}\n" for line in self.lines() if line["status"] != 200)
        self.progress.line(f"What the cluster said is in {log}.")


def none_failed(seen: Sequence[dict[str, Any]]) -> str:
    """What to say of the answers to a steady load.

    :raises Problem: where one failed, or there are too few to say anything
    """
    failed = [line for line in seen if line["status"] != 200]
    if failed:
        raise Problem(f"{len(failed)} of {len(seen)} requests failed, such as {failed[:3]}")
    if len(seen) < 10:
        raise Problem(f"Only {len(seen)} requests were answered meanwhile.")
    return f"{len(seen)} requests, none failed, {summary(seen)}"


def summary(lines: Sequence[dict[str, Any]]) -> str:
    times = sorted(line["ms"] for line in lines)
    return f"p50 {times[len(times) // 2]:.0f} ms, longest {times[-1]:.0f} ms"


def training_run(repository: Path) -> Object:
    """The service's own template of Jobs, with less processor asked for than a node of two cores has."""
    place = repository / "distillation-service" / "src" / "main" / "resources" / "training-run.yaml"
    template = place.read_text(encoding="utf-8").replace('cpu: "2"', "cpu: 50m")
    return made("ConfigMap", "training-run", NAMESPACE, data={place.name: template})


def made(kind: str, name: str, namespace: str, **content: object) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, **content}


def _in_image(image: str, program: str, *arguments: str) -> str:
    command = ["docker", "run", "--rm", "--entrypoint", program, image, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"{program} failed in {image}: {done.stderr.strip()[-300:]}")
    return done.stdout
