from __future__ import annotations

import shutil
import socket
from collections import namedtuple

import pytest

from ld_launcher import checks
from ld_launcher.checks import Check
from ld_launcher.home import Home
from ld_launcher.problem import Problem

Usage = namedtuple("Usage", "total used free")


def test_a_port_in_use_names_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check = checks.port_check("gateway", server.getsockname()[1])
    assert not check.ok
    assert "PLATFORM_GATEWAY_PORT" in check.detail


def test_a_listener_on_every_address_is_seen() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert not checks.port_is_free(server.getsockname()[1])
    assert checks.port_is_free(checks.free_port())


def test_ports_of_our_own_processes_are_not_examined(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        points = checks.before_start(home, {"gateway": server.getsockname()[1]}, {"gateway"})
    assert not [point for point in points if point.name.startswith("port")]


def test_too_little_disk_is_one_sentence(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10e9, 9e9, 1e9))
    check = checks.disk_check(home)
    assert not check.ok
    assert check.detail.startswith("Only 1.0 GB are free")


def test_too_little_memory_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "available_memory_gb", lambda: 1.2)
    assert not checks.memory_check(running=False).ok
    assert checks.memory_check(running=True).ok


def test_every_wrong_point_is_said_at_once() -> None:
    with pytest.raises(Problem, match="first thing\nsecond thing"):
        checks.demand([Check("a", False, "first thing"), Check("b", True, "fine"), Check("c", False, "second thing")])
