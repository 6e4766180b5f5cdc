from __future__ import annotations

import json

import pytest

from nodeforge.bench.engine import main, measure


def test_what_is_cached_costs_next_to_nothing() -> None:
    numbers = measure()
    assert numbers["cached_us_per_node"] <= 20
    assert numbers["cached_ms_300"] <= 6
    assert numbers["keys_ms_10000"] <= 20 * numbers["keys_ms_1000"]


def test_json_is_one_flat_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"]) == 0
    numbers = json.loads(capsys.readouterr().out)
    assert all(isinstance(value, float) for value in numbers.values())
    assert main([]) == 0
    assert "blake2b of the same bytes" in capsys.readouterr().out
