"""Runs a pack's JavaScript by node, for work on the pack without a platform."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from ld_experiments.packs import Pack


class Node:
    """The pack's JavaScript, run by node."""

    def __init__(self, pack: Pack) -> None:
        command = ["node", str(Path(__file__).with_name("run_pack.js"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        functions = {function["name"]: function["source"] for function in pack.functions}
        views = {stage["name"]: stage["view"]["source"] for stage in pack.task["stages"]}
        self._send({"run": functions, "view": views})

    def answer(self, kind: str, name: str, state: dict[str, Any], earlier: dict[str, Any]) -> Any:
        self._send({"kind": kind, "name": name, "state": state, "earlier": earlier})
        return json.loads(self._process.stdout.readline())

    def _send(self, message: dict[str, Any]) -> None:
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
