"""The committed golden file, against the real base model: the same file holds the inference engine."""

import json
from pathlib import Path

import pytest

from ld_worker import base, golden

COMMITTED = Path(__file__).parent / "golden" / "golden.json"


@pytest.fixture(scope="module")
def files():
    return json.loads(COMMITTED.read_text(encoding="utf-8")), golden.untuned(base.locate())


def test_base_and_tokens_are_as_recorded(files):
    committed, fresh = files
    for key in ("format", "base", "longestEntry", "texts"):
        assert fresh[key] == committed[key]


def test_no_text_becomes_a_special_token(files):
    _, fresh = files
    ids = next(t["ids"] for t in fresh["texts"] if "<|im_start|>" in t["text"])
    assert all(token > 16 for token in ids)


def test_layouts_are_as_recorded(files):
    committed, fresh = files
    for one, other in zip(committed["cases"], fresh["cases"], strict=True):
        for way in ("recall", "reading"):
            for key in ("ids", "positions", "segments", "sees", "scoredPositions", "scoredTokens"):
                assert other[way][key] == one[way][key]


def test_scores_are_as_recorded(files):
    committed, fresh = files
    for one, other in zip(committed["cases"], fresh["cases"], strict=True):
        assert other["recall"]["logits"] == pytest.approx(one["recall"]["logits"], abs=2e-3)
        assert other["reading"]["margins"] == pytest.approx(one["reading"]["margins"], abs=2e-3)
