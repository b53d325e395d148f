"""The calls of kubectl that the guides tell operators to make, on a node of Kubernetes that has the platform."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import build
from .deployed import Deployment, checked, filled_secrets
from .kube import Cluster
from .problem import Problem

if TYPE_CHECKING:
    from .testing import Totals

GUIDES = ("k8s/README.md", "docs/operations/README.md", "docs/runbooks/*.md")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(kubectl [^`]+)`")
# What goes on until it is told to end gets this long, and has failed if it ended by itself.
ENDLESS, ENDED = ("timeout", "5"), 124
# What the overlay of the test does not have: kinds of operators, and what scales.
MISSING = ("doesn't have a resource type", "horizontalpodautoscalers.autoscaling")


@dataclass(frozen=True)
class Command:
    """One line of shell, and the guide that has it."""

    guide: str
    text: str

    def filled(self, values: dict[str, str]) -> str:
        """With what an operator puts in for the words that stand for something."""
        text = self.text
        for word, value in values.items():
            text = text.replace(word, value)
        return text


def commands(repository: Path) -> list[Command]:
    """All of the guides, those in running text too, in their order; in each guide each once."""
    found: dict[Command, None] = {}
    for pattern in GUIDES:
        for path in sorted(repository.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
            said = [*(line for line in lines if line.startswith("kubectl ")), *INLINE.findall(BLOCK.sub("", text))]
            found.update(dict.fromkeys(Command(str(path.relative_to(repository)), one) for one in said))
    return list(found)


def values(service: str, overlay: Path, secrets: Path) -> dict[str, str]:
    """What an operator of this overlay puts in who looks after this service."""
    folders = dict.fromkeys(("k8s/overlays/dev", "k8s/overlays/prod"), str(overlay))
    return {"NAME": service, "SERVICE": service, "my-secrets.yaml": str(secrets), **folders}


def run(cluster: Cluster, command: str) -> bool:
    """Whether the cluster has what is asked for.

    :raises Problem: where the command fails otherwise
    """
    path = os.pathsep.join([str(Path(cluster.kubectl).parent), os.environ.get("PATH", os.defpath)])
    env = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig), "PATH": path}
    endless = " port-forward " in command
    shell = [*(ENDLESS if endless else ()), "bash", "-c", f"set -o pipefail; {'exec ' if endless else ''}{command}"]
    done = subprocess.run(shell, env=env, capture_output=True, text=True, timeout=2400, check=False)
    if done.returncode == (ENDED if endless else 0):
        return True
    if any(words in done.stderr for words in MISSING):
        return False
    raise Problem(f"{command} ended with {done.returncode}: {done.stderr.strip()[-300:]}")


def test(platform: Deployment, overlay: Path) -> Totals:
    """:param overlay: what the platform was put on the cluster by"""
    every = partial(_every_command, platform, overlay)
    return checked(platform.progress, "Running the guides' commands under load", partial(platform.under_load, every))


def _every_command(platform: Deployment, overlay: Path) -> str:
    secrets = platform.place.root / "my-secrets.yaml"
    # JSON is YAML.
    listed = {"apiVersion": "v1", "kind": "List", "items": filled_secrets(platform.credentials)}
    secrets.write_text(json.dumps(listed), encoding="utf-8")
    put_in = values("gateway", overlay, secrets)
    seen, left_out = 0, []
    for command in commands(platform.home.repository):
        if run(platform.cluster, command.filled(put_in)):
            seen += 1
        else:
            left_out.append(command.text)
        # An operator looks at what a change did before the next one.
        platform.await_rollouts(*build.JARS)
    without = f"; not there: {', '.join(left_out)}" if left_out else ""
    return f"{seen} commands{without}"
