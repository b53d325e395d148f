"""The pages that show calls are followed: every block of commands as it stands, on a running platform."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import Installation, installed
from ld_launcher.home import REPOSITORY
from llm import llm
from pages import blocks
from worker import worker

pytestmark = pytest.mark.e2e

# Of every call: one that is refused ends the walk, and says why.
STRICT = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; echo; }\n'
NOT_HERE = {
    "clients/java/README.md": "test_clients.py runs it",
    "clients/typescript/README.md": "test_clients.py runs it",
    "k8s/README.md": "ld_launcher/handbook.py runs it, on a cluster",
    "function-runtime/engine/README.md": "builds the engine anew, which takes a compiler for WebAssembly",
    "SECURITY.md": "checks an image of a release in its registry",
}
"""Pages whose commands call no platform."""
# Learning in earnest takes a few hundred corrections and some minutes; what the page says comes of it needs neither.
IN_EARNEST, BRIEFLY = '"ways": ["recall"]', '"ways": ["recall"], "steps": 6, "checkEvery": 6, "checkRows": 10'
REQUESTS = [
    {"harm": harm, "customer": customer, "waited": waited}
    for harm in ("outage", "annoyance", "question")
    for customer in ("paying", "trial")
    for waited in (0, 30)
]
# Which episodes are held out follows from their names: of these some are, with either share that the pages ask for.
EPISODES = [str(uuid.UUID(int=47 + number)) for number in range(len(REQUESTS))]
TRIAGE = "/v1/tasks/triage"
# The same job once more would take another minute: the next student is the first one under the next name.
THE_NEXT_ONE = """
STUDENTS=$GATEWAY/v1/students
curl -s $STUDENTS/triage-ld -H "$KEY" | python3 -c '
import json, sys; print(json.dumps({**json.load(sys.stdin)["manifest"], "name": "triage-2"}))' > manifest.json
for file in adapter activations; do command curl -sf $STUDENTS/triage-ld/files/$file -H "$KEY" > $file; done
curl -s $STUDENTS -H "$KEY" -F adapter=@adapter -F activations=@activations \\
  -F "manifest=@manifest.json;type=application/json"
curl -s $STUDENTS/triage-2/promotions -H "$KEY" -H "$JSON" -d '{"reason": "the next one"}'
"""
PATIENCE_S = 900


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, neighbours_key: Path) -> Iterator[Installation]:
    """An installation that pages may do with as they like. It has an L-LLM, and asks little of students."""
    with (
        llm() as url,
        installed(
            tmp_path_factory.mktemp("beside") / "home",
            PLATFORM_SNAPSHOT_KEY_FILE=str(neighbours_key),
            PLATFORM_LLM_URL=url,
            PLATFORM_LLM_MODEL="large",
            PLATFORM_LLM_API_KEY="sk-test",
            PLATFORM_LLM_ALLOW_PRIVATE_ADDRESSES="true",
            PLATFORM_GATE_LEASTAGREEMENT="0",
            PLATFORM_GATE_LEASTROWS="1",
            PLATFORM_GATE_MOSTCALIBRATIONERROR="1",
            SPRING_APPLICATION_JSON="{}",
        ) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def follow(place: Installation, installation: Installation, tmp_path_factory: pytest.TempPathFactory):
    """Runs commands where a newcomer stands, with the key at hand and another installation to send things to."""
    assert shutil.which("curl"), "the pages call the platform by curl; install it (for example the package curl)"
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / ".platform").mkdir()
    (folder / ".platform" / "api-key").write_text(place.key())
    elsewhere = f"ELSEWHERE=http://127.0.0.1:{installation.port}\nTHERE='Authorization: Bearer {installation.key()}'\n"

    def run(script: str) -> str:
        assert "curl " in script
        script = STRICT + elsewhere + script.replace("127.0.0.1:8080", "localhost:8080")
        script = script.replace("localhost:8080", f"127.0.0.1:{place.port}")
        shell = ["bash", "-c", script]
        walked = subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert walked.returncode == 0, walked.stdout[-3000:] + walked.stderr[-3000:]
        return walked.stdout

    return run


def typed(page: str) -> list[str]:
    """All that a page has one type, but for starting and stopping the platform, which the installation does."""
    found = blocks((REPOSITORY / page).read_text(), "sh")
    return [block for block in found if not block.startswith("./platform ")]


def test_the_quick_start(follow) -> None:
    walked = follow("".join(typed("docs/quick-start.md")))
    assert '"same":true' in walked.replace(" ", "")


@pytest.mark.parametrize("page", ["README.md", "gateway/README.md", "function-base-service/README.md"])
def test_a_page_of_calls(follow, page: str) -> None:
    follow("".join(typed(page)))


def test_the_page_of_decisions(place: Installation, follow) -> None:
    """On it a wish is taken back, so there is one: the L-LLM is asked about a state, and says that nothing fits."""
    policy = "/v1/tasks/pursuit/decision-policy"
    unsure = {"below": "escalate", "thresholds": {"target": 1}, "escalation": {"tokensPerDay": 200_000}}
    assert place.call("PUT", policy, unsure).status == 200
    assert place.decide(place.example()).body["stages"][0]["doubt"]["escalation"] == "nothing-fits"
    assert place.call("PUT", policy, {}).status == 200
    follow("".join(typed("inference-service/README.md")))


def test_the_function_that_remembers(place: Installation) -> None:
    """Of the page on episodes: it keeps to the target of the decision before."""
    page = (REPOSITORY / "inference-service" / "README.md").read_text()
    (source,) = blocks(page, "js")
    first, second = ({"targets": [{"id": target}]} for target in "ab")
    targets = {"type": "array", "items": {"type": "object"}, "minItems": 1}
    output = {"type": "object", "properties": {"target": {"type": "string"}}, "required": ["target"]}
    task = {
        "name": "keeper", "rules": "Keep to a target.", "memory": 2, "outputSchema": output,
        "stateSchema": {"type": "object", "properties": {"targets": targets}, "examples": [first]},
        "stages": [{"name": "target", "instruction": "Choose who is followed.", "k": 1}],
    }  # fmt: skip
    function = {
        "name": "keep", "stage": "target", "handle": "keep", "manual": "Always.", "language": "javascript",
        "source": source, "tests": [{"state": first, "earlier": {"steps": []}, "output": {"target": "a"}}],
    }  # fmt: skip
    assert place.call("POST", "/v1/tasks", task).status == 201
    assert place.call("POST", "/v1/tasks/keeper/functions", function).status == 201
    assert place.call("POST", "/v1/tasks/keeper/snapshots", {}).status == 201
    kept = {"episode": str(uuid.uuid4()), "choices": {"target": "keep"}}
    decided = [place.call("POST", "/v1/tasks/keeper/decisions", {"state": s, **kept}) for s in (first, second)]
    assert [answer.body["output"] for answer in decided] == [{"target": "a"}] * 2


@pytest.fixture(scope="module")
def taught(place: Installation, follow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the tutorial's calls answered, up to its last block; a worker does its job before those on the student."""
    *before, promoted, rolled_back, farewell = typed("docs/tutorial.md")
    (corrections,) = (i for i, block in enumerate(before) if "> rows.ndjson" in block)
    said = follow("".join(before[:corrections]))
    for state, episode in zip(REQUESTS, EPISODES, strict=True):
        made = place.call("POST", f"{TRIAGE}/decisions", {"state": state, "episode": episode}).body["id"]
        better = {"stage": "route", "correction": _queue(**state)}
        assert place.call("POST", f"/v1/decisions/{made}/feedback", better).status == 201
    shell = before[0]
    said += follow(shell + "".join(before[corrections:]).replace(IN_EARNEST, BRIEFLY))
    (job,) = re.findall(r'"id":"([^"]+)","state":"queued"', said)
    with worker(place, tmp_path_factory.mktemp("worker")):
        assert _ended(place, job) == "completed"
    said += follow(shell + promoted)
    said += follow(shell + THE_NEXT_ONE + rolled_back)
    yield said
    follow(shell + farewell)


def _queue(harm: str, customer: str, waited: int) -> str:
    if harm == "outage" and customer == "paying":
        return "at_once"
    return "same_day" if waited > 24 or (harm, customer) == ("annoyance", "paying") else "when_quiet"


def _ended(place: Installation, job: str) -> str:
    end = time.monotonic() + PATIENCE_S
    while True:
        state = place.call("GET", f"/v1/distillation-jobs/{job}").body["state"]
        if state not in ("queued", "running") or time.monotonic() > end:
            return state
        time.sleep(1)


def test_the_tutorial(taught: str) -> None:
    assert '"chosen"' in taught
    assert '"agreement"' in taught


def test_the_page_of_distillation(place: Installation, taught: str, follow) -> None:
    """It goes on where the tutorial ends, with a task whose policy hands every decision to the L-LLM."""
    handed = {"below": "escalate", "thresholds": {"route": 1}, "escalation": {"tokensPerDay": 200_000}}
    assert place.call("PUT", f"{TRIAGE}/decision-policy", handed).status == 200
    for state, episode in zip(REQUESTS, EPISODES, strict=True):
        place.call("POST", f"{TRIAGE}/decisions", {"state": state, "episode": episode})
    key = f"KEY={place.key()}\n"
    said = follow(key + "".join(typed("distillation-service/README.md")))
    assert '"percent":10' in said


def test_every_command_of_every_page_is_run_by_a_test() -> None:
    pages = {str(path.relative_to(REPOSITORY)) for path in REPOSITORY.rglob("*.md") if "node_modules" not in path.parts}
    shown = {page for page in pages if not page.startswith(".platform") and typed(page)}
    here = Path(__file__).read_text()
    assert {page for page in shown if page not in NOT_HERE and f'"{page}"' not in here} == set()
    assert set(NOT_HERE) <= shown
