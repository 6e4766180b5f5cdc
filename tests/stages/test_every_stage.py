"""What every stage must honour, ours or a pack's. (After Gaffer's TestCase.py.)"""

from __future__ import annotations

import json
import pickle
import re
from typing import Any

import numpy as np
import pytest

from nodeforge.graph.spec import ANY, Kind, StageSpec
from nodeforge.graph.specs import specs_from_json, specs_to_json
from nodeforge.stages.library import Library
from nodeforge.stages.signature import WIRES
from nodeforge.values import Image, Mask

LIBRARY = Library.installed()
every_stage = pytest.mark.parametrize("spec", list(LIBRARY.specs.values()), ids=lambda s: s.id)
SENTENCE = re.compile(r"[A-Z0-9~].*[.?]", re.DOTALL)
TYPES = {*WIRES.values(), ANY}


def made(type: str) -> object:
    """A small value of a wire type that needs no model."""
    rng = np.random.default_rng(3)
    if type == "Image":
        return Image(rng.random((2, 16, 24, 4), np.float32), (1, 2))
    return Mask(rng.random((1, 16, 24), np.float32))


pictures = pytest.mark.parametrize(
    "spec",
    [
        spec
        for spec in LIBRARY.specs.values()
        if spec.inputs and not spec.effect
        if {p.type for p in (*spec.inputs, *spec.outputs)} <= {"Image", "Mask"}
    ],
    ids=lambda s: s.id,
)


def arguments(spec: StageSpec) -> dict[str, Any]:
    return {port.name: made(port.type) for port in spec.inputs}


def arrays(values: list[object]) -> list[object]:
    """What can be compared: arrays as bytes, all else as it is."""
    compared: list[object] = []
    for value in values:
        fields = vars(value).values() if hasattr(value, "__dict__") else [value]
        compared += [f.tobytes() if isinstance(f, np.ndarray) else f for f in fields]
    return compared


@every_stage
def test_has_an_id_fit_for_files(spec: StageSpec) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", spec.id)
    assert spec.id.partition(".")[0] == spec.category
    assert spec.title
    assert spec.title[0].isupper()
    assert re.fullmatch(r"[a-z0-9-]+", spec.icon)


@every_stage
def test_is_documented_in_sentences(spec: StageSpec) -> None:
    assert SENTENCE.fullmatch(spec.doc)
    assert len(spec.doc.partition("\n\n")[0]) < 200
    # what `model: Model` is, its type says; a single output is what the stage makes
    inputs = [port for port in spec.inputs if port.name != port.type.lower()]
    outputs = spec.outputs if len(spec.outputs) > 1 else ()
    said = {port.name: port.doc for port in (*inputs, *outputs)}
    said |= {param.name: param.doc for param in spec.params}
    assert [name for name, doc in said.items() if not SENTENCE.fullmatch(doc)] == []


@every_stage
def test_names_are_told_apart(spec: StageSpec) -> None:
    names = [port.name for port in spec.inputs] + [param.name for param in spec.params]
    assert len(names) == len(set(names))
    assert len(spec.outputs) == len(spec.output)


@every_stage
def test_ports_have_types_that_wires_carry(spec: StageSpec) -> None:
    assert {port.type for port in (*spec.inputs, *spec.outputs)} <= TYPES
    assert {param.kind.wire for param in spec.params} <= TYPES


@every_stage
def test_starts_with_allowed_values(spec: StageSpec) -> None:
    for param in spec.params:
        assert isinstance(param.kind, Kind)
        param.kind.check(param.default)
        param.kind.fingerprint(param.default)


@every_stage
def test_has_an_end_only_where_it_has_an_effect(spec: StageSpec) -> None:
    assert bool(spec.outputs) or spec.effect


@every_stage
def test_crosses_processes_and_files_unchanged(spec: StageSpec) -> None:
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert tuple(specs_from_json(json.loads(json.dumps(specs_to_json([spec]))))) == (spec,)


@every_stage
def test_every_version_leads_to_the_next(spec: StageSpec) -> None:
    stage = LIBRARY[spec.id]
    assert set(stage.upgrades) <= set(range(2, spec.version + 1))
    assert stage.upgraded({}, 1) == {} or spec.version > 1


@pictures
def test_leaves_its_inputs_as_they_were(spec: StageSpec) -> None:
    given = arguments(spec)
    before = arrays(list(given.values()))
    LIBRARY[spec.id](**given)
    assert arrays(list(given.values())) == before


@pictures
def test_makes_the_same_of_the_same(spec: StageSpec) -> None:
    stage = LIBRARY[spec.id]
    first, again = (stage.results(stage(**arguments(spec))) for _ in range(2))
    assert arrays(first) == arrays(again)


@pictures
def test_makes_pictures_as_pictures_are(spec: StageSpec) -> None:
    stage = LIBRARY[spec.id]
    for result in stage.results(stage(**arguments(spec))):
        assert isinstance(result, Image | Mask)
        stack = result.pixels if isinstance(result, Image) else result.alpha[..., None]
        assert stack.dtype == np.float32
        assert stack.ndim == 4
        assert 0 <= stack.min() <= stack.max() <= 1
