from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

import pytest

from nodeforge.engine.keys import keys
from nodeforge.errors import BadLink
from nodeforge.graph.document import Document, NodeId
from nodeforge.stages.library import Library
from tests.engine.graphs import chain, graph, node

A, B = NodeId("a"), NodeId("b")
PAIR = graph(node("a", "solid"), node("b", "invert", image="a"))


def key(document: Document, library: Library, id: str = "b") -> str:
    return keys(document, library.specs)[NodeId(id)]


def test_every_value_that_matters_moves_the_key(library: Library) -> None:
    changed = [
        PAIR.set(A, grey_value=0.25),
        PAIR.set(A, size=9),
        PAIR.set(A, alpha=True),
        PAIR.set(B, times=2),
        PAIR.disconnect(B, "image"),
        PAIR.connect(A, "other", B, "image"),
    ]
    assert len({key(document, library) for document in [PAIR, *changed]}) == 1 + len(changed)


def test_looks_and_remarks_move_no_key(library: Library) -> None:
    dressed = PAIR.rename(A, "Sky").move({A: (9, 9)}).set(A, remark="lovely").expose(A, "size")
    dressed = dressed.star(A, "size")
    assert key(dressed, library) == key(PAIR, library)


def test_a_default_said_aloud_is_the_default(library: Library) -> None:
    assert key(PAIR.set(A, size=8, grey_value=0.5, alpha=False), library) == key(PAIR, library)
    assert key(PAIR.set(A, size=8.0), library) == key(PAIR, library)
    assert key(PAIR.set(A, grey_value=1), library) == key(PAIR.set(A, grey_value=1.0), library)


def test_text_cannot_pose_as_another_value(library: Library) -> None:
    one = graph(node("b", "dream", {"text": "x\0seed=i1:5"}))
    assert key(one, library) != key(graph(node("b", "dream", {"text": "x", "seed": 5})), library)
    assert key(graph(node("b", "dream", {"text": "\ud800"})), library)


def test_the_order_of_values_and_wires_does_not_matter(library: Library) -> None:
    one = graph(node("b", "dream", {"text": "x", "seed": 5}))
    two = graph(node("b", "dream", {"seed": 5, "text": "x"}))
    assert key(one, library) == key(two, library)


def test_a_file_is_its_content_not_its_name(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "words"
    document = graph(node("b", "read", {"file": str(path)}))
    missing = key(document, library)
    path.write_text("one")
    before = key(document, library)
    os.utime(path, ns=(1, 1))
    assert len({missing, before, key(document, library)}) == 3
    assert key(graph(node("b", "read", {"file": "\0"})), library)


def test_a_muted_node_has_the_key_of_what_it_passes_on(library: Library) -> None:
    three = PAIR.add(node("c", "invert", image="b"))
    muted = three.mute(True, B)
    assert key(muted, library, "b") == key(muted, library, "a")
    direct = PAIR.add(node("c", "invert", image="a"))
    assert key(muted, library, "c") == key(direct, library, "c")


def test_a_driven_parameter_has_the_key_of_its_wire(library: Library) -> None:
    driven = graph(
        node("n", "double", {"number": 4.0}), node("b", "solid", {"size": 3}, size="n.number")
    )
    assert key(driven, library) == key(driven.set(B, size=5), library)
    assert key(driven, library) != key(driven.set(NodeId("n"), number=5.0), library)
    assert key(driven, library) != key(driven.disconnect(B, "size"), library)


def test_below_an_unknown_stage_there_are_no_keys(library: Library) -> None:
    document = graph(node("a", "unheard"), node("b", "invert", image="a"), node("c", "solid"))
    assert set(keys(document, library.specs)) == {"c"}


def test_a_circle_is_refused(library: Library) -> None:
    with pytest.raises(BadLink):
        keys(graph(node("a", "invert", image="b"), node("b", "invert", image="a")), library.specs)


def test_keys_are_linear_in_a_chain_of_ten_thousand(library: Library) -> None:
    seconds = {}
    for length in (1000, 10_000):
        document = chain(length)
        seconds[length] = min(_timed(document, library) for _ in range(3))
    assert seconds[10_000] < 20 * seconds[1000] + 0.05


def _timed(document: Document, library: Library) -> float:
    began = perf_counter()
    assert len(keys(document, library.specs)) == len(document.nodes)
    return perf_counter() - began
