"""Runs a pack's JavaScript by node, for work on the pack without a platform."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class Node:
    """The pack's JavaScript, run by node."""

    def __init__(self, pack: Path) -> None:
        command = ["node", str(Path(__file__).with_name("run_pack.js")), str(pack)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answer(self, kind: str, name: str, state: dict[str, Any], earlier: dict[str, Any]) -> Any:
        request = {"kind": kind, "name": name, "state": state, "earlier": earlier}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())
