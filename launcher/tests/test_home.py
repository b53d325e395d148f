from __future__ import annotations

import json
from pathlib import Path

import pytest

from ld_launcher.home import Home, ports_from, read_json, write_private
from ld_launcher.problem import Problem


def test_state_and_cache_lie_in_the_checkout_unless_told_otherwise() -> None:
    home = Home.from_environment({})
    assert home.root == home.repository / ".platform"
    assert home.cache == home.root


def test_the_cache_follows_the_home_unless_it_is_named(tmp_path: Path) -> None:
    assert Home.from_environment({"PLATFORM_HOME": str(tmp_path)}).cache == tmp_path
    named = Home.from_environment({"PLATFORM_HOME": str(tmp_path), "PLATFORM_CACHE": "/elsewhere"})
    assert named.cache == Path("/elsewhere")


def test_an_offset_shifts_every_default_port_and_a_named_port_beats_it() -> None:
    ports = ports_from({"PLATFORM_PORT_OFFSET": "100", "PLATFORM_GATEWAY_PORT": "9000"})
    assert ports == {
        "gateway": 9000,
        "function-base-service": 8181,
        "distillation-service": 8182,
        "inference-service": 8183,
        "postgres": 54429,
    }


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_one_clear_sentence(value: str) -> None:
    with pytest.raises(Problem, match="PLATFORM_GATEWAY_PORT is .*whole number from 1 to 65535"):
        ports_from({"PLATFORM_GATEWAY_PORT": value})


def test_two_services_on_one_port_are_refused() -> None:
    with pytest.raises(Problem, match="both given port 8081; change PLATFORM_FUNCTION_BASE_PORT"):
        ports_from({"PLATFORM_GATEWAY_PORT": "8081"})


def test_a_private_file_is_readable_by_its_owner_only_even_when_replaced(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_half_a_json_file_counts_as_none(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    assert read_json(file) is None
    file.write_text('{"processes": {')
    assert read_json(file) is None
    file.write_text(json.dumps({"a": 1}))
    assert read_json(file) == {"a": 1}
