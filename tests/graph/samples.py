"""A small palette and small documents, made up for the tests of the graph."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from nodeforge.graph.document import (
    TOP,
    Bookmark,
    Document,
    Frame,
    Group,
    Link,
    Node,
    NodeId,
    Note,
    Point,
    Spot,
)
from nodeforge.graph.spec import (
    Choice,
    Dice,
    File,
    Number,
    Param,
    Port,
    StageSpec,
    Text,
    Toggle,
    Value,
    Variant,
)


def spec(id: str, inputs: list[Port], outputs: list[Port], *params: Param) -> StageSpec:
    category, _, name = id.partition(".")
    title = name.replace("_", " ").capitalize()
    return StageSpec(
        id, title, category, "", inputs=tuple(inputs), outputs=tuple(outputs), params=params
    )


IMAGE, MODEL, LATENT = Port("image", "Image"), Port("model", "Model"), Port("latent", "Latent")
SPECS = {
    each.id: each
    for each in (
        spec("source.load_model", [], [MODEL], Param("file", File(what="model"), "forge-tiny")),
        spec("source.load_image", [], [IMAGE], Param("file", File(), "")),
        spec("source.empty_latent", [], [LATENT], Param("width", Number(8, 4096, whole=True), 256)),
        spec("source.text", [], [Port("text", "Text")], Param("text", Text(lines=8), "")),
        spec("source.number", [], [Port("number", "Number")], Param("value", Number(), 0.0)),
        spec(
            "guide.prompt",
            [MODEL],
            [Port("conditioning", "Conditioning")],
            Param("text", Text(lines=4, prompt=True), ""),
        ),
        spec(
            "generate.sample",
            [
                MODEL,
                Port("positive", "Conditioning"),
                Port("negative", "Conditioning", optional=True),
                LATENT,
            ],
            [LATENT],
            Param("seed", Dice(0, 2**64 - 1), 0),
            Param("steps", Number(1, 150, whole=True, soft=(1, 50)), 20),
            Param("sampler", Choice(("ddim", "euler")), "ddim"),
        ),
        spec("generate.decode", [LATENT, MODEL], [IMAGE]),
        spec("generate.encode", [IMAGE, MODEL], [LATENT]),
        spec("picture.sharpen", [IMAGE], [IMAGE], Param("amount", Number(0, 5), 1.0)),
        spec(
            "picture.blend",
            [Port("a", "Image"), Port("b", "Image"), Port("mask", "Mask", optional=True)],
            [IMAGE],
            Param("clip", Toggle(), True),
        ),
        spec("picture.stack", [Port("images", "Image", many=True)], [IMAGE]),
        spec("finish.view", [IMAGE], [IMAGE]),
        spec("any.relay", [Port("thing", "Any")], [Port("thing", "Any")]),
    )
}
NEGATIVE = Variant("Negative prompt", "message-square-off", {"text": "blurry"})


def n(id: str) -> NodeId:
    return NodeId(id)


def node(id: str, stage: str, *wires: str, **values: Value) -> Node:
    """wires: "input=node.output", several for an input that takes many."""
    links: dict[str, tuple[Link, ...]] = {}
    for wire in wires:
        input, _, source = wire.partition("=")
        giver, _, output = source.partition(".")
        links[input] = (*links.get(input, ()), Link(n(giver), output))
    return Node(n(id), stage, values=values, links=links)


def picture() -> Document:
    """load -> sharpen -> view"""
    return Document().add(
        node("load", "source.load_image", file="cat.png"),
        node("sharp", "picture.sharpen", "image=load.image", amount=0.5),
        node("view", "finish.view", "image=sharp.image"),
    )


def chain(length: int) -> Document:
    return Document(
        {
            n(f"n{i}"): node(f"n{i}", "picture.sharpen", *[f"image=n{i - 1}.image"] * (i > 0))
            for i in range(length)
        }
    )


texts = st.text(max_size=8)
numbers = st.floats(-1e6, 1e6, allow_nan=False)
points: st.SearchStrategy[Point] = st.tuples(numbers, numbers)
sizes: st.SearchStrategy[Point] = st.tuples(st.floats(1, 1e6), st.floats(1, 1e6))
values = st.one_of(st.booleans(), st.integers(-(2**64) + 1, 2**64 - 1), numbers, texts)


@st.composite
def documents(draw: st.DrawFn, size: int = 8) -> Document:
    """Any document there can be: of unknown stages, too, with many wires, frames, notes, groups."""
    stages = st.sampled_from([*SPECS, "pack.unknown"])
    ports = st.sampled_from(["image", "latent", "model", "a", "b", "images", "é"])
    nodes: list[Node] = []
    for i in range(draw(st.integers(0, size))):
        sources = st.builds(Link, st.sampled_from([each.id for each in nodes] or [n("")]), ports)
        wired = st.lists(sources, min_size=1, max_size=3, unique=True).map(tuple)
        nodes.append(
            Node(
                n(f"n{i}"),
                draw(stages),
                draw(st.integers(1, 3)),
                draw(st.dictionaries(texts, values, max_size=3)),
                draw(st.dictionaries(ports, wired, max_size=2)) if nodes else {},
                draw(points),
                draw(texts),
                draw(st.booleans()),
                tuple(draw(st.lists(texts, max_size=2, unique=True))),
                tuple(draw(st.lists(texts, max_size=2, unique=True))),
            )
        )
    homes = [n(f"g{i}") for i in range(draw(st.integers(0, 3)))]
    home = st.sampled_from([TOP, *homes])
    nodes = [
        replace(node, group=draw(home), collapsed=draw(st.booleans()), colour=draw(texts))
        for node in nodes
    ]
    shuffled = draw(st.permutations(nodes))
    frames = [Frame(n("f"), draw(texts), draw(points), draw(sizes), draw(texts), draw(home))]
    notes = [Note(n("t"), draw(texts), draw(points), draw(sizes), draw(home), draw(texts))]
    groups = [draw(_groups(id, homes[:i])) for i, id in enumerate(homes)]
    document = Document().add(*shuffled, *frames[: draw(st.integers(0, 1))], *notes, *groups)
    for group in groups:
        document = document.add(draw(_with_ports(document, group)))
    view = st.builds(Bookmark, points, st.floats(0.1, 3), home)
    for name in draw(st.lists(st.sampled_from("123"), max_size=2)):
        document = document.mark(name, draw(view))
    return document


@st.composite
def _groups(draw: st.DrawFn, id: NodeId, around: list[NodeId]) -> Group:
    return Group(
        id,
        draw(texts),
        draw(points),
        draw(texts),
        draw(st.booleans()),
        draw(st.sampled_from([TOP, *around])),
        entry=draw(points),
        exit=draw(points),
        collapsed=draw(st.booleans()),
    )


@st.composite
def _with_ports(draw: st.DrawFn, document: Document, group: Group) -> Group:
    """With ports and parameters of some of the nodes inside."""
    inside = sorted(document.within([group.id]) & document.nodes.keys())
    if not inside:
        return group
    names = st.sampled_from(["image", "latent", "steps", "é"])
    spots = st.builds(Spot, st.sampled_from(inside), names)
    some = st.lists(spots, min_size=1, max_size=3, unique=True).map(tuple)
    ends = st.builds(Link, st.sampled_from(inside), names)
    return replace(
        group,
        inputs=draw(st.dictionaries(texts, some, max_size=2)),
        outputs=draw(st.dictionaries(texts, ends, max_size=2)),
        params=draw(st.dictionaries(texts, spots, max_size=2)),
    )
