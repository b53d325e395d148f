"""What pages show: blocks of commands, settings and code."""

from __future__ import annotations

import re


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks of a page in Markdown that are marked as one of the languages."""
    marked = "|".join(map(re.escape, languages))
    return re.findall(rf"^```(?:{marked})\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
