"""Whether functions in Python run, and are held, where the services run.

Their lock is the system's, so what a container may do decides.
"""

from __future__ import annotations

import json
from typing import Any

from . import services
from .problem import Problem

TASK = "python-here"
STAGE = "answer"
STATE = {"number": 21}
OUTPUT = {"number": 42}
LONGEST_S = 60

DEFINITION = {
    "name": TASK,
    "rules": "Double the number.",
    "stateSchema": {
        "type": "object", "required": ["number"], "additionalProperties": False,
        "properties": {"number": {"type": "integer", "minimum": 0, "maximum": 1000}}, "examples": [STATE],
    },
    "outputSchema": {"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}}},
    "stages": [{"name": STAGE, "instruction": "Choose what to do with the number.", "k": 1}],
}  # fmt: skip
HONEST = 'def run(state, earlier):\n    return {"number": 2 * state["number"]}\n'
# By the cause that the refusal gives: what only limits of time, of memory and of the stack end.
HOSTILE = {
    "timeout": "def run(state, earlier):\n    while True:\n        pass\n",
    "out-of-memory": "def run(state, earlier):\n    kept = []\n    while True:\n        kept.append([0] * 1_000_000)\n",
    "threw": "def run(state, earlier):\n    return run(state, earlier)\n",
}
# Each one token of the base model.
HANDLES = ("one", "two", "three")


def check(address: str, key: str) -> str:
    """Publishes a function, has hostile ones refused, and decides by the honest one.

    :raises Problem: where a request is answered otherwise
    """
    _expect(201, address, key, "/tasks", DEFINITION)
    _expect(201, address, key, f"/tasks/{TASK}/functions", _function("double", HONEST))
    for handle, (cause, source) in zip(HANDLES, HOSTILE.items(), strict=True):
        refusal = _expect(422, address, key, f"/tasks/{TASK}/functions", _function(handle, source))
        if refusal.get("cause") != cause:
            raise Problem(f"A function that should have ended with {cause} was refused with {refusal}.")
    _expect(201, address, key, f"/tasks/{TASK}/snapshots", {})
    imposed = {"state": STATE, "choices": {STAGE: "double"}}
    decision = _expect(200, address, key, f"/tasks/{TASK}/decisions", imposed)
    if decision["output"] != OUTPUT:
        raise Problem(f"A function in Python gave {decision['output']}, not {OUTPUT}.")
    return f"verified and decided by; {len(HOSTILE)} hostile ones refused"


def _function(name: str, source: str) -> dict[str, Any]:
    return {
        "name": name, "stage": STAGE, "handle": name, "manual": f"A number that {name}.", "language": "python",
        "source": source, "tests": [{"state": STATE, "output": OUTPUT}],
    }  # fmt: skip


def _expect(wanted: int, address: str, key: str, path: str, body: object) -> Any:
    status, content = services.get(f"{address}/v1{path}", key, body, timeout=LONGEST_S)
    if status != wanted:
        raise Problem(f"{path} was answered with {status} instead of {wanted}: {content[:400]!r}")
    return json.loads(content)
