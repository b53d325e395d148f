from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from platform_fake import KEY, FakePlatform

from ld_experiments.api import Api, ProblemError, read_key
from ld_experiments.errors import ExperimentError


def test_a_problem_is_told_in_one_line(platform: FakePlatform) -> None:
    api = Api("http://platform.test", "wrong", transport=platform.transport)
    with pytest.raises(ProblemError, match="401 unauthenticated: A valid API key is needed") as caught:
        api.get("/tasks/pursuit")
    assert caught.value.slug == "unauthenticated"


def test_a_failing_pointer_is_told() -> None:
    body = {"type": "urn:logic-distillation:problem:invalid-state", "detail": "must be at most 9", "pointer": "/me/x"}
    api = Api("http://platform.test", KEY, transport=httpx.MockTransport(lambda r: httpx.Response(422, json=body)))
    with pytest.raises(ProblemError, match="422 invalid-state: must be at most 9 at /me/x"):
        api.post("/tasks/pursuit/decisions", {})


def test_a_busy_platform_is_asked_again_after_the_time_it_names(platform: FakePlatform) -> None:
    waits: list[float] = []
    api = Api("http://platform.test", KEY, transport=platform.transport, sleep=waits.append)
    platform.busy = 2
    assert list(api.pages("/students")) == []
    assert waits == [1.0, 1.0]


def test_a_function_that_had_no_time_is_asked_again_and_one_that_keeps_failing_is_told() -> None:
    waits: list[float] = []
    failed = {"type": "urn:logic-distillation:problem:function-failed", "detail": "was still running after 500 ms"}
    answers = iter([httpx.Response(422, json=failed), httpx.Response(200, json={"output": {}})])
    api = Api("http://platform.test", KEY, httpx.MockTransport(lambda _: next(answers)), waits.append)
    assert api.post("/tasks/pursuit/decisions", {}) == {"output": {}}
    assert waits == [1.0]
    always = httpx.MockTransport(lambda _: httpx.Response(422, json=failed))
    with pytest.raises(ProblemError, match="422 function-failed: was still running"):
        Api("http://platform.test", KEY, always, waits.append).post("/tasks/pursuit/decisions", {})
    assert len(waits) == 5


def test_a_platform_that_stays_busy_is_given_up(platform: FakePlatform, api: Api) -> None:
    platform.busy = 100
    with pytest.raises(ProblemError, match="503 unavailable"):
        api.get("/students")


def test_all_pages_of_a_list_are_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("cursor")
        return httpx.Response(200, json={"items": [2]} if cursor == "more" else {"items": [1], "next": "more"})

    api = Api("http://platform.test", KEY, transport=httpx.MockTransport(answer))
    assert list(api.pages("/students", task="pursuit")) == [1, 2]


def test_no_platform_is_one_sentence() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    api = Api("http://platform.test", KEY, transport=httpx.MockTransport(refuse))
    with pytest.raises(ExperimentError, match="No platform answers at http"):
        api.get("/students")


def test_a_missing_or_empty_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="cannot be read"):
        read_key(tmp_path / "api-key")
    (tmp_path / "api-key").write_text("\n")
    with pytest.raises(ExperimentError, match="is empty"):
        read_key(tmp_path / "api-key")
