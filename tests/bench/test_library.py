from __future__ import annotations

import json

import pytest

from nodeforge.bench import library


def test_models_are_told_and_searched_in_milliseconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = {"FILES": 20, "ROWS": 1000, "REPEATS": 2, "FRAMES": 20, "TENSORS": 100}
    for name, value in small.items():
        monkeypatch.setattr(library, name, value)
    library.main(["--json"])
    numbers = json.loads(capsys.readouterr().out)
    assert 0 < numbers["probe_ms"] < 1000
    assert numbers["scan_warm_ms"] < numbers["scan_cold_ms"]
    library.main([])
    assert "parsing its JSON alone" in capsys.readouterr().out
