"""The platform as a user meets it: one command, a real decision, bad input, a lost database, and nothing left behind.

The tests of this file run in their order, on one installation in a home of its own, and remove it at the end.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jevcompat import runner
from openai import OpenAI
from typesafe_sdk import Choice, TypeSafeClient, TypeSafeNotFoundError

from installation import Answer, Installation
from ld_launcher.home import SERVICE_PORTS
from ld_launcher.processes import RunFile

pytestmark = pytest.mark.e2e

PROBLEM = "urn:logic-distillation:problem:"
MEGABYTE = 1024 * 1024
QUICK_S = 1200
"""Twice what all quick experiments may take on two quiet cores."""


def test_a_decision_goes_through_every_stage(installation: Installation) -> None:
    task = installation.call("GET", "/v1/tasks/pursuit").body
    answer = installation.decide(task["stateSchema"]["examples"][0])
    assert answer.status in (200, 201), answer.body
    decision = answer.body
    assert [stage["stage"] for stage in decision["stages"]] == [stage["name"] for stage in task["stages"]]
    for stage, described in zip(decision["stages"], task["stages"], strict=True):
        assert 0 < len(stage["candidates"]) <= described["k"]
        assert 0 < sum(candidate["probability"] for candidate in stage["candidates"]) <= 1 + 1e-6
        assert stage["chosen"] in {candidate["function"] for candidate in stage["candidates"]}
        assert all(candidate["version"].startswith("sha256:") for candidate in stage["candidates"])
    assert decision["output"] == decision["stages"][-1]["output"]
    logged = installation.call("GET", f"/v1/decisions/{decision['id']}").body
    assert logged["output"] == decision["output"]


def test_the_same_state_gets_the_same_answer(installation: Installation) -> None:
    state = installation.example()
    first, second = installation.decide(state).body, installation.decide(state).body
    assert first["id"] != second["id"]
    assert [stage["chosen"] for stage in first["stages"]] == [stage["chosen"] for stage in second["stages"]]


def test_a_correction_becomes_a_row_of_a_dataset_that_the_service_collects(installation: Installation) -> None:
    decision = installation.decide(installation.example()).body
    stage = decision["stages"][0]
    right = next(
        candidate["function"]
        for candidate in stage["candidates"]
        if candidate["function"] != stage["chosen"]
        and installation.call(
            "POST",
            f"/v1/decisions/{decision['id']}/feedback",
            {"stage": stage["stage"], "correction": candidate["function"]},
        ).status
        == 201
    )
    assert installation.call("POST", "/v1/datasets", {"name": "corrected", "task": "pursuit"}).status == 201
    collected = installation.call("POST", "/v1/datasets/corrected/collections", {"source": "feedback"})
    assert collected.status == 201, collected.body
    assert collected.body["version"]["rows"] == collected.body["report"]["accepted"] >= 1
    rows = installation.call("GET", f"/v1/datasets/corrected/trajectories?stage={stage['stage']}").body["items"]
    (row,) = (row["trajectory"] for row in rows if row["trajectory"]["view"] == stage["view"])
    assert row["chosen"] == right
    again = installation.call("POST", "/v1/datasets/corrected/collections", {"source": "feedback"})
    assert (again.status, again.body["version"]) == (200, collected.body["version"])
    nothing = installation.call("POST", "/v1/datasets/corrected/collections", {"source": "escalations"})
    assert (nothing.status, nothing.body["report"]["lines"]) == (200, 0)


def test_the_gate_heeds_what_a_student_gets_and_how_long_it_takes_beside_the_one_that_serves(
    installation: Installation,
) -> None:
    students = installation.call("GET", "/v1/students?task=pursuit").body["items"]
    serving = next(one["id"] for one in students if one["promoted"])
    untuned = next(one["id"] for one in students if one["name"] == "untuned")
    made = installation.call("POST", "/v1/datasets", {"name": "to-time-on", "task": "pursuit", "heldOut": 0.5})
    assert made.status == 201, made.body
    ndjson = {"Content-Type": "application/x-ndjson"}
    sent = installation.call(
        "POST", f"/v1/datasets/{made.body['id']}/trajectories", rows_like(installation, 24), **ndjson
    )
    assert sent.body["refused"] == 0, sent.body

    for _ in range(10):
        timed = installation.call("POST", f"/v1/students/{untuned}/timings", {"dataset": "to-time-on", "rows": 6})
        if timed.status != 503:  # as it is while a student is being loaded
            break
        time.sleep(3)
    assert timed.status == 201, timed.body
    assert timed.body["serving"] == serving
    for stage in timed.body["stages"]:
        # The untuned model reads every manual entry, the distilled one remembers them.
        assert (stage["student"]["way"], stage["serving"]["way"]) == ("reading", "recall")
        assert stage["student"]["p50Ms"] > stage["serving"]["p50Ms"] > 0

    for student, reward in ((serving, 1), (untuned, 0)):
        episodes = [{"seed": seed, "reward": reward, "teacher": 1} for seed in range(30)]
        report = {"environment": "pursuit", "version": "a-test", "episodes": episodes}
        assert installation.call("POST", f"/v1/students/{student}/rewards", report).status == 201
    refused = installation.call("POST", f"/v1/students/{untuned}/promotions", {})
    assert refused.body["type"] == PROBLEM + "gate-refused"
    assert "reward in pursuit: 0.000, the serving student has 1.000" in refused.body["detail"]
    (shown,) = installation.call("GET", f"/v1/evaluations?student={untuned}").body["items"]
    assert shown["timing"] == timed.body
    assert shown["rewards"][0]["serving"]["difference"]["value"] == -1


def rows_like(installation: Installation, episodes: int) -> bytes:
    """Trajectories with what a decision of the game shows, each in other words than the others."""
    decision = installation.decide(installation.example()).body
    functions = installation.call("GET", "/v1/tasks/pursuit/snapshots/active").body["functions"]
    known = {function["name"]: function for function in functions}
    lines = [
        {
            "episode": f"e{episode}", "stage": stage["stage"], "view": f"{stage['view']} Turn {episode}.",
            "candidates": [
                {"function": name, "handle": known[name]["handle"], "manual": known[name]["manual"]}
                for name in (candidate["function"] for candidate in stage["candidates"])
            ],
            "chosen": stage["chosen"],
        }
        for episode in range(episodes) for stage in decision["stages"]
    ]  # fmt: skip
    return "\n".join(json.dumps(line) for line in lines).encode()


def test_it_conforms_to_system_one(installation: Installation) -> None:
    report = runner.run(f"http://127.0.0.1:{installation.port}", key=installation.key(), timeout=60)
    failures = [f"{r.id}: {f.message}" for r in report.results if r.status == "fail" for f in r.findings]
    assert report.verdict == "conformant", (report.aborted, report.inconclusive, failures)
    assert not failures
    # The 33rd MUST is for servers without keys.
    assert (report.count("MUST", "pass"), report.count("SHOULD", "pass")) == (32, 15)


def test_the_official_client_of_system_one_works(installation: Installation) -> None:
    options = {"Billing": "Payments, invoices, refunds", "Technical": "Bugs and outages", "none": None}
    address = f"http://127.0.0.1:{installation.port}"
    with TypeSafeClient(api_key=installation.key(), base_url=address, compression="zstd", timeout=60) as client:
        assert {"untuned", "pursuit-ld", "jev-latest"} <= {model.name for model in client.models.list().models}
        state = {"body": "I was charged twice. " * 80}  # long enough to be sent compressed
        questions = {"team": Choice(instructions="Which team?", criteria=options)}
        turned = {"team": Choice(instructions="Which team?", criteria=dict(reversed(options.items())))}
        answer = client.system_one(state=state, questions=questions, model="pursuit-ld").choices["team"]
        assert client.system_one(state=state, questions=turned, model="pursuit-ld").choices["team"] == answer
        with pytest.raises(TypeSafeNotFoundError):
            client.system_one(state="x", questions=questions, model="nobody")


def test_the_official_client_of_openai_works(installation: Installation) -> None:
    with OpenAI(api_key=installation.key(), base_url=f"http://127.0.0.1:{installation.port}/v1", timeout=60) as client:
        assert "pursuit-ld" in {model.id for model in client.models.list()}
        decision = client.decisions.create(
            model="untuned",
            input=[{"role": "user", "content": [{"type": "input_json", "data": {"amount": 9}}]}],
            questions=[
                {"type": "predicate", "instructions": "Is the amount high?"},
                {"type": "choice", "name": "c", "instructions": "Pay?", "choices": [{"value": True}, {"value": False}]},
            ],
        )
        assert [answer.type for answer in decision.answers] == ["predicate", "choice"]
        assert sum(each.probability for each in decision.answers[1].probabilities) == pytest.approx(1)
        assert decision.usage.input_tokens > 0


@pytest.mark.parametrize(
    ("event", "stage", "function"),
    [
        ({"kind": "decoy", "target": "a"}, "target", "genuine"),
        ({"kind": "whistle"}, "approach", "stand_still"),
        ({"kind": "gate", "cells": [{"x": 7, "y": 7}]}, "approach", "ambush"),
    ],
)
def test_a_function_that_no_student_was_trained_on_is_chosen_when_its_event_happens_and_left_alone_when_it_is_over(
    installation: Installation, event: dict[str, Any], stage: str, function: str
) -> None:
    state = installation.call("GET", "/v1/tasks/emergencies").body["stateSchema"]["examples"][0]
    chosen = {}
    for now in (True, False):
        asked = {"state": state | {"event": event | {"now": now}}}
        decision = installation.call("POST", "/v1/tasks/emergencies/decisions", asked).body
        chosen[now] = next(found["chosen"] for found in decision["stages"] if found["stage"] == stage)
    assert chosen[True] == function
    assert chosen[False] != function


@pytest.mark.parametrize(
    "words",
    [
        ["all", "--quick", "--expect", "ld,kd,untuned"],
        # Nothing is known by heart there: whoever can not read its functions chooses like a die.
        ["pursuit-renamed", "--policies", "random,ld", "--episodes", "1", "--expect", "ld,random"],
    ],
)
def test_a_small_model_that_chooses_does_better_than_one_that_copies_and_than_one_that_knows_nothing(
    installation: Installation, words: list[str]
) -> None:
    answer = installation.platform("experiment", *words, timeout=QUICK_S)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_second_up_says_that_it_runs(installation: Installation) -> None:
    before = RunFile(installation.home).living()
    answer = installation.platform("up")
    assert answer.returncode == 0
    assert "runs already" in answer.stderr
    assert RunFile(installation.home).living() == before


def test_doctor_and_status_see_everything_in_order(installation: Installation) -> None:
    doctor = installation.platform("doctor")
    assert doctor.returncode == 0, doctor.stdout
    status = installation.platform("status")
    assert status.returncode == 0
    assert all(name in status.stdout for name in SERVICE_PORTS)
    memory = next(line for line in status.stdout.splitlines() if line.startswith("memory of all"))
    assert int(memory.split()[-2]) < 4096


def test_the_key_and_the_secrets_are_private(installation: Installation) -> None:
    for file in (installation.home.key_file, installation.home.secrets_file, installation.home.keys_file):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_second_home_on_the_same_ports_is_one_clear_sentence(installation: Installation, tmp_path: Path) -> None:
    other = replace(installation, env={**installation.env, "PLATFORM_HOME": str(tmp_path / "other")})
    answer = other.platform("up")
    assert answer.returncode == 1
    assert f"Port {installation.port} (for gateway) is used by another program" in answer.stderr
    assert "Traceback" not in answer.stderr


def expect(answer: Answer, status: int, slug: str) -> None:
    assert answer.status == status, answer.body
    assert answer.body["type"] == PROBLEM + slug
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "trace" not in answer.body
    assert "Exception" not in json.dumps(answer.body)


def test_malformed_json_is_a_problem(installation: Installation) -> None:
    answer = installation.call("POST", "/v1/tasks/pursuit/decisions", b'{"state": {')
    expect(answer, 400, "malformed-json")


def test_an_invalid_state_names_the_failing_pointer(installation: Installation) -> None:
    state = installation.example()
    state["me"]["x"] = "three"
    answer = installation.decide(state)
    expect(answer, 422, "invalid-state")
    assert answer.body["pointer"] == "/me/x"
    assert answer.body["errors"][0]["pointer"] == "/me/x"


def test_an_unknown_task_is_a_problem(installation: Installation) -> None:
    expect(installation.call("POST", "/v1/tasks/chess/decisions", {"state": {}}), 404, "unknown-task")


def test_no_key_and_a_wrong_key_are_refused(installation: Installation) -> None:
    body = {"state": installation.example()}
    path = "/v1/tasks/pursuit/decisions"
    expect(installation.call("POST", path, body, Authorization=""), 401, "unauthenticated")
    expect(installation.call("POST", path, body, Authorization="Bearer ld_wrong"), 401, "unauthenticated")


def test_a_body_over_a_megabyte_is_refused(installation: Installation) -> None:
    body = b'{"state": "' + b"x" * (MEGABYTE + 1) + b'"}'
    expect(installation.call("POST", "/v1/tasks/pursuit/decisions", body), 413, "too-large")


def test_without_postgres_a_decision_is_a_503_and_works_again_when_it_is_back(installation: Installation) -> None:
    state = installation.example()
    postgres = RunFile(installation.home).living()["postgres"]
    os.kill(postgres.pid, signal.SIGINT)
    while postgres.alive():
        time.sleep(0.1)
    refused = installation.decide(state)
    expect(refused, 503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert installation.platform("doctor").returncode == 1
    others = {name: p for name, p in RunFile(installation.home).living().items() if name != "postgres"}
    assert len(others) == len(SERVICE_PORTS) - 1
    again = installation.platform("up")
    assert again.returncode == 0, again.stderr
    assert installation.decide(state).status in (200, 201)
    assert {n: p for n, p in RunFile(installation.home).living().items() if n != "postgres"} == others


def test_what_was_destroyed_is_restored_and_decides_as_before(installation: Installation, tmp_path: Path) -> None:
    before = installation.decide(installation.example()).body
    students = installation.call("GET", "/v1/students").body
    key = installation.key()
    backed_up = installation.platform("backup", str(tmp_path / "backups"))
    assert backed_up.returncode == 0, backed_up.stderr
    after = installation.decide(installation.example()).body
    assert installation.platform("down", "--wipe").returncode == 0
    assert not installation.home.secrets_file.exists()
    restored = installation.platform("restore", str(tmp_path / "backups"))
    assert restored.returncode == 0, restored.stderr
    assert installation.platform("restore", str(tmp_path / "backups")).returncode == 1
    up = installation.platform("up")
    assert up.returncode == 0, up.stderr
    assert installation.key() == key
    assert installation.call("GET", "/v1/students").body == students
    assert installation.call("GET", f"/v1/decisions/{before['id']}").body["output"] == before["output"]
    replay = installation.call("POST", f"/v1/decisions/{before['id']}/replays", {})
    assert (replay.status, replay.body["same"]) == (200, True), replay.body
    assert installation.decide(installation.example()).body["output"] == before["output"]
    expect(installation.call("GET", f"/v1/decisions/{after['id']}"), 404, "unknown-decision")


def test_down_stops_all_of_it_and_keeps_the_data_and_a_wipe_removes_it(installation: Installation) -> None:
    processes = RunFile(installation.home).living()
    key = installation.key()
    down = installation.platform("down")
    assert down.returncode == 0, down.stderr
    assert not [name for name, process in processes.items() if process.alive()]
    assert not installation.home.run_file.exists()
    assert installation.key() == key
    assert "Nothing runs" in installation.platform("down").stderr
    wiped = installation.platform("down", "--wipe")
    assert "fetched or built only once" in wiped.stderr
    assert not installation.home.key_file.exists()
    assert not installation.home.secrets_file.exists()
    assert not (installation.home.root / "postgres").exists()
