from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ld_launcher import artifacts, build, llama, testing
from ld_launcher.home import Home
from ld_launcher.progress import Progress
from ld_launcher.testing import Totals, read_report


def test_counts_of_surefire_and_of_pytest_add_up(tmp_path: Path) -> None:
    surefire = tmp_path / "TEST-a.xml"
    surefire.write_text('<testsuite name="a" tests="5" failures="1" errors="1" skipped="1"/>')
    pytest_report = tmp_path / "pytest.xml"
    pytest_report.write_text('<testsuites><testsuite tests="3" failures="0" errors="0" skipped="0"/></testsuites>')
    total = read_report(surefire) + read_report(pytest_report)
    assert total == Totals(passed=5, failed=2, skipped=1)
    assert total.line() == "5 passed, 2 failed, 1 skipped"


def test_a_build_that_failed_before_any_test_counts_as_a_failure() -> None:
    assert Totals().checked(1) == Totals(failed=1)
    assert Totals(passed=3).checked(0).line() == "3 passed, 0 failed"
    assert Totals(passed=3, failed=1).checked(1) == Totals(passed=3, failed=1)


@pytest.mark.parametrize("built", [True, False])
def test_the_java_tests_meet_a_llama_server_where_one_has_been_built(
    built: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    def run(command: list[str], cwd: Path, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[bytes]:
        seen.update(env)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(build, "maven", lambda home, java_home: (["mvn"], {}))
    monkeypatch.setattr(artifacts, "model_file", lambda home: Path("model.gguf"))
    monkeypatch.setattr(llama, "is_built", lambda home: built)
    monkeypatch.setattr(llama, "serve", lambda home, progress, stack, scores: "http://127.0.0.1:4711")
    monkeypatch.setattr(subprocess, "run", run)
    testing._java(Home(tmp_path, tmp_path, tmp_path), Path("jdk"), True, Progress())
    assert seen.get("PLATFORM_TEST_LLAMA_SERVER") == ("http://127.0.0.1:4711" if built else None)
    assert seen["PLATFORM_MODEL_FILE"] == "model.gguf"


def test_no_llama_server_is_built_in_a_new_home(tmp_path: Path) -> None:
    assert not llama.is_built(Home(tmp_path, tmp_path, tmp_path))
