import subprocess
import sys

import pytest
import words

from ld_worker import work
from ld_worker.__main__ import main


def test_help_needs_no_model_and_no_torch():
    done = subprocess.run([sys.executable, "-m", "ld_worker", "--help"], capture_output=True, text=True, check=True)
    assert all(
        command in done.stdout for command in ("train", "untuned", "golden", "gguf", "peft", "tokenizer", "work")
    )


def test_a_missing_model_is_one_sentence(tmp_path, capsys):
    assert main(["--base", str(tmp_path / "gone.gguf"), "tokenizer", "--out", str(tmp_path / "t.json")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_bad_row_is_one_sentence(tmp_path, capsys):
    task, rows = words.write(tmp_path)
    rows.write_text("{}\n", encoding="utf-8")
    model = tmp_path / "model.gguf"
    model.write_bytes(b"")
    given = [
        "--base",
        str(model),
        "train",
        "--task",
        str(task),
        "--rows",
        str(rows),
        "--out",
        str(tmp_path),
        "--name",
        "x",
    ]
    assert main(given) == 2
    assert "line 1: 'candidates' must name at least two" in capsys.readouterr().err


@pytest.fixture
def for_a_run(tmp_path, monkeypatch):
    """Arguments and environment as dispatchers start a worker."""
    variables = {"NAME": "ld-j-2", "JOB": "j", "RUN": "2", "GPU_TYPE": "H100", "GPU_MEMORY_MB": "40000", "GPUS": "2"}
    for name, value in variables.items():
        monkeypatch.setenv(f"LD_{name}", value)
    (tmp_path / "model.gguf").write_bytes(b"")
    (tmp_path / "key").write_text("secret")
    given = ["--base", str(tmp_path / "model.gguf"), "work", "--server", "http://127.0.0.1:1"]
    return [*given, "--token-file", str(tmp_path / "key")]


def test_a_worker_that_was_started_for_a_run_takes_it_from_the_environment(for_a_run, monkeypatch):
    """Under the name by which the dispatcher knows it again, for one run, with the GPU that was found for it."""
    made = []
    monkeypatch.setattr(work.Worker, "run", lambda self, most: made.append((self, most)) or 1)
    assert main(for_a_run) == 0
    ((worker, most),) = made
    assert (worker.name, worker.only, most) == ("ld-j-2", {"job": "j", "run": 2}, 1)
    assert worker.gpu == {"type": "H100", "memoryMb": 40000, "count": 2}
    monkeypatch.delenv("LD_RUN")
    with pytest.raises(SystemExit, match="go together"):
        main(for_a_run)


def test_a_worker_that_is_stopped_before_its_run_does_not_look_as_if_it_had_done_it(for_a_run, monkeypatch):
    monkeypatch.setattr(work.Worker, "run", lambda self, _: self.stop.set() or 0)
    with pytest.raises(SystemExit) as ended:
        main(for_a_run)
    assert ended.value.code == 143
