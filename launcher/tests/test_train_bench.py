"""What `./platform bench train` makes of the runs that it is told; the runs themselves are tested with the worker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ld_launcher import python_packages, train_bench
from ld_launcher.__main__ import parser
from ld_launcher.home import REPOSITORY, Home
from ld_launcher.problem import Problem
from ld_launcher.progress import Progress
from ld_launcher.train_bench import LEAST_RATIO, Length, Run, Trained

CPU = {"device": "cpu", "precision": "bf16", "gpu": None}
GPU = {"device": "NVIDIA H200", "precision": "bf16", "gpu": {"type": "NVIDIA H200", "memoryMb": 143771}}


def ran(way: str, tokens: int, seconds: float = 10.0, loss: float = 1.5, memory_mb: float = 900.0) -> Run:
    return Run(way, tokens, seconds, loss, memory_mb)


def trained(*speeds: tuple[float, float], where: dict = CPU) -> Trained:
    """:param speeds: of the worker and of the bare loop, a pair for each round"""
    ways = (train_bench.WORKER, train_bench.BARE)
    runs = [ran(way, round(speed * 10)) for pair in speeds for way, speed in zip(ways, pair, strict=True)]
    return Trained(runs=tuple(runs), **where)


def test_a_slow_round_of_one_of_them_changes_no_ratio() -> None:
    assert trained((300, 300), (30, 300), (310, 310)).ratio() == pytest.approx(1)
    assert trained((150, 300), (150, 300), (150, 20)).ratio() == pytest.approx(0.5)


def test_figures_show_every_round_and_the_middle_one() -> None:
    found = {figure.name: figure for figure in train_bench.figures(trained((300, 320), (280, 340), (290, 330)))}
    assert found["tokens_per_second_2"].ratio() == pytest.approx(280 / 340)
    assert (found["tokens_per_second"].value, found["tokens_per_second"].reference) == (290, 330)
    assert found["loss"].ratio() == pytest.approx(1)
    assert (found["memory_mb"].value, found["memory_mb"].reference) == (900, None)


def test_a_gpu_is_told_with_its_memory() -> None:
    run = trained((9000, 9100), where=GPU)
    assert "NVIDIA H200 with 143771 MB" in run.where()
    found = {figure.name: figure for figure in train_bench.figures(run)}
    assert json.loads(found["gpu_memory_mb"].as_json())["unit"] == "MB of NVIDIA H200"
    assert found["gpu_peak_mb"].ratio() == pytest.approx(1)
    assert "memory_mb" not in found


def test_what_the_script_prints_is_read() -> None:
    lines = [json.dumps(CPU), json.dumps({"way": "worker", "tokens": 50, "seconds": 2, "loss": 1, "memory_mb": 3})]
    assert train_bench.read(lines) == Trained(runs=(Run("worker", 50, 2, 1, 3),), **CPU)


@pytest.mark.parametrize(("ours", "code"), [(100 * LEAST_RATIO + 1, 0), (100 * LEAST_RATIO - 1, 1), (130, 0)])
def test_a_worker_that_is_much_slower_fails(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ours: float, code: int
) -> None:
    monkeypatch.setattr(train_bench, "measure", lambda *_: trained((ours, 100)))
    assert train_bench.run(home, True, Progress(), Length()) == code
    told = {line["name"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["tokens_per_second"]["ratio"] == pytest.approx(ours / 100, abs=0.01)


def test_the_command_says_how_long_it_trains(capsys: pytest.CaptureFixture[str]) -> None:
    usual = parser().parse_args(["bench", "train"])
    assert Length(usual.steps, usual.rounds) == train_bench.USUAL
    given = parser().parse_args(["bench", "train", "--steps", "20", "--rounds", "5", "--json"])
    assert (given.steps, given.rounds, given.json) == (20, 5, True)
    # The first step is not counted, so there must be another.
    for wrong in (["--steps", "1"], ["--rounds", "0"], ["--steps", "many"]):
        with pytest.raises(SystemExit):
            parser().parse_args(["bench", "train", *wrong])
    assert "from 2 to 10000" in capsys.readouterr().err


@pytest.fixture
def checkout(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose worker's Python is a shell that plays it."""
    monkeypatch.setattr(train_bench, "python", lambda *_: Path("/bin/sh"))
    (home.repository / "distillation-service" / "worker" / "bench").mkdir(parents=True)
    return home


def played(home: Home, text: str) -> None:
    (home.repository / "distillation-service" / "worker" / train_bench.SCRIPT).write_text(text)


def test_the_script_gets_the_worker_and_the_model_and_its_lines_are_read(checkout: Home) -> None:
    run = '{"way": "worker", "tokens": 5, "seconds": 1, "loss": 1, "memory_mb": 3}'
    said = checkout.root / "said"
    played(checkout, f"echo '{json.dumps(CPU)}'; echo '{run}'; echo $PYTHONPATH $PLATFORM_MODEL_FILE $@ > {said}")
    assert train_bench.measure(checkout, Progress(), Length(4, 2)).of("worker")[0].speed == 5
    worker, model, *words = said.read_text().split()
    assert worker == str(checkout.repository / "distillation-service" / "worker")
    assert model.endswith(".gguf")
    assert words == ["--game", str(checkout.repository / "experiments/pursuit"), "--steps", "4", "--rounds", "2"]


def test_a_training_that_fails_is_one_sentence(checkout: Home) -> None:
    played(checkout, "echo 'MemoryError: none left' >&2; exit 3")
    with pytest.raises(Problem, match="none left"):
        train_bench.measure(checkout, Progress(), Length())


def test_a_machine_with_a_gpu_gets_what_torch_loads_there(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []
    monkeypatch.setattr(python_packages, "ensure", lambda _, venv, file, **__: asked.append((venv.name, file.name)))
    worker = REPOSITORY / "distillation-service" / "worker"
    for program in (None, "nvidia-smi"):
        monkeypatch.setenv("PATH", str(tmp_path))
        if program:
            (tmp_path / program).write_text("#!/bin/sh\n")
            (tmp_path / program).chmod(0o755)
        train_bench.python(home, worker, Progress())
    assert asked == [("venv-worker", "requirements-test.txt"), ("venv-worker-gpu", "requirements.txt")]
    assert all((worker / file).is_file() for _, file in asked)


def test_the_script_is_there() -> None:
    assert (REPOSITORY / "distillation-service" / "worker" / train_bench.SCRIPT).is_file()
