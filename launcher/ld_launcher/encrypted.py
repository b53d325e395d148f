"""The platform that is on a node of Kubernetes gets the component tls, and its certificates are renewed, under load."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import build
from .certificates import Authority
from .deployed import LOAD_NAMESPACE, NAMESPACE, Deployment, checked, made, none_failed, summary
from .home import SERVICE_PORTS
from .problem import Problem

if TYPE_CHECKING:
    from .testing import Totals

COMPONENT = "tls"
# Who answers by TLS; TLS for the gateway's own callers ends before it.
ANSWERING = ("function-base-service", "distillation-service", "inference-service")
# A certificate that a secret has anew: kubelet writes it within a minute and a half, then the service reads it.
RENEWED_S = 240.0


@dataclass(frozen=True)
class Encrypted:
    """:param platform: that decides already"""

    platform: Deployment
    authority: Authority
    stranger: Authority

    @staticmethod
    def of(platform: Deployment) -> Encrypted:
        folder = platform.place.root / "certificates"
        return Encrypted(platform, Authority.made(folder / "ours"), Authority.made(folder / "stranger"))

    def test(self) -> Totals:
        totals = self._checked("Bringing TLS between the services in", self._switch)
        if not totals.failed:
            totals += self._checked("Calling services with a certificate and without", self._call)
            renew = partial(self.platform.under_load, self._renew)
            totals += self._checked("Renewing every service's certificate under load", renew)
            for name in ("inference-service", "gateway"):
                restart = partial(self.platform.under_load, self.platform.restart, name)
                totals += self._checked(f"Restarting {name} with its new certificate under load", restart)
        return totals

    def _checked(self, text: str, check: Callable[[], str]) -> Totals:
        return checked(self.platform.progress, text, check)

    def _write(self) -> None:
        """A new certificate for each."""
        for name in build.JARS:
            content = self.authority.issue(name)
            self.platform.cluster.apply(made("Secret", f"{name}-tls", NAMESPACE, stringData=content))

    def _switch(self) -> str:
        """Services with TLS and services without can not call each other, so that some requests fail meanwhile: the
        load says for how long. Afterwards none does.
        """
        platform = self.platform
        old = {pod for name in build.JARS for pod in platform.pods(name)}
        before = len(platform.lines())
        self._write()
        platform.cluster.apply(platform.overlay(COMPONENT))
        platform.await_rollouts(*build.JARS)
        platform.until(
            lambda: not old & {pod for name in build.JARS for pod in platform.pods(name)}, "The old pods did not leave"
        )
        # A service that failed too often is asked again after a while.
        platform.until(lambda: _good(platform.lines()[before:], 20), "There were no 20 good answers in a row")
        return interruption(platform.lines()[before:])

    def _call(self) -> str:
        known, foreign = self.authority.issue("gateway"), self.stranger.issue("gateway")
        for name in ANSWERING:
            good, without, other = self._answers(name, known, None, foreign)
            if good.get("status") != 401:
                raise Problem(f"With a certificate of the authority {name} answered {good}, not by asking for a token.")
            if "refused" not in without or "refused" not in other:
                raise Problem(f"{name} answered {without} without a certificate, {other} with another authority's.")
        return f"refused without a certificate by each of {len(ANSWERING)} services, and with one of another authority"

    def _renew(self) -> str:
        """No pod is restarted for it."""
        old = {name: (self._serial(name), self.platform.pods(name)) for name in ANSWERING}
        start = time.monotonic()
        self._write()
        for name, (serial, pods) in old.items():
            renewed = partial(self._shows_another_than, name, serial)
            self.platform.until(renewed, f"{name} went on showing its old certificate", RENEWED_S)
            if self.platform.pods(name) != pods:
                raise Problem(f"{name} was restarted meanwhile.")
        return f"shown by all after {time.monotonic() - start:.0f} s, by the same pods"

    def _shows_another_than(self, name: str, serial: str) -> bool:
        return self._serial(name) != serial

    def _serial(self, name: str) -> str:
        """Of the certificate that a service shows."""
        (answer,) = self._answers(name, self.authority.issue("gateway"))
        if "serial" not in answer:
            raise Problem(f"{name} answered {answer} to a caller with a certificate.")
        return str(answer["serial"])

    def _answers(self, name: str, *shown: dict[str, str] | None) -> list[dict[str, Any]]:
        """What a caller in another namespace is answered with each of these certificates."""
        trusted = (self.authority.folder / "ca.crt").read_text(encoding="utf-8")
        place = {"host": f"{name}.{NAMESPACE}", "port": SERVICE_PORTS[name][1], "name": name, "trusted": trusted}
        script = Path(__file__).with_name("tls_caller.py").read_text(encoding="utf-8")
        said = self.platform.cluster.run(
            "--namespace", LOAD_NAMESPACE, "exec", "--stdin", "load", "--", "python3", "-c", script,
            text=json.dumps([{**place, "shown": one} for one in shown]),
        )  # fmt: skip
        return [json.loads(line) for line in said.text.splitlines()]


def _good(lines: list[dict[str, Any]], count: int) -> bool:
    return len(lines) >= count and all(line["status"] == 200 for line in lines[-count:])


def interruption(lines: list[dict[str, Any]]) -> str:
    """How many requests failed, how, and how long it was from the first to the last.

    :raises Problem: where one was not answered, or not as something that has to be asked again
    """
    failed = [line for line in lines if line["status"] != 200]
    if not failed:
        return none_failed(lines)
    # On a node where all services start at once, first decisions may meet the sandbox's limit of time, which is a 422.
    # A service that speaks no TLS yet is told with 400 by one that does.
    others = [line for line in failed if line["status"] not in (503, 422, 400)]
    if others:
        raise Problem(f"{len(others)} of {len(lines)} requests failed with another answer than 503: {others[:3]}")
    first, last = min(line["at"] for line in failed), max(line["at"] + line["ms"] / 1000 for line in failed)
    good = [line for line in lines if line["status"] == 200]
    counted = ", ".join(f"{count} with {status}" for status, count in Counter(e["status"] for e in failed).items())
    return f"of {len(lines)} requests {counted}, within {last - first:.0f} s; the others {summary(good)}"
