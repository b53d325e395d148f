"""Precision and memory on a processor: what is measured, what can be said instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ld_worker import devices


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    devices.half_pays.cache_clear()
    yield
    devices.half_pays.cache_clear()


@pytest.mark.parametrize("said", ["bf16", "fp32"])
def test_a_precision_that_is_named_is_used(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("LD_PRECISION", said)
    with devices.half("cpu"):
        product = torch.nn.functional.linear(torch.ones(2, 4), torch.ones(3, 4))
    assert product.dtype == (torch.bfloat16 if said == "bf16" else torch.float32)
    assert devices.precision("cpu") == said
    assert devices.precision("cpu", wanted=False) == "fp32"


def test_a_precision_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRECISION", "int4")
    with pytest.raises(ValueError, match="auto, bf16, fp32"):
        devices.half("cpu")


@pytest.mark.parametrize(("half_seconds", "pays"), [(0.5, True), (0.9, False), (2.0, False)])
def test_the_faster_precision_is_taken(monkeypatch: pytest.MonkeyPatch, half_seconds: float, pays: bool) -> None:
    monkeypatch.delenv("LD_PRECISION", raising=False)
    clock = [0.0]

    def multiply(left: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        clock[0] += half_seconds if left.dtype == torch.bfloat16 else 1.0
        return left

    monkeypatch.setattr(torch.nn.functional, "linear", multiply)
    monkeypatch.setattr(devices.time, "perf_counter", lambda: clock[0])
    assert devices.half_pays() is pays


def test_the_hint_ends_once_an_allocator_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    monkeypatch.setattr(devices, "MAPPED", maps)
    assert devices.allocator_hint() is None
    maps.write_text("7f00 r-xp /usr/lib/libc.so.6\n", encoding="utf-8")
    assert "tcmalloc" in (devices.allocator_hint() or "")
    maps.write_text("7f00 r-xp /usr/lib/libtcmalloc_minimal.so.4\n", encoding="utf-8")
    assert devices.allocator_hint() is None
