"""The words that tasks, events and names are drawn from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def vocabulary() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "vocabulary.json").read_text(encoding="utf-8"))
