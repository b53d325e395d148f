"""A Kubernetes to test against: where it comes from, and kubectl on it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .checks import free_port
from .home import Home
from .problem import Problem
from .progress import Progress

UP = "PLATFORM_KUBE_UP"
GIVEN = "PLATFORM_KUBECONFIG"
ADVICE = (
    f"There is no Kubernetes to test against. Set {GIVEN} to the kubeconfig of one with simulated nodes, or {UP} to a"
    " program that brings clusters up (CONTRIBUTING.md says what it has to do)."
)
# Says what the program exported, after whatever else it set.
SHELL = 'exports=$("$0" "$@") && eval "$exports" && printf "%s\\n%s" "$KUBECONFIG" "$PATH"'

Object = dict[str, Any]


@dataclass(frozen=True)
class Manifest:
    """An object as kustomize writes it, which needs no library to be told apart from others."""

    group: str
    kind: str
    name: str
    text: str

    @staticmethod
    def all_of(rendered: str) -> list[Manifest]:
        return [Manifest._of(text) for text in re.split(r"^---$", rendered, flags=re.MULTILINE) if text.strip()]

    @staticmethod
    def _of(text: str) -> Manifest:
        def said(pattern: str) -> str:
            found = re.search(pattern, text, re.MULTILINE)
            if found is None:
                raise Problem(f"This is no manifest: {text.strip()[:200]}")
            return found[1]

        version, kind = said(r"^apiVersion: (\S+)$"), said(r"^kind: (\S+)$")
        return Manifest(version.rpartition("/")[0], kind, said(r"^metadata:\n(?:  .*\n)*?  name: (\S+)$"), text)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Surroundings:
    """A program that brings up clusters, one at a time, and another beside it that takes them down."""

    up: Path

    @staticmethod
    def find(home: Home) -> Surroundings:
        """:raises Problem: where there is none"""
        named = os.environ.get(UP)
        up = Path(named).absolute() if named else home.repository.parent / "shared" / "kube" / "kube-up"
        if not os.access(up, os.X_OK):
            raise Problem(f"{UP} names {named}, which is no program." if named else ADVICE)
        if not os.access(up.with_name("kube-down"), os.X_OK):
            raise Problem(f"Beside {up} there is no kube-down, which is to take a cluster down again.")
        return Surroundings(up)

    @contextlib.contextmanager
    def cluster(self, home: Home, progress: Progress, *options: str) -> Iterator[Cluster]:
        """A cluster that is there as long as the body runs."""
        log = home.log("kube-up")
        try:
            with progress.step(" ".join(["Bringing up a cluster", *options])):
                said = self._call(["bash", "-c", SHELL, str(self.up), *options], log)
            kubeconfig, path = said.splitlines()[-2:]
            yield Cluster.of(Path(kubeconfig), path)
        finally:
            with progress.step("Taking the cluster down"):
                self._call([str(self.up.with_name("kube-down"))], log)

    def load(self, home: Home, images: Sequence[str]) -> None:
        """Copies images from Docker to the nodes."""
        self._call([str(self.up), "--load", *images], home.log("kube-up"))

    @staticmethod
    def _call(command: list[str], log: Path) -> str:
        with log.open("a", encoding="utf-8") as output:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=output, text=True, check=False)
        if done.returncode:
            raise Problem(f"{command[-1]} failed with exit code {done.returncode}; the log is {log}.")
        return done.stdout


@dataclass(frozen=True)
class Cluster:
    """A cluster that is there, as kubectl reaches it."""

    kubeconfig: Path
    kubectl: str

    @staticmethod
    def of(kubeconfig: Path, path: str | None = None) -> Cluster:
        """:raises Problem: without a kubectl"""
        kubectl = shutil.which("kubectl", path=path)
        if kubectl is None:
            raise Problem("There is no kubectl; install it, or put it on the PATH.")
        return Cluster(kubeconfig, kubectl)

    def command(self, *arguments: str) -> list[str]:
        return [self.kubectl, "--kubeconfig", str(self.kubeconfig), *arguments]

    def run(self, *arguments: str, text: str | None = None, timeout: float = 900) -> Said:
        """kubectl with these arguments, and a text on its standard input. :raises Problem: where it fails"""
        done = subprocess.run(
            self.command(*arguments), input=text, capture_output=True, text=True, timeout=timeout, check=False
        )
        if done.returncode:
            raise Problem(f"kubectl {' '.join(arguments[:4])}: {done.stderr.strip()[-1500:]}")
        return Said(done.stdout, [line for line in done.stderr.splitlines() if line.startswith("Warning:")])

    def apply(self, *what: Path | Object) -> None:
        """Files, folders with a kustomization, and objects, in this order."""
        for one in what:
            if isinstance(one, dict):
                self.run("apply", "--server-side", "--filename", "-", text=json.dumps(one))
            else:
                self.run("apply", "--server-side", "--kustomize" if one.is_dir() else "--filename", str(one))

    def get(self, *arguments: str) -> Any:
        return json.loads(self.run("get", *arguments, "--output", "json").text)

    def rendered(self, folder: Path) -> list[Manifest]:
        return Manifest.all_of(self.run("kustomize", str(folder)).text)

    def groups(self) -> set[str]:
        """The groups of API that it serves; the oldest has no name."""
        listed = self.run("api-versions").text.split()
        return {version.rpartition("/")[0] for version in listed}

    @contextlib.contextmanager
    def forwarded(self, namespace: str, service: str, port: int, log: Path) -> Iterator[int]:
        """A port of this machine that leads to a pod of a service."""
        here = free_port()
        arguments = ["--namespace", namespace, "port-forward", f"service/{service}", f"{here}:{port}"]
        with log.open("ab") as output:
            process = subprocess.Popen(
                self.command(*arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            _await_listener(process, here, log)
            yield here
        finally:
            process.terminate()
            process.wait()


@dataclass(frozen=True)
class Said:
    """What kubectl printed, and the server's warnings."""

    text: str
    warnings: list[str]


def _await_listener(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise Problem(f"The port {port} could not be forwarded; the log is {log}.")
