"""The pages that a newcomer follows are followed: every block of commands as it stands, on a running platform."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from installation import Installation
from ld_launcher.home import REPOSITORY

BLOCKS = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8080"
# Of every call: one that is refused ends the walk, and says why.
STRICT = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; echo; }\n'
OF_A_TRAINED_STUDENT = re.compile(r"^.*/v1/students/triage-ld/.*\n", re.MULTILINE)


def commands(page: str, address: str) -> str:
    """All that the page says, but for starting and stopping, which the installation does."""
    blocks = [block for block in BLOCKS.findall((REPOSITORY / "docs" / page).read_text()) if "./platform " not in block]
    assert len(blocks) > 1
    return "".join(blocks).replace(ADDRESS, address)


@pytest.fixture
def follow(installation: Installation, tmp_path: Path):
    """Runs commands where a newcomer stands, with the key at hand."""
    assert shutil.which("curl"), "the pages call the platform by curl; install it (for example the package curl)"
    (tmp_path / ".platform").mkdir()
    (tmp_path / ".platform" / "api-key").write_text(installation.key())

    def run(script: str) -> subprocess.CompletedProcess[str]:
        shell = ["bash", "-c", script]
        return subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    return run


@pytest.fixture
def address(installation: Installation) -> str:
    return f"http://127.0.0.1:{installation.port}"


def test_the_quick_start(follow, address: str) -> None:
    walked = follow(STRICT + commands("quick-start.md", address))
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert '"same":true' in walked.stdout.replace(" ", "")


def test_the_tutorial(installation: Installation, follow, address: str) -> None:
    page = commands("tutorial.md", address)
    # What it says of the new student needs a worker to train it, as test_distillation.py has; there is none without.
    student = OF_A_TRAINED_STUDENT.findall(page)
    assert len(student) == 2
    walked = follow(STRICT + OF_A_TRAINED_STUDENT.sub("", page))
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert '"chosen"' in walked.stdout
    (job,) = re.findall(r'"id":"([^"]+)","state":"queued"', walked.stdout)
    assert installation.call("DELETE", f"/v1/distillation-jobs/{job}").status < 300
    shell = "".join(line for line in page.splitlines(keepends=True) if re.match(r"(GATEWAY|KEY|JSON)=", line))
    refused = follow(shell + "".join(student))
    assert refused.stdout.count("urn:logic-distillation:problem:unknown-student") == 2, refused.stdout


# What a page of a service shows and this installation can not do (another platform beside, an L-LLM, a worker that
# trains), what stands for something, and what changes how the games are decided, which other tests see. All of it is
# held against the API's document by test_docs.py.
LEFT_OUT = {
    "gateway/README.md": "(?!)",
    "function-base-service/README.md": r"…|\$ELSEWHERE|/generations|flood|scarf|\$ID|import\.json|sunscreen/reviews",
    "inference-service/README.md": (
        r"\$WISH|\$DATASET|\$REPORT|decision-policy|decision-log|LLM|/drift-reports|REMOTE_ENGINES"
    ),
}


def calls(page: str, port: int) -> str:
    """The blocks of a service's page without the lines that are left out, or not at all where such a line goes on."""
    text = (REPOSITORY / page).read_text().replace("127.0.0.1:8080", "localhost:8080")
    kept = ""
    for block in BLOCKS.findall(text):
        lines = block.splitlines(keepends=True)
        out = [line for line in lines if re.search(LEFT_OUT[page], line) and not line.startswith("#")]
        if all(line.startswith(("curl ", "ID=")) and line.count("'") % 2 == 0 and line[-2] != "\\" for line in out):
            kept += "".join(line for line in lines if line not in out)
    return kept.replace("localhost:8080", f"127.0.0.1:{port}")


@pytest.mark.parametrize("page", LEFT_OUT)
def test_a_services_page(installation: Installation, follow, page: str) -> None:
    decision = f"export ID={installation.decide(installation.example()).body['id']}\n"
    script = calls(page, installation.port)
    assert len(re.findall(r"\bcurl ", script)) > 1
    walked = follow(STRICT + decision + script)
    assert walked.returncode == 0, walked.stdout[-3000:] + walked.stderr[-3000:]
