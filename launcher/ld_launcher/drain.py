"""What `kubectl drain` does to the pods of a node when it has cordoned it: all are evicted at once, as far as their
disruption budgets let them go, and those that have to stay are asked again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .kube import Cluster, Object
from .problem import Problem

# As kubectl waits before it asks again.
RETRY_S = 5.0
LONGEST_S = 600.0
# Of an eviction that is answered with 429.
REFUSED = "disruption budget"


@dataclass(frozen=True)
class Drain:
    """The pods of some services, of which each has the label `app.kubernetes.io/name`."""

    cluster: Cluster
    namespace: str
    retry_s: float = RETRY_S

    def run(self, services: Sequence[str]) -> str:
        """Ends when every pod has left, and says how it went.

        :raises Problem: where more than one pod of a service is let go before there is another in its place
        """
        old = {service: sorted(map(_name, self._pods(service))) for service in services}
        waiting = {service: list(pods) for service, pods in old.items()}
        refused, end = 0, time.monotonic() + LONGEST_S
        while True:
            for service, pods in waiting.items():
                let_go = [pod for pod in pods if self._evict(pod)]
                refused += len(pods) - len(let_go)
                if let_go:
                    self._check(service, let_go, alone=len(old[service]) == 1)
                pods[:] = [pod for pod in pods if pod not in let_go]
            if not any(waiting.values()):
                break
            self._sleep(end, f"{waiting} were not let go")
        for service, pods in old.items():
            while left := set(pods).intersection(map(_name, self._pods(service))):
                self._sleep(end, f"{sorted(left)} did not leave")
        return f"{sum(map(len, old.values()))} pods evicted, {refused} evictions refused before"

    def _evict(self, pod: str) -> bool:
        """Whether it was let go; its disruption budget may keep it."""
        metadata = {"name": pod, "namespace": self.namespace}
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
        place = f"/api/v1/namespaces/{self.namespace}/pods/{pod}/eviction"
        try:
            self.cluster.run("create", "--raw", place, "--filename", "-", text=json.dumps(eviction))
        except Problem as e:
            if REFUSED in str(e):
                return False
            raise
        return True

    def _check(self, service: str, let_go: list[str], alone: bool) -> None:
        if len(let_go) > 1:
            raise Problem(f"{let_go} of {service} were let go at once.")
        if not alone and not any(_serves(pod) for pod in self._pods(service)):
            raise Problem(f"When {let_go[0]} was let go, no other pod of {service} was ready.")

    def _pods(self, service: str) -> list[Object]:
        selector = f"--selector=app.kubernetes.io/name={service}"
        return self.cluster.get("pods", "--namespace", self.namespace, selector)["items"]

    def _sleep(self, end: float, otherwise: str) -> None:
        if time.monotonic() > end:
            raise Problem(f"{otherwise} within {LONGEST_S:.0f} s.")
        time.sleep(self.retry_s)


def _name(pod: Object) -> str:
    return str(pod["metadata"]["name"])


def _serves(pod: Object) -> bool:
    """Ready, and not about to leave: a pod that was let go is ready for as long as it ends its requests."""
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
    return ready and "deletionTimestamp" not in pod["metadata"]
