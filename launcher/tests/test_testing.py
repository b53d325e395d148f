from __future__ import annotations

from pathlib import Path

import pytest

from ld_launcher import llama, testing
from ld_launcher.home import REPOSITORY, Home
from ld_launcher.progress import Progress
from ld_launcher.testing import DEFAULT_PARTS, PARTS, Totals, read_report


def test_counts_of_surefire_and_of_pytest_add_up(tmp_path: Path) -> None:
    surefire = tmp_path / "TEST-a.xml"
    surefire.write_text('<testsuite name="a" tests="5" failures="1" errors="1" skipped="1"/>')
    pytest_report = tmp_path / "pytest.xml"
    pytest_report.write_text('<testsuites><testsuite tests="3" failures="0" errors="0" skipped="0"/></testsuites>')
    total = read_report(surefire) + read_report(pytest_report)
    assert total == Totals(passed=5, failed=2, skipped=1)
    assert total.line() == "5 passed, 2 failed, 1 skipped"


def test_a_build_that_failed_before_any_test_counts_as_a_failure() -> None:
    broken = Totals().checked(1, "the build")
    assert broken.failed == 1
    assert broken.told == ("Failed: the build, though no test of it did (exit code 1).",)
    assert Totals(passed=3).checked(0, "the build").line() == "3 passed, 0 failed"
    assert Totals(passed=3, failed=1).checked(1, "the build") == Totals(passed=3, failed=1)


def test_every_test_that_failed_is_named_with_what_it_said_first(tmp_path: Path) -> None:
    surefire = tmp_path / "TEST-a.xml"
    surefire.write_text(
        '<testsuite tests="3" failures="0" errors="1" skipped="0" flakes="1">'
        '<testcase name="decides" classname="a.Of"/>'
        '<testcase name="waits" classname="a.Of"><error message="gave up after 2 s&#10;at line 7" type="E"/></testcase>'
        '<testcase name="races" classname="a.Of"><flakyFailure message="1 is not 2" type="F"/></testcase>'
        "</testsuite>"
    )
    total = read_report(surefire)
    assert total.line() == "2 passed, 1 failed"
    assert total.told == (
        "Failed: a.Of.waits: gave up after 2 s",
        "Flaky, passed when run again: a.Of.races: 1 is not 2",
    )


def test_tests_of_a_real_server_run_only_where_they_are_asked_for() -> None:
    assert set(PARTS) - set(DEFAULT_PARTS) >= {"engines", "compose"}
    module = REPOSITORY / "inference-service"
    assert "<excludedGroups>real-server</excludedGroups>" in (module / "pom.xml").read_text()
    tagged = [path.stem for path in module.glob("src/test/**/*.java") if '@Tag("real-server")' in path.read_text()]
    assert tagged == ["RealCompletionsTest"]


def test_adapters_are_tried_in_llama_cpp_only_where_it_is_asked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = REPOSITORY / "distillation-service" / "worker"
    assert "-m 'not llama'" in (worker / "pyproject.toml").read_text()
    marked = [path.name for path in worker.glob("tests/test_*.py") if "pytest.mark.llama" in path.read_text()]
    assert marked == ["test_llama.py"]
    monkeypatch.setattr(llama, "ensure", lambda *_: Path("/llama/bin/python"))
    monkeypatch.setattr(testing, "_fetch_packages", lambda *_: None)
    suite = testing._asking_llama(home, Progress())
    assert suite.folder == home.repository / "distillation-service" / "worker"
    assert suite.tests == ("-m", "llama")
    named = next(iter(suite.env))
    assert suite.env[named] == "/llama/bin/python"
    assert f'"{named}"' in (worker / "tests" / "test_llama.py").read_text()
