from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeforge import __version__
from nodeforge.errors import BadFile
from nodeforge.graph import file
from nodeforge.graph.document import Document, Frame, Node, Note
from nodeforge.graph.file import dumps, from_json, load, loads, opened, read, save, to_json
from nodeforge.graph.spec import Value
from tests.graph.samples import SPECS, chain, documents, n, node, picture

HEAD = '{"format": 1, "nodes": '


@given(documents())
def test_a_document_comes_back_from_its_text_as_it_was(document: Document) -> None:
    text = dumps(document)
    again, warnings = opened(text)
    assert again == document
    assert warnings == []
    assert dumps(again) == text
    assert list(again.nodes) == list(document.nodes)
    assert from_json(to_json(document)) == document


@given(documents())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_comes_back_from_disk_as_it_was(tmp_path: Path, document: Document) -> None:
    save(tmp_path / "a.nodeforge", document)
    assert read(tmp_path / "a.nodeforge") == (document, [])


def test_a_file_is_good_to_read_and_to_compare() -> None:
    document = (
        picture()
        .move({n("sharp"): (240, 80.5)})
        .expose(n("sharp"), "amount")
        .rename(n("view"), "Grüße")
        .mute(True, n("view"))
        .add(Frame(n("f"), "Finish", colour="blue"), Note(n("t"), "Two\nlines"))
    )
    assert dumps(document).replace(__version__, "0") == (
        """{
  "format": 2,
  "nodeforge": "0",
  "nodes": {
    "load": {
      "stage": "source.load_image",
      "at": [0, 0],
      "values": {
        "file": "cat.png"
      }
    },
    "sharp": {
      "stage": "picture.sharpen",
      "at": [240, 80.5],
      "exposed": ["amount"],
      "values": {
        "amount": 0.5
      },
      "links": {
        "image": [["load", "image"]]
      }
    },
    "view": {
      "stage": "finish.view",
      "title": "Grüße",
      "at": [0, 0],
      "muted": true,
      "links": {
        "image": [["sharp", "image"]]
      }
    }
  },
  "frames": {
    "f": {
      "title": "Finish",
      "at": [0, 0],
      "size": [400, 300],
      "colour": "blue"
    }
  },
  "notes": {
    "t": {
      "text": "Two\\nlines",
      "at": [0, 0],
      "size": [200, 120]
    }
  }
}
"""
    )


@pytest.mark.parametrize(
    ("value", "version", "written"),
    [(1.0, 1, False), (1, 1, True), (True, 1, True), (0.5, 1, True), (1.0, 2, True)],
)
def test_values_that_are_the_default_are_left_out_when_the_stages_are_known(
    value: Value, version: int, written: bool
) -> None:
    document = Document().add(Node(n("x"), "picture.sharpen", version, {"amount": value}))
    data: Any = to_json(document, SPECS)
    assert ("values" in data["nodes"]["x"]) == written
    assert "values" in json.loads(dumps(document))["nodes"]["x"]


def test_what_json_cannot_hold_never_keeps_a_document_from_being_saved() -> None:
    document = picture().set(n("sharp"), amount=float("nan"), name="\ud800")
    document = document.move({n("sharp"): (float("inf"), 3)})
    again = loads(dumps(document)).nodes[n("sharp")]
    assert (dict(again.values), again.at) == ({"name": "\ud800"}, (0, 3))


NOT_GRAPHS = {
    "empty": "",
    "no JSON": "hello",
    "a merge half done": "<<<<<<< HEAD\n" + dumps(picture()),
    "a list": "[]",
    "null": "null",
    "a number": "1",
    "another program's": '{"nodes": []}',
    "no format": '{"nodes": {}}',
    "format true": '{"format": true}',
    "format text": '{"format": "1"}',
    "format 1.0": '{"format": 1.0}',
    "format 0": '{"format": 0}',
    "format far below": '{"format": -1000000000000}',
    "newer": '{"format": 3}',
    "nodes a list": HEAD + "[]}",
    "nodes null": HEAD + "null}",
    "frames text": '{"format": 1, "frames": "x"}',
    "notes number": '{"format": 1, "notes": 3}',
    "groups a list": '{"format": 2, "groups": []}',
    "NaN": HEAD + '{"a": {"stage": "x", "values": {"v": NaN}}}}',
    "infinity": HEAD + '{"a": {"stage": "x", "at": [-Infinity, 0]}}}',
    "endless exponent": HEAD + '{"a": {"stage": "x", "at": [1e999, 0]}}}',
    "endless digits": HEAD + '{"a": {"stage": "x", "version": ' + "9" * 5000 + "}}}",
    "deep lists": "[" * 1_000_000,
    "deep objects": '{"a":' * 1_000_000,
    "deep inside": HEAD + '{"a": ' + "[" * 200_000 + "]" * 200_000 + "}}",
}


@pytest.mark.parametrize("text", NOT_GRAPHS.values(), ids=NOT_GRAPHS)
def test_what_is_no_graph_is_refused_in_one_sentence(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile) as raised:
        loads(text)
    assert str(raised.value).endswith(".")
    assert len(str(raised.value)) < 200
    path = tmp_path / "cat.nodeforge"
    path.write_text(text)
    with pytest.raises(BadFile, match=r"^cat\.nodeforge cannot be opened\. .*\.$"):
        read(path)


@given(st.data())
def test_a_truncated_file_is_refused(data: st.DataObject) -> None:
    text = dumps(picture()).strip()
    with pytest.raises(BadFile):
        loads(text[: data.draw(st.integers(0, len(text) - 1))])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(st.data(), json_values)
def test_wrong_types_anywhere_are_refused_or_repaired_with_a_word(
    data: st.DataObject, wrong: object
) -> None:
    graph: Any = to_json(picture().add(Frame(n("f")), Note(n("t"))))
    here = graph
    while True:
        name = data.draw(st.sampled_from(sorted(here)) if isinstance(here, dict) else st.just(0))
        inner = here[name]
        if not (isinstance(inner, dict | list) and inner) or data.draw(st.booleans()):
            here[name] = wrong
            break
        here = inner
    try:
        document, _ = opened(json.dumps(graph))
    except BadFile:
        return
    assert loads(dumps(document)) == document
    document.order()


@pytest.mark.parametrize(
    ("nodes", "left", "word"),
    [
        ('{"a": 3}', {}, "left out"),
        ('{"a": {}}', {}, "does not say what it is"),
        ('{"": {"stage": "x"}}', {}, "left out"),
        ('{"a": {"stage": "x", "version": 0}}', {"a": {}}, "version"),
        ('{"a": {"stage": "x", "version": true}}', {"a": {}}, "version"),
        ('{"a": {"stage": "x", "at": [1, "2"]}}', {"a": {}}, "place"),
        ('{"a": {"stage": "x", "at": [1e300, 0]}}', {"a": {}}, "place"),
        ('{"a": {"stage": "x", "at": [1' + "0" * 400 + ", 0]}}", {"a": {}}, "place"),
        ('{"a": {"stage": "x", "values": {"v": [1], "w": 2}}}', {"a": {"w": 2}}, "default"),
        ('{"a": {"stage": "x", "values": {"v": null, "w": 2}}}', {"a": {"w": 2}}, "default"),
        ('{"a": {"stage": "x", "values": {"v": 1' + "0" * 99 + "}}}", {"a": {}}, "too large"),
        (
            '{"a": {"stage": "x", "values": {"v": 1, "v": 2}}}',
            {"a": {"v": 2}},
            "'v' is there twice",
        ),
        ('{"a": {"stage": "x"}, "a": {"stage": "y"}}', {"a": {}}, "'a' is there twice"),
        ('{"a": {"stage": "x", "links": {"i": "a"}}}', {"a": {}}, "nowhere"),
        ('{"a": {"stage": "x", "links": {"i": [["a"]]}}}', {"a": {}}, "nowhere"),
        ('{"a": {"stage": "x", "links": {"i": [["b", "o"]]}}}', {"a": {}}, "not in the file"),
        ('{"a": {"stage": "x", "links": {"i": [["a", "o"]]}}}', {"a": {}}, "circle"),
        ('{"a": {"stage": "x", "glow": 1}}', {"a": {}}, "update NodeForge before you save"),
        ('{"a": {"stage": "x", "muted": 1}}', {"a": {}}, "not muted"),
        ('{"a": {"stage": "x", "title": 1}}', {"a": {}}, "title"),
        ('{"a": {"stage": "x", "exposed": [1]}}', {"a": {}}, "no names"),
        ('{"a": {"stage": "x", "group": "g"}}', {"a": {}}, "'g' is not in the file"),
        ('{"a": {"stage": "x", "group": ["g", "h"]}}', {"a": {}}, "not lie in just one group"),
    ],
)
def test_what_can_be_opened_is_opened_and_the_rest_is_told(
    nodes: str, left: dict[str, dict[str, Value]], word: str
) -> None:
    document, warnings = opened(HEAD + nodes + "}")
    assert {id: dict(each.values) for id, each in document.nodes.items()} == left
    assert not any(each.links for each in document.nodes.values())
    assert len(warnings) == 1
    assert word in warnings[0]


@pytest.mark.parametrize(
    ("groups", "word"),
    [
        ('{"g": 3}', "The group 'g' is damaged"),
        ('{"g": {"group": "g"}}', "'g' lies in itself"),
        ('{"g": {"group": "h"}, "h": {"group": "g"}}', "'g' lies in itself"),
        ('{"g": {"group": "gone"}}', "'gone' is not in the file"),
        ('{"g": {"group": 3}}', "not lie in just one group"),
        ('{"g": {"inputs": []}}', "no proper ports"),
        ('{"g": {"inputs": {"image": [["a"]]}}}', "stands for nothing"),
        ('{"g": {"outputs": {"image": 3}}}', "stands for nothing"),
        ('{"g": {"inputs": {"image": [["b", "image"]]}}}', "nodes outside of it"),
        ('{"g": {"outputs": {"image": [["gone", "image"]]}}}', "nodes outside of it"),
        ('{"g": {"params": {"x": [["b", "x"]]}}}', "nodes outside of it"),
        ('{"g": {"muted": 1}}', "not muted"),
        ('{"g": {"glow": 1}}', "update NodeForge before you save"),
        ('{"a": {}}', "The group 'a' is damaged"),
    ],
)
def test_damaged_groups_are_told_and_their_nodes_stay(groups: str, word: str) -> None:
    nodes = '{"a": {"stage": "x", "group": "g"}, "b": {"stage": "x"}}'
    nodes = nodes if '"g"' in groups else nodes.replace('"group": "g"', '"group": ""')
    document, warnings = opened(f'{{"format": 2, "nodes": {nodes}, "groups": {groups}}}')
    assert set(document.nodes) == {"a", "b"}
    assert word in warnings[0]
    assert opened(dumps(document)) == (document, [])
    assert all(len(document.path(thing.id)) < 3 for thing in document.things())


def test_groups_in_one_another_without_end_are_refused_the_depth() -> None:
    groups = {f"g{i}": {"group": f"g{i + 1}"} for i in range(3000)} | {"g3000": {}}
    document, warnings = opened(json.dumps({"format": 2, "groups": groups}))
    assert len(warnings) == 21
    assert max(len(document.path(id)) for id in document.groups) <= 64


def test_a_file_of_the_format_without_groups_is_opened_as_it_was() -> None:
    text = dumps(picture()).replace('"format": 2', '"format": 1')
    assert opened(text) == (picture(), [])


def test_only_the_wire_that_closes_a_circle_is_left_out() -> None:
    text = dumps(
        Document().add(
            node("load", "source.load_image"),
            node("a", "picture.blend", "a=load.image", "b=b.image"),
            node("b", "picture.sharpen", "image=a.image"),
            node("view", "finish.view", "image=b.image"),
        )
    )
    document, warnings = opened(text)
    assert warnings == ["The wire from the node 'a' to 'b' closed a circle; it was left out."]
    assert document.order() == ["load", "b", "a", "view"]


def test_a_frame_with_the_id_of_a_node_gets_one_of_its_own() -> None:
    document = loads('{"format": 1, "nodes": {"a": {"stage": "x"}}, "frames": {"a": {}}}')
    assert len({*document.nodes, *document.frames}) == 2


def test_an_unknown_stage_keeps_its_values_and_wires() -> None:
    document = picture().add(node("sharp", "pack.glow", "odd=load.image", amount=1, name="x"))
    assert loads(dumps(document, SPECS)) == document


def test_thousands_of_warnings_are_told_in_a_few_lines() -> None:
    _, warnings = opened(HEAD + json.dumps({f"n{i}": None for i in range(5000)}) + "}")
    assert len(warnings) == 21
    assert warnings[-1] == "And 4,980 more like these."


def test_older_formats_are_brought_up_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(data: dict[str, Any]) -> dict[str, Any]:
        return data | {"nodes": {id: {"stage": stage} for id, stage in data["boxes"].items()}}

    def moved(data: dict[str, Any]) -> dict[str, Any]:
        nodes = {id: each | {"at": [1, 2]} for id, each in data["nodes"].items()}
        return {"format": data["format"], "nodes": nodes}

    upgrades: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: named, 2: moved}
    monkeypatch.setattr(file, "FORMAT", 3)
    monkeypatch.setattr(file, "UPGRADES", upgrades)
    document, warnings = opened('{"format": 1, "boxes": {"a": "finish.view"}}')
    assert (document.nodes[n("a")].stage, document.nodes[n("a")].at) == ("finish.view", (1, 2))
    assert warnings == []
    for damaged in ('{"format": 1}', '{"format": 1, "boxes": 3}', '{"format": 0}'):
        with pytest.raises(BadFile):
            loads(damaged)


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00}\x00", b'{"format": 1, "x": "\xe9"}', b"\x89PNG"])
def test_what_is_not_text_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.nodeforge").write_bytes(data)
    with pytest.raises(BadFile, match="not text"):
        load(tmp_path / "x.nodeforge")


def test_a_mark_before_the_text_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "x.nodeforge").write_bytes(b"\xef\xbb\xbf" + dumps(picture()).encode())
    assert load(tmp_path / "x.nodeforge") == picture()


def test_a_hundred_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.nodeforge"
    with path.open("wb") as sparse:
        sparse.truncate(100 * 2**20)
    with pytest.raises(BadFile, match="larger than any graph"):
        load(path)


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="There is no such file"):
        load(tmp_path / "gone.nodeforge")
    with pytest.raises(BadFile, match="no file but a folder"):
        load(tmp_path)
    with pytest.raises(BadFile):
        load(Path("x\0y"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(BadFile, match="no file but"):
            load(tmp_path / "pipe")


def test_ten_thousand_nodes_are_saved_and_loaded_without_recursion() -> None:
    document = chain(10_000)
    started = time.process_time()
    assert loads(dumps(document)) == document
    assert time.process_time() - started < 5
