"""What a benchmark prints, in the form that all of them share."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value; the reference was measured in the same run, the ratio is value over reference."""

    name: str
    value: float
    unit: str
    reference: float | None = None

    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    def as_json(self) -> str:
        told: dict[str, object] = {"name": self.name, "value": round(self.value, 4), "unit": self.unit}
        ratio = self.ratio()
        if self.reference is not None and ratio is not None:
            told |= {"reference": round(self.reference, 4), "ratio": round(ratio, 4)}
        return json.dumps(told)

    def as_text(self) -> str:
        head = f"{self.name:<28} {self.value:>10.3f} {self.unit:<8}"
        ratio = self.ratio()
        return head.rstrip() if ratio is None else f"{head} reference {self.reference:.3f}, ratio {ratio:.3f}"
