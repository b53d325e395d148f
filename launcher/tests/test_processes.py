from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ld_launcher.home import Home
from ld_launcher.problem import Problem
from ld_launcher.processes import RunFile, exclusive, family, identity_of, memory_mb, stop

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_what_was_started_is_found_again_by_another_command(home: Home, sleeper: subprocess.Popen[bytes]) -> None:
    RunFile(home).add("gateway", sleeper.pid, 8080, home.log("gateway"))
    found = RunFile(home).living()
    assert (found["gateway"].pid, found["gateway"].port) == (sleeper.pid, 8080)


def test_a_process_with_the_same_id_and_another_start_is_not_ours(home: Home, sleeper: subprocess.Popen[bytes]) -> None:
    started = RunFile(home).add("gateway", sleeper.pid, 8080, home.log("gateway"))
    reused = replace(started, identity="an earlier process")
    assert not reused.alive()
    assert stop(reused, signal.SIGKILL, patience=0.1) is False
    assert sleeper.poll() is None


def test_a_killed_process_is_dead_even_before_it_is_reaped(home: Home, sleeper: subprocess.Popen[bytes]) -> None:
    run = RunFile(home)
    started = run.add("gateway", sleeper.pid, 8080, home.log("gateway"))
    os.kill(sleeper.pid, signal.SIGKILL)
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not started.alive()
    assert run.living() == {}
    assert set(run.all()) == {"gateway"}


def test_the_file_goes_with_the_last_process(home: Home, sleeper: subprocess.Popen[bytes]) -> None:
    run = RunFile(home)
    run.add("gateway", sleeper.pid, 8080, home.log("gateway"))
    assert home.run_file.stat().st_mode & 0o777 == 0o600
    run.remove("gateway")
    assert not home.run_file.exists()


def test_a_file_that_a_crash_left_in_halves_means_nothing_runs(home: Home) -> None:
    home.run_file.write_text('{"processes": {"gateway": {"pid"')
    assert RunFile(home).all() == {}


def test_a_process_that_ended_at_once_is_one_sentence(home: Home) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with pytest.raises(Problem, match="gateway ended as soon as it was started; its log is"):
        RunFile(home).add("gateway", gone.pid, 8080, home.log("gateway"))


def test_a_process_that_ignores_the_polite_signal_is_killed(home: Home) -> None:
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    started = RunFile(home).add("gateway", process.pid, 8080, home.log("gateway"))
    assert stop(started, signal.SIGTERM, patience=0.3) is True
    assert identity_of(process.pid) is None
    process.stdout.close()


def test_two_commands_cannot_work_in_one_home(home: Home) -> None:
    with exclusive(home), pytest.raises(Problem, match="Another ./platform command is working"), exclusive(home):
        pass


def test_memory_counts_the_children_too(sleeper: subprocess.Popen[bytes]) -> None:
    assert sleeper.pid in family(os.getpid())
    assert memory_mb(sleeper.pid) > 1
