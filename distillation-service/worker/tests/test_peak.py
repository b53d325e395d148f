"""What a machine reaches at most, as the decision benchmark asks for it."""

import json

import peak


def test_three_kinds_of_numbers_are_measured(monkeypatch, capsys):
    monkeypatch.setattr(peak, "ROWS", 64)
    monkeypatch.setattr(peak, "SIDE", 128)
    monkeypatch.setattr(peak, "RUNS", 3)
    monkeypatch.setattr("sys.argv", ["peak.py", "--threads", "1"])
    peak.main()
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"int8", "bf16", "fp32"}
    assert all(value > 0 for value in found.values())


def test_the_fastest_run_counts(monkeypatch):
    times = iter([0.0, 4.0, 10.0, 11.0, 20.0, 22.0])
    monkeypatch.setattr(peak, "RUNS", 3)
    monkeypatch.setattr(peak.time, "perf_counter", lambda: next(times))
    assert peak.best(lambda: None) == 2 * peak.ROWS * peak.SIDE**2 / 1.0 / 1e9
