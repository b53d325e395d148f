import hashlib

import pytest
import tiny
import words
from platform_fake import FakeJob

from ld_worker import base
from ld_worker.client import Client
from ld_worker.work import Worker

STEPS = 12


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job of the toy task whose base is the tiny model."""
    monkeypatch.setattr(base, "model", lambda _: tiny.model())
    monkeypatch.setattr(base, "tokenizer", lambda _: None)
    monkeypatch.setattr(base, "tokens_of", lambda _: words.tokens)
    _, rows_file = words.write(tmp_path, episodes=20)
    rows = rows_file.read_bytes()
    test = b"".join(line for line in rows.splitlines(keepends=True) if b'"e3"' in line or b'"e7"' in line)
    spec = {
        "name": "toy-ld",
        "task": words.TASK,
        "dataset": {"id": "d1", "version": 1, "sha256": hashlib.sha256(rows).hexdigest()},
        "method": "ld",
        "base": "tiny",
        "seed": 7,
        "hyperparameters": {
            "ways": ["recall"],
            "steps": STEPS,
            "readingShare": 0.5,
            "learningRate": 1e-2,
            "rank": 4,
            "alpha": 8,
            "heldOut": 0.1,
            "checkEvery": 4,
            "checkRows": 10,
            "judgeRows": 10,
            "enough": 2.0,
        },
    }
    return FakeJob(spec, rows, test)


@pytest.fixture
def worker(tmp_path):
    (tmp_path / "tiny.gguf").write_bytes(b"tiny")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def make(platform, **more):
        client = Client(platform.url, "secret", patience=6, timeout=5)
        more.setdefault("bases", {"tiny": tmp_path / "tiny.gguf"})
        lines = []
        made = Worker(client, pause=0.05, scratch=scratch, say=lines.append, beat_every=0.05, **more)
        made.lines = lines
        return made

    yield make
    assert not list(scratch.iterdir()), "a job leaves nothing behind"
