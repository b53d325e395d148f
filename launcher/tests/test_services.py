from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ld_launcher import services
from ld_launcher.credentials import Credentials
from ld_launcher.home import REPOSITORY, Home, ports_from


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        ("Starting\n\nDescription:\n\nWeb server failed to start. Port in use.\n\nAction:\n\nStop it.\n", "Web server"),
        ("INFO fine\nCaused by: first\n at x\nCaused by: the deepest\n at y\n", "Caused by: the deepest"),
        ("Error: Unable to access jarfile app.jar\n", "Error: Unable to access jarfile"),
        ("one\ntwo\n\n", "two"),
        ("", "it wrote nothing"),
    ],
)
def test_the_line_that_says_why_is_found(tmp_path: Path, log: str, cause: str) -> None:
    file = tmp_path / "gateway.log"
    file.write_text(log)
    assert services.cause_of_death(file).startswith(cause)


def test_each_service_gets_its_own_database_and_no_other(home: Home) -> None:
    plan = {s.name: s.environment for s in services.all_services(home, ports_from({}), Credentials.of(home))}
    assert plan["function-base-service"]["PLATFORM_DB_URL"].endswith("54329/function_base")
    assert plan["inference-service"]["PLATFORM_DB_USER"] == "inference"
    assert plan["gateway"]["PLATFORM_DB_URL"].endswith("54329/gateway")
    passwords = [e["PLATFORM_DB_PASSWORD"] for e in plan.values() if "PLATFORM_DB_PASSWORD" in e]
    assert len(set(passwords)) == 4


def test_services_listen_on_this_machine_only(home: Home) -> None:
    plan = services.all_services(home, ports_from({}), Credentials.of(home))
    assert {s.environment["SERVER_ADDRESS"] for s in plan} == {"127.0.0.1"}


def test_images_start_services_by_the_options_that_up_does() -> None:
    image = (REPOSITORY / "launcher" / "images" / "service.Dockerfile").read_text(encoding="utf-8")
    entry = re.search(r"^ENTRYPOINT (\[.*\])$", image, re.MULTILINE)
    assert entry
    start = json.loads(entry[1])
    # Stacks and encodings are the base image's; its heap follows the container.
    here = {option for option in services.COMMON_JAVA_OPTIONS if not option.startswith(("-Xss", "-Dfile"))}
    assert here <= set(start)


def test_no_answer_is_status_zero() -> None:
    assert services.get("http://127.0.0.1:1/") == (0, b"")
