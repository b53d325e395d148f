"""What is asked of a platform to see that functions in Python run and are held there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ld_launcher import guests, services
from ld_launcher.problem import Problem

ADDRESS = "http://127.0.0.1:1"


class Platform:
    """Answers as one whose sandbox works, but for what a test changes, by the source of the function."""

    def __init__(self) -> None:
        self.causes: dict[str, str | None] = {source: cause for cause, source in guests.HOSTILE.items()}
        self.output: dict[str, Any] = guests.OUTPUT
        self.asked: list[str] = []

    def get(self, url: str, key: str | None, body: Any, timeout: float) -> tuple[int, bytes]:
        assert key == "key"
        path = url.removeprefix(f"{ADDRESS}/v1")
        self.asked.append(path)
        if path.endswith("/decisions"):
            return 200, json.dumps({"output": self.output}).encode()
        cause = self.causes.get(body.get("source"))
        if cause:
            return 422, json.dumps({"cause": cause}).encode()
        return 201, b"{}"


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    made = Platform()
    monkeypatch.setattr(services, "get", made.get)
    return made


def test_the_honest_one_decides_and_the_hostile_ones_are_refused(platform: Platform) -> None:
    assert guests.check(ADDRESS, "key") == "verified and decided by; 3 hostile ones refused"
    assert platform.asked[0] == "/tasks"
    assert platform.asked[-2:] == [f"/tasks/{guests.TASK}/snapshots", f"/tasks/{guests.TASK}/decisions"]


def test_where_python_can_not_be_run_it_says_so(platform: Platform) -> None:
    platform.causes[guests.HONEST] = "unavailable"
    with pytest.raises(Problem, match="422 instead of 201.*unavailable"):
        guests.check(ADDRESS, "key")


@pytest.mark.parametrize("cause", guests.HOSTILE)
def test_a_hostile_one_has_to_be_refused_for_what_it_does(platform: Platform, cause: str) -> None:
    platform.causes[guests.HOSTILE[cause]] = None
    with pytest.raises(Problem, match="201 instead of 422"):
        guests.check(ADDRESS, "key")
    platform.causes[guests.HOSTILE[cause]] = "wrong-output"
    with pytest.raises(Problem, match=f"should have ended with {cause}"):
        guests.check(ADDRESS, "key")


def test_its_output_counts(platform: Platform) -> None:
    platform.output = {"number": 41}
    with pytest.raises(Problem, match="not {'number': 42}"):
        guests.check(ADDRESS, "key")


def test_no_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "get", lambda *_, **__: (0, b""))
    with pytest.raises(Problem, match="/tasks was answered with 0"):
        guests.check(ADDRESS, "key")
