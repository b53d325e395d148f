"""What `./platform test cluster` asks of a drain: a fake kubectl evicts, refuses and replaces, well or badly."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ld_launcher import drain, kube
from ld_launcher.problem import Problem

# A control plane whose replacements are ready some calls after they came, and which may not keep to any budget.
KUBECTL = """
import json, sys
from pathlib import Path

place, keeps, replaces = Path({place!r}), {keeps!r}, {replaces}
state = json.loads(place.read_text())
words = sys.argv[3:]

def ready(pod):
    return pod["age"] >= 6 and not pod["leaving"]

def shown(name, pod):
    metadata = {{"name": name, **({{"deletionTimestamp": "now"}} if pod["leaving"] else {{}})}}
    conditions = [{{"type": "Ready", "status": "True" if pod["age"] >= 6 else "False"}}]
    return {{"metadata": metadata, "status": {{"conditions": conditions}}}}

for name in [name for name, pod in state.items() if pod["leaving"] and pod["age"] > 9]:
    del state[name]
for pod in state.values():
    pod["age"] += 1
place.write_text(json.dumps(state))
if words[0] == "get":
    service = words[4].rpartition("=")[2]
    print(json.dumps({{"items": [shown(name, pod) for name, pod in state.items() if pod["service"] == service]}}))
else:
    eviction = json.loads(sys.stdin.read())
    name = eviction["metadata"]["name"]
    assert words == ["create", "--raw", f"/api/v1/namespaces/here/pods/{{name}}/eviction", "--filename", "-"]
    assert (eviction["apiVersion"], eviction["kind"]) == ("policy/v1", "Eviction")
    mine = [pod for pod in state.values() if pod["service"] == state[name]["service"]]
    staying = sum(ready(pod) for pod in mine) - 1
    asked = place.with_name("asked")
    asked.touch()
    turn = len(asked.read_text())
    asked.write_text("x" * (turn + 1))
    if (keeps == "budgets" and staying < state[name]["of"] - 1) or (keeps == "turns" and turn % 2):
        print("Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's disruption budget.",
              file=sys.stderr)
        sys.exit(1)
    state[name] |= {{"leaving": True, "age": 6}}
    if replaces:
        state[f"{{name}}-next"] = {{**state[name], "leaving": False, "age": 0}}
place.write_text(json.dumps(state))
"""

Control = Callable[..., drain.Drain]


@pytest.fixture
def control(tmp_path: Path) -> Control:
    def made(*, keeps: str = "budgets", replaces: bool = True, **replicas: int) -> drain.Drain:
        pods = {
            f"{service}-{number}": {"service": service, "of": count, "age": 6, "leaving": False}
            for service, count in replicas.items()
            for number in range(count)
        }
        place = tmp_path / "state.json"
        place.write_text(json.dumps(pods))
        program = tmp_path / "kubectl"
        text = KUBECTL.format(place=str(place), keeps=keeps, replaces=replaces)
        program.write_text(f"#!{sys.executable}\n{text}")
        program.chmod(0o755)
        return drain.Drain(kube.Cluster(tmp_path / "config", str(program)), "here", retry_s=0.0)

    return made


def test_every_pod_leaves_one_of_a_service_at_a_time(control: Control, tmp_path: Path) -> None:
    said = control(gateway=2, inference=2, distillation=1).run(["gateway", "inference", "distillation"])
    assert said.startswith("5 pods evicted, ")
    # The second of each was asked for at once, too.
    assert int(said.split()[3]) >= 2
    left = json.loads((tmp_path / "state.json").read_text())
    assert {name for name, pod in left.items() if not pod["leaving"]} == {
        "gateway-0-next", "gateway-1-next", "inference-0-next", "inference-1-next", "distillation-0-next",
    }  # fmt: skip


def test_two_pods_that_go_at_once_are_a_failure(control: Control) -> None:
    with pytest.raises(Problem, match="gateway were let go at once"):
        control(keeps="nothing", gateway=2).run(["gateway"])


def test_a_pod_that_goes_before_another_is_ready_is_a_failure(control: Control) -> None:
    with pytest.raises(Problem, match="no other pod of gateway was ready"):
        control(keeps="turns", replaces=False, gateway=2).run(["gateway"])


def test_other_answers_than_a_budgets_are_told(control: Control, tmp_path: Path) -> None:
    made = control(gateway=1)
    (tmp_path / "kubectl").write_text(
        '#!/bin/sh\ncase "$*" in *get*) echo \'{"items": [{"metadata": {"name": "a"}, "status": {}}]}\';;'
        " *) echo 'Error from server (Forbidden): no' >&2; exit 1;; esac\n"
    )
    with pytest.raises(Problem, match="Forbidden"):
        made.run(["gateway"])


def test_does_not_wait_for_ever(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "LONGEST_S", 0.5)
    with pytest.raises(Problem, match="gateway-1.* were not let go within"):
        control(replaces=False, gateway=2).run(["gateway"])
