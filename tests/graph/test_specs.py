from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeforge.graph import spec as kinds
from nodeforge.graph.spec import Kind, Param, StageSpec, Value
from nodeforge.graph.specs import specs_from_json, specs_to_json
from nodeforge.graph.text import compact
from tests.graph.samples import NEGATIVE, SPECS
from tests.graph.test_file import json_values


def again(*specs: StageSpec) -> tuple[StageSpec, ...]:
    return specs_from_json(json.loads(compact(specs_to_json(specs))))


def test_the_palette_comes_back_as_it_was() -> None:
    prompt = replace(SPECS["guide.prompt"], variants=(NEGATIVE,), version=4, effect=True, icon="x")
    assert again(*SPECS.values(), prompt) == (*SPECS.values(), prompt)


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        (kinds.Number(), 1.5),
        (kinds.Number(0, 10, 0.1, "px", True, (0, 5)), 3),
        (kinds.Number(low=-5), 1),
        (kinds.Dice(), 0),
        (kinds.Dice(0, 2**64 - 1), 2**64 - 1),
        (kinds.Toggle(), True),
        (kinds.Choice(("a", "b")), "a"),
        (kinds.Choice(()), ""),
        (kinds.Text(), "é\ud800"),
        (kinds.Text(5, True, True), ""),
        (kinds.File(), ""),
        (kinds.File(what="folder", pattern="*.png", reads=False), "renders"),
    ],
)
def test_every_kind_of_parameter_comes_back(kind: Kind, default: Value) -> None:
    spec = StageSpec("a.b", "B", "a", "", params=(Param("p", kind, default, "what it is"),))
    (back,) = again(spec)
    assert back == spec
    assert type(back.params[0].kind) is type(kind)
    assert type(back.params[0].default) is type(default)


@dataclass(frozen=True)
class Percent(kinds.Number):
    low: float = 0
    high: float = 100


class Curve(Kind):
    pass


def test_a_plain_kind_stays_plain() -> None:
    (back,) = again(StageSpec("a.b", "B", "a", "", params=(Param("p", Kind(), 1),)))
    assert type(back.params[0].kind) is Kind


def test_a_kind_of_a_pack_becomes_the_nearest_of_ours() -> None:
    params = (
        Param("share", Percent(), 50),
        Param("curve", Curve(), "0 0 1 1"),
        Param("level", Curve(), 0.5),
        Param("on", Curve(), False),
    )
    (back,) = again(StageSpec("a.b", "B", "a", "", params=params))
    assert [each.kind for each in back.params] == [
        kinds.Number(0, 100),
        kinds.Text(),
        kinds.Number(),
        kinds.Toggle(),
    ]


def test_another_versions_palette_is_left_alone() -> None:
    data = specs_to_json(SPECS.values())
    assert specs_from_json(data | {"nodeforge": "0.0"}) == ()
    assert specs_from_json(data | {"specs": 2}) == ()


@given(json_values)
def test_damaged_data_never_raises(data: object) -> None:
    assert specs_from_json(data) == ()


@given(st.data(), json_values)
def test_a_damaged_stage_is_left_out_or_read_and_the_others_stay(
    data: st.DataObject, wrong: object
) -> None:
    palette: Any = json.loads(compact(specs_to_json(SPECS.values())))
    here = palette["stages"][6]
    assert here["id"] == "generate.sample"
    while True:
        name = data.draw(
            st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here)))
        )
        inner = here[name]
        if not (isinstance(inner, dict | list) and inner) or data.draw(st.booleans()):
            here[name] = wrong
            break
        here = inner
    back = specs_from_json(palette)
    others = [spec for spec in SPECS.values() if spec.id != "generate.sample"]
    assert [spec for spec in back if spec in others] == others
    assert len(back) - len(others) in (0, 1)
