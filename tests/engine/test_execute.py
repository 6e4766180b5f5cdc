from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from time import perf_counter

import pytest
from PIL import Image as Pil

from nodeforge.engine.cache import MemoryCache
from nodeforge.engine.execute import execute, plan
from nodeforge.engine.messages import Ended, Event, Failed, Finished, Progress, Queued, Start
from nodeforge.graph.document import Document, Link, Node, NodeId
from nodeforge.graph.file import loads
from nodeforge.stages.library import Library
from nodeforge.values import Image
from tests.engine.conftest import Go
from tests.engine.graphs import cached, chain, failures, finished, graph, node, queued
from tests.engine.stages import CALLS

A, B, C = NodeId("a"), NodeId("b"), NodeId("c")
TRIO = graph(node("a", "solid"), node("b", "invert", image="a"), node("c", "invert", image="b"))


def image(cache: MemoryCache, events: list[Event], id: str) -> Image:
    entry = cache.get(finished(events, id).key)
    assert entry
    assert isinstance(entry.results[0], Image)
    return entry.results[0]


def test_only_what_changed_runs_again(go: Go) -> None:
    assert cached(go(TRIO)) == {"a": False, "b": False, "c": False}
    assert cached(go(TRIO)) == {"a": True, "b": True, "c": True}
    assert CALLS == []
    again = go(TRIO.set(B, times=3))
    assert cached(again) == {"a": True, "b": False, "c": False}
    assert queued(again) == ["b", "c"]
    assert cached(go(TRIO)) == {"a": True, "b": True, "c": True}


def test_events_come_in_order(go: Go) -> None:
    events = go(TRIO)
    assert isinstance(events[0], Queued)
    assert isinstance(events[-1], Ended)
    assert not events[-1].failed
    assert [type(e) for e in events[1:-1]] == [Progress, Finished] * 3


def test_only_what_the_targets_need_runs(go: Go) -> None:
    assert queued(go(TRIO, "b")) == ["a", "b"]
    assert queued(go(TRIO)) == ["c"]
    assert queued(go(TRIO, "gone")) == []


def test_what_is_above_a_cached_result_is_not_made_again(go: Go, cache: MemoryCache) -> None:
    cache.drop(finished(go(TRIO), "a").key)
    again = go(TRIO)
    assert cached(again) == {"b": True, "c": True}
    assert CALLS == []


def test_a_branch_goes_on_when_another_fails(go: Go) -> None:
    document = TRIO.add(node("f", "fail", image="a"), node("g", "invert", image="f"))
    events = go(document)
    assert failures(events) == {"f": "Fail stopped: division by a cat."}
    assert set(cached(events)) == {"a", "b", "c"}
    assert isinstance(events[-1], Ended)
    assert events[-1].failed
    assert not events[-1].cancelled
    assert "RuntimeError" in next(e.details for e in events if isinstance(e, Failed))


def test_an_error_of_ours_is_said_as_it_is(go: Go) -> None:
    events = go(TRIO.add(node("f", "fail", {"plainly": True}, image="a")))
    assert failures(events) == {"f": "It cannot be done: do something else."}


@pytest.mark.parametrize(
    "bad",
    [
        node("x", "invert"),
        node("x", "unheard", image="b"),
        node("x", "invert", {"times": "often"}, image="b"),
        node("x", "invert", image="nobody"),
        node("x", "invert", image="b.sound"),
        node("x", "invert", image="a", mask="a"),
        Node(NodeId("x"), "toy.solid", version=99),
    ],
)
def test_a_faulty_node_is_found_before_what_does_not_need_it_runs(go: Go, bad: Node) -> None:
    document = TRIO.add(bad, node("y", "invert", image="x"), node("other", "double"))
    events = go(document, "y", "other")
    assert list(failures(events)) == ["x"]
    feeding = [link.node for links in bad.links.values() for link in links]
    expected = {"nobody": [], "b": ["a", "b"], "a": ["a"]}
    assert queued(events)[:-1] == max((expected[id] for id in feeding), key=len, default=[])
    assert queued(events)[-1] == "other"
    assert "x" not in cached(events)


def test_a_muted_node_of_an_unknown_stage_is_in_the_way(go: Go) -> None:
    document = TRIO.add(node("x", "unheard", image="a"), node("y", "invert", image="x"))
    events = go(document.mute(True, NodeId("x")), "y")
    assert list(failures(events)) == ["x"]


def test_a_circle_stops_only_what_it_feeds(go: Go) -> None:
    ring = (node("r", "invert", image="s"), node("s", "invert", image="r"))
    events = go(TRIO.add(*ring, node("t", "invert", image="s")), "c", "t")
    assert set(failures(events)) == {"r", "s"}
    assert set(cached(events)) == {"a", "b", "c"}
    assert set(failures(go(graph(*ring)))) == {"r", "s"}, "no sink, and the reason is told"


def test_a_muted_node_passes_its_input_on(go: Go, cache: MemoryCache) -> None:
    go(TRIO)
    events = go(TRIO.mute(True, B))
    assert CALLS == []  # c is now what b was
    assert finished(events, "b").key == finished(events, "a").key
    assert image(cache, events, "c").pixels[0, 0, 0, 0] == 0.5
    fresh = go(TRIO.mute(True, B, C).set(A, size=6))
    assert CALLS == ["solid"]
    assert set(cached(fresh)) == {"a", "b", "c"}


def test_behind_a_muted_source_an_optional_input_is_empty(go: Go) -> None:
    document = TRIO.add(node("d", "grown", image="a")).mute(True, A)
    assert failures(go(document, "d")) == {}
    assert list(failures(go(document, "b"))) == ["b"]


def test_a_muted_sink_still_has_its_inputs_made(go: Go) -> None:
    go(TRIO.add(node("w", "write", image="c")).mute(True, NodeId("w")))
    assert CALLS == ["solid", "invert", "invert"]


def test_a_wire_drives_a_parameter(go: Go, cache: MemoryCache) -> None:
    document = graph(
        node("n", "double", {"number": 3.0}), node("a", "solid", {"size": 99}, size="n.number")
    )
    assert image(cache, go(document), "a").width == 6
    assert finished(go(document), "n").text == "6.0"
    events = go(document.set(NodeId("n"), number=3.25))
    said = "The wire into size brings a value that is not allowed: 6.5 is not a whole number."
    assert failures(events) == {"a": said}


def test_a_port_for_many_takes_them_in_order(go: Go, cache: MemoryCache) -> None:
    document = TRIO.add(node("m", "stack", images="b a b"), node("p", "split", image="a"))
    document = document.add(node("q", "stack", images="p.right p.left"))
    events = go(document.set(A, grey_value=0.25))
    assert list(image(cache, events, "m").pixels[:, 0, 0, 0]) == [0.75, 0.25, 0.75]
    assert list(image(cache, events, "q").pixels[:, 0, 0, 0]) == [1, 0.25]


def test_twins_run_once(go: Go) -> None:
    events = go(TRIO.add(node("twin", "invert", image="a")))
    assert CALLS == ["solid", "invert", "invert"]
    assert sorted(cached(events).values()) == [False, False, False, True]


def test_an_effect_runs_each_time_and_shows_what_it_took(go: Go, cache: MemoryCache) -> None:
    document = TRIO.add(node("w", "write", image="c"))
    go(document)
    events = go(document)
    assert CALLS == ["write"]
    assert cached(events) == {"a": True, "b": True, "c": True, "w": False}
    assert finished(events, "w").picture == finished(events, "c").picture
    assert finished(events, "w").key in cache
    assert finished(events, "w").text == "/notes"


def test_an_effect_is_told_how_the_picture_was_made(
    library: Library, cache: MemoryCache, tmp_path: Path
) -> None:
    document = graph(
        node("p", "phrase", {"text": "a dragon"}),
        node("n", "phrase", {"text": "mist"}),
        node("d", "paint", {"seed": 7}, positive="p.conditioning", negative="n.conditioning"),
        node("i", "invert", image="d"),
        node("w", "write", {"folder": str(tmp_path)}, image="i"),
    )
    execute(Start(1, document, title="castle"), library, cache, lambda event: None)
    notes = json.loads((tmp_path / "notes").read_text())
    assert loads(notes.pop("graph")) == document.reset(NodeId("w"), "folder")
    assert notes == {
        "title": "castle",
        "seed": "7",
        "prompt": "a dragon",
        "parameters": "a dragon\nNegative prompt: mist\nSteps: 20, Seed: 7, Size: 8x8",
    }


def test_a_small_cache_does_not_lose_what_is_still_needed(library: Library) -> None:
    cache = MemoryCache(1)
    events: list[Event] = []
    document = TRIO.add(node("m", "stack", images="a b c"))
    execute(Start(1, document), library, cache, events.append)
    assert failures(events) == {}
    assert len(cache) == 1


def test_full_memory_is_emptied_once_and_then_said(go: Go, cache: MemoryCache) -> None:
    document = TRIO.add(node("h", "hungry", image="c"))
    assert failures(go(document, "h")) == {}
    assert CALLS.count("hungry") == 2
    events = go(document.set(NodeId("h"), meals=9))
    assert failures(events) == {"h": "No room: make a smaller picture."}


def test_pictures_are_small_and_keep_transparency(go: Go) -> None:
    events = go(graph(node("a", "solid", {"size": 600}), node("b", "solid", {"alpha": True})))
    opaque, clear = finished(events, "a").picture, finished(events, "b").picture
    assert opaque
    assert clear
    assert (opaque.width, opaque.height, opaque.count) == (600, 600, 1)
    small = Pil.open(BytesIO(opaque.data))
    assert (small.format, small.size) == ("JPEG", (256, 256))
    assert Pil.open(BytesIO(clear.data)).format == "PNG"
    assert finished(go(TRIO, "a"), "a").picture  # cached or not


def test_previews_are_made_only_when_due_and_stand_for_a_latent(go: Go) -> None:
    events = go(graph(node("d", "dream", {"steps": 200})))
    reports = [e for e in events if isinstance(e, Progress)]
    assert CALLS.count("preview") <= 4
    assert (reports[-1].step, reports[-1].steps, reports[-1].fraction) == (200, 200, 1.0)
    assert len(reports) < 100
    picture = finished(events, "d").picture
    assert picture
    assert (picture.width, picture.height) == (64, 32)


def test_cancel_stops_between_stages_and_inside_them(library: Library, cache: MemoryCache) -> None:
    for after, ran in ((1, ["solid"]), (6, ["solid", "invert", "slow"])):
        document = graph(
            node("a", "solid", {"size": after}),
            node("b", "invert", image="a"),
            node("s", "slow", image="b"),
        )
        CALLS.clear()
        events: list[Event] = []

        def enough(events: list[Event] = events, after: int = after) -> bool:
            return len(events) > after

        execute(Start(1, document), library, cache, events.append, enough)
        assert ran == CALLS
        assert events[-1] == Ended(1, cancelled=True, failed=False, seconds=events[-1].seconds)  # type: ignore[union-attr]


def test_old_nodes_are_brought_up_to_date(go: Go, library: Library, cache: MemoryCache) -> None:
    old = Node(NodeId("a"), "toy.grown", 1, {"width": 12})
    assert finished(go(Document().add(old)), "a").text == "6"
    assert plan(graph(node("b", "double")).add(old), library, cache).fate == {
        "a": "cached",
        "b": "run",
    }
    unlucky = Node(NodeId("a"), "toy.grown", 2, {"size": 13})
    assert "bad luck" in failures(go(Document().add(unlucky)))["a"]


def test_a_plan_says_the_fate_of_each_node(go: Go, library: Library, cache: MemoryCache) -> None:
    go(TRIO)
    document = TRIO.set(C, times=5).add(
        node("x", "invert"), node("y", "invert", image="x"), node("z", "invert", image="c")
    )
    told = plan(document, library, cache)
    fate = told.fate
    assert told.faults == {"x"}
    assert {k: v for k, v in fate.items() if k not in "xy"} == {
        "a": "cached",
        "b": "cached",
        "c": "run",
        "z": "run",
    }
    assert "image" in fate[NodeId("x")]
    assert fate[NodeId("y")] == "Waits for Invert, which cannot run."


def test_an_empty_document_ends_at_once(go: Go) -> None:
    assert [type(e) for e in go(Document())] == [Queued, Ended]


def test_a_chain_of_ten_thousand_runs_and_is_then_cached(library: Library) -> None:
    cache = MemoryCache(2**30)
    document = chain(10_000)
    events: list[Event] = []
    execute(Start(1, document), library, cache, events.append)
    assert len(cached(events)) == 10_000
    events.clear()
    began = perf_counter()
    execute(Start(2, document), library, cache, events.append)
    assert perf_counter() - began < 1
    assert all(cached(events).values())


def test_what_does_not_need_a_stuck_node_runs_all_the_same(
    go: Go, library: Library, cache: MemoryCache
) -> None:
    """A painter without words to follow: those to avoid are made, and are there later."""
    document = graph(node("n", "phrase"), node("p", "paint", negative="n.conditioning"))
    told = plan(document, library, cache)
    assert told.fate[NodeId("n")] == "run"
    assert "conditioning" in told.fate[NodeId("p")]
    events = go(document)
    assert queued(events) == ["n"]
    assert "conditioning" in failures(events)["p"]
    assert plan(document, library, cache).fate[NodeId("n")] == "cached"


def test_an_unknown_stage_at_the_only_end_does_not_keep_the_rest_from_running(go: Go) -> None:
    document = TRIO.add(Node(NodeId("u"), "comfy.ksampler", links={"x": (Link(C, "image"),)}))
    document = document.add(node("w", "invert", image="u"))
    events = go(document)
    assert queued(events) == ["a", "b", "c"]
    assert failures(events)["u"].startswith("comfy.ksampler is not installed")
    assert go(document, "u")[-1].failed  # type: ignore[union-attr]
    assert all(cached(go(document, "w")).values())


def test_what_only_feeds_a_circle_runs_all_the_same(go: Go) -> None:
    round = Document().add(
        node("a", "solid"), node("x", "stack", images="a y"), node("y", "invert", image="x")
    )
    for targets in ((), ("y",)):
        events = go(round, *targets)
        assert "a" in cached(events)
        assert failures(events).keys() == {"x", "y"}
    alone = Document().add(node("x", "invert", image="y"), node("y", "invert", image="x"))
    events = go(alone)
    assert failures(events).keys() == {"x", "y"}
    assert events[-1].failed  # type: ignore[union-attr]


def test_a_plan_tells_the_key_of_what_each_node_shows(
    go: Go, library: Library, cache: MemoryCache
) -> None:
    document = TRIO.add(node("w", "write", image="c"))
    before = plan(document, library, cache)
    assert before.keys[NodeId("w")] == before.keys[C], "a sink shows the picture that it takes"
    done = {str(event.node): event for event in go(document) if isinstance(event, Finished)}
    assert {id: done[id].key for id in "abcw"} == before.keys
    assert plan(document, library, cache).keys == before.keys


def test_a_stage_says_what_it_does_until_its_steps_say_more(
    library: Library, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library["toy.load"], "doing", "Getting ready")
    told = [e for e in go(graph(node("l", "load"))) if isinstance(e, Progress)]
    assert [e.doing for e in told] == ["Getting ready", "Loading the model", "Getting ready", ""]
    assert (told[-1].step, told[-1].steps) == (1, 1)
