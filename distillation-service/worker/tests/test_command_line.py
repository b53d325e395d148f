import subprocess
import sys

import words

from ld_worker.__main__ import main


def test_help_needs_no_model_and_no_torch():
    done = subprocess.run([sys.executable, "-m", "ld_worker", "--help"], capture_output=True, text=True, check=True)
    assert all(command in done.stdout for command in ("train", "untuned", "golden", "tokenizer", "work"))


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
