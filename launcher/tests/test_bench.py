"""The parts of the benchmarks that compute and fetch; the figures themselves are for `./platform bench`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from ld_launcher import bench, gateway_bench, nginx, vegeta
from ld_launcher.__main__ import parser
from ld_launcher.figures import Figure
from ld_launcher.gateway_bench import Way
from ld_launcher.home import REPOSITORY, Home
from ld_launcher.problem import Problem
from ld_launcher.processes import cpu_seconds, peak_memory_mb
from ld_launcher.progress import Progress
from ld_launcher.vegeta import Generator, Load


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for variable in (vegeta.VARIABLE, nginx.VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    return folder


def program(place: Path, text: str = "exit 0") -> Path:
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return place


def report(**changed: object) -> str:
    told = {
        "requests": 1000, "throughput": 999.5, "status_codes": {"200": 1000}, "errors": [],
        "latencies": {"50th": 400_000, "99th": 2_500_000},
    }  # fmt: skip
    return json.dumps(told | changed)


def load(p50: float, p99: float, failed: int = 0) -> Load:
    return Load(requests=1000, failed=failed, p50=p50, p99=p99, rate=1000)


def test_a_report_is_read_in_milliseconds() -> None:
    assert vegeta.loads(report()) == Load(requests=1000, failed=0, p50=0.4, p99=2.5, rate=999.5)


def test_whatever_is_no_200_has_failed() -> None:
    refused = vegeta.loads(report(status_codes={"200": 990, "429": 6, "0": 4}, errors=["429 Too Many", "EOF"]))
    assert refused.failed == 10
    assert refused.errors == "429 Too Many; EOF"
    assert vegeta.loads(report(status_codes={"503": 1000})).failed == 1000
    assert vegeta.loads(report(errors=None)).errors == ""


def test_what_a_way_adds_is_compared_round_by_round() -> None:
    # The second round was slow on every way: the machine did something else.
    direct = Way(1, rounds=[load(0.1, 0.5), load(0.9, 9.0), load(0.1, 0.5)])
    gateway = Way(2, rounds=[load(0.5, 1.1), load(1.3, 9.8), load(0.6, 1.4)])
    assert gateway_bench.added(gateway, direct, lambda each: each.p50) == pytest.approx(0.4)
    assert gateway_bench.added(gateway, direct, lambda each: each.p99) == pytest.approx(0.8)


def test_figures_compare_with_nginx_where_it_was_measured() -> None:
    ways = {
        "direct": Way(1, rounds=[load(0.1, 0.5)], highest=30_000),
        "gateway": Way(2, rounds=[load(0.5, 1.3, failed=2)], cpu_s=0.3, highest=6_000),
        "nginx": Way(3, rounds=[load(0.2, 0.7)], cpu_s=0.05, highest=15_000),
    }
    found = {figure.name: figure for figure in gateway_bench.figures(ways, memory=300)}
    assert found["added_p50"].ratio() == pytest.approx(4)
    assert found["added_p99"].ratio() == pytest.approx(4)
    assert found["max_rate"].ratio() == pytest.approx(0.4)
    assert found["cpu_per_request"].value == pytest.approx(300)
    assert found["failed"].value == 2
    assert found["memory_mb"].as_json() == '{"name": "memory_mb", "value": 300, "unit": "MB"}'
    alone = {figure.name: figure for figure in gateway_bench.figures({k: ways[k] for k in ("direct", "gateway")}, 300)}
    assert alone.keys() == found.keys()
    assert all(figure.reference is None for figure in alone.values())


def test_clients_at_once_are_a_number_in_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert parser().parse_args(["bench", "decision"]).concurrency == 32
    assert parser().parse_args(["bench", "decision", "--concurrency", "8"]).concurrency == 8
    for wrong in ("0", "257", "-1", "many"):
        with pytest.raises(SystemExit):
            parser().parse_args(["bench", "decision", "--concurrency", wrong])
    assert "from 1 to 256" in capsys.readouterr().err


def test_a_benchmark_has_more_states_than_it_takes() -> None:
    source = (REPOSITORY / "benchmarks/src/main/java/io/logicdistillation/benchmarks/ServedBench.java").read_text()
    found = {name: int(value) for name, value in re.findall(r"int ([A-Z_]+) = ([\d_]+);", source)}
    for clients in (1, 32, 256):
        rounds = found["ROUNDS"] * (found["ALONE"] + found["OF_EACH_CLIENT"] * clients)
        assert 2 * found["WARM_UP"] + clients + rounds + found["REPEATED"] + found["SOAKING"] <= bench._states(clients)


def test_a_figure_reads_like_those_of_the_other_benchmarks() -> None:
    figure = Figure("added_p50", 0.4, "ms", 0.1)
    assert figure.as_text() == "added_p50                         0.400 ms       reference 0.100, ratio 4.000"
    assert json.loads(figure.as_json()) == {
        "name": "added_p50", "value": 0.4, "unit": "ms", "reference": 0.1, "ratio": 4.0,
    }  # fmt: skip
    # A reference of nothing gives no ratio, and no division.
    assert "ratio" not in Figure("added_p50", 0.4, "ms", 0.0).as_json()


def test_an_answer_is_as_long_as_a_real_one() -> None:
    body, answer = gateway_bench.sample(REPOSITORY)
    assert json.loads(body).keys() == {"state"}
    assert 2_000 < len(answer) < 4_000


def test_the_load_generator_is_built_once(tools: Path, home: Home) -> None:
    with pytest.raises(Problem, match="install it or Go"):
        vegeta.ensure(home, Progress())
    made = '/bin/mkdir -p $GOBIN; echo "#!/bin/sh" > $GOBIN/vegeta; /bin/chmod 755 $GOBIN/vegeta; echo $@'
    program(tools / "go", made)
    built = vegeta.ensure(home, Progress())
    assert built.is_relative_to(home.cache)
    assert f"install {vegeta.MODULE}@{vegeta.VERSION}" in home.log("vegeta").read_text()
    (tools / "go").unlink()
    assert vegeta.ensure(home, Progress()) == built


def test_a_load_generator_that_can_not_be_built_is_one_sentence(tools: Path, home: Home) -> None:
    program(tools / "go", "echo no network; exit 1")
    with pytest.raises(Problem, match="can not be built"):
        vegeta.ensure(home, Progress())


def test_a_named_program_that_is_none_is_said(tools: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (vegeta, nginx):
        monkeypatch.setenv(module.VARIABLE, str(tools / "none"))
        with pytest.raises(Problem, match="is no program"):
            module.ensure(home, Progress())
        monkeypatch.setenv(module.VARIABLE, str(program(tools / "mine")))
        assert module.find(home) == tools / "mine"


def test_nginx_is_unpacked_where_there_is_none(tools: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    # Debian's own would be found in its usual place.
    monkeypatch.setattr(shutil, "which", lambda name, path=None: _which(tools, name))
    with pytest.raises(Problem, match="--without-nginx"):
        nginx.ensure(home, Progress())
    program(tools / "apt-get", 'case "$1" in download) echo x > $2_1_amd64.deb;; esac')
    unpack = "/bin/mkdir -p $3/usr/sbin; echo '#!/bin/sh' > $3/usr/sbin/nginx; /bin/chmod 755 $3/usr/sbin/nginx"
    program(tools / "dpkg-deb", unpack)
    assert nginx.ensure(home, Progress()).is_relative_to(home.cache)


def _which(folder: Path, name: str) -> str | None:
    return str(folder / name) if (folder / name).exists() else None


def test_an_nginx_that_does_not_start_says_why(tools: Path, tmp_path: Path) -> None:
    bad = program(tools / "nginx", "echo 'nginx: [emerg] no such thing'; exit 1")
    with contextlib.ExitStack() as stack, pytest.raises(Problem, match="no such thing"):
        nginx.serve(bad, tmp_path, 1, stack)


def test_the_key_is_in_no_argument(tools: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    fake = program(tools / "vegeta", f"echo \"$@\" >> {said}; [ $1 = attack ] || echo '{report()}'")
    generator = Generator(fake, tmp_path, "/v1/x", ("Authorization: Bearer ld_secret",), tmp_path / "body")
    assert generator.at_rate(1234, 1000, 5).requests == 1000
    assert generator.as_fast_as_possible(1234, 16, 5).failed == 0
    assert "ld_secret" not in said.read_text()
    assert "-rate=1000/1s" in said.read_text()
    assert "-max-workers=16" in said.read_text()
    assert (tmp_path / "targets").read_text().splitlines() == [
        "POST http://127.0.0.1:1234/v1/x", "Authorization: Bearer ld_secret", f"@{tmp_path / 'body'}",
    ]  # fmt: skip
    assert (tmp_path / "targets").stat().st_mode & 0o777 == 0o600


def test_a_load_generator_that_fails_is_one_sentence(tools: Path, tmp_path: Path) -> None:
    fake = program(tools / "vegeta", "echo bad rate >&2; exit 1")
    with pytest.raises(Problem, match="bad rate"):
        Generator(fake, tmp_path, "/", (), tmp_path / "body").at_rate(1, 1, 1)


def test_the_upstream_answers_bodies_and_kept_connections(home: Home) -> None:
    with contextlib.ExitStack() as stack:
        answer = json.dumps({"text": "x" * 2_000}).encode()
        port = gateway_bench.upstream(Home(home.root, home.cache, REPOSITORY), answer, stack)
        for body in (None, b"", b"{}", b"y" * 30_000):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/any", data=body)
            with urllib.request.urlopen(request, timeout=20) as got:
                assert (got.status, got.read()) == (200, answer)
    assert not list(home.root.glob("bench-*"))


def test_what_a_process_has_taken_is_read() -> None:
    busy = subprocess.Popen([sys.executable, "-c", "sum(range(30_000_000)); input()"], stdin=subprocess.PIPE)
    try:
        for _ in range(200):
            if cpu_seconds(busy.pid) > 0.05:
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                busy.wait(0.05)
        assert cpu_seconds(busy.pid) > 0.05 or not Path("/proc").exists()
        assert peak_memory_mb(busy.pid) > 1
    finally:
        busy.communicate()
    assert cpu_seconds(busy.pid) == 0
    assert peak_memory_mb(os.getpid()) > 1
