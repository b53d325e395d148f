"""What schemathesis has to be told of this API."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(_: Any, value: Any) -> Any:
    """Bodies of many lines are described as the text that they are."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
