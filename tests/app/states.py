"""A graph in the middle of a run, with a node in every state there is."""

from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image as Pil

from nodeforge.engine.messages import Failed, Finished, Picture, Planned, Progress, Queued
from nodeforge.graph.document import Document, Link, Node, NodeId
from tests.app.conftest import Desk


def graph() -> Document:
    """Two columns of guides, a sampler, what follows it, and some that are in trouble."""
    model = (Link(NodeId("model"), "model"),)
    first = (Link(NodeId("sample"), "latent"),)
    made = (Link(NodeId("decode"), "image"),)
    guides = {"model": model}
    return (
        Document()
        .add(
            node("model", "source.load_model", (0, 0)),
            node(
                "prompt", "guide.prompt", (248, -60), guides, text="a dragon flying over a castle"
            ),
            node("negative", "guide.prompt", (248, 112), guides, text="noisy"),
            node("size", "source.empty_latent", (248, 288)),
            node(
                "sample",
                "generate.sample",
                (496, 0),
                {
                    **guides,
                    "positive": (Link(NodeId("prompt"), "conditioning"),),
                    "negative": (Link(NodeId("negative"), "conditioning"),),
                    "latent": (Link(NodeId("size"), "latent"),),
                },
            ),
            node("decode", "generate.decode", (744, 0), {**guides, "latent": first}),
            node("sharpen", "picture.sharpen", (992, 0), {"image": made}),
            node("view", "finish.view", (1240, 0), {"image": (Link(NodeId("sharpen"), "image"),)}),
            node("again", "generate.decode", (744, 300), {"latent": first}),
            node("lost", "elsewhere.halo", (992, 300), {"image": made}),
            node("broken", "source.load_model", (0, 300), file="castles-xl"),
        )
        .mute(True, NodeId("sharpen"))
    )


def node(
    id: str,
    stage: str,
    at: tuple[float, float],
    links: Mapping[str, tuple[Link, ...]] | None = None,
    **values: str,
) -> Node:
    return Node(NodeId(id), stage, values=values, links=links or {}, at=at)


def picture(side: int) -> Picture:
    data = io.BytesIO()
    gradient = Pil.radial_gradient("L").resize((side, side))
    Pil.merge("RGB", (gradient, gradient.point(lambda v: v // 2), gradient)).save(data, "PNG")
    return Picture(data.getvalue(), 256, 256)


def mid_run(desk: Desk) -> None:
    """Cached, running with a picture and its step, queued, failed, blocked, muted, missing."""
    ids = [NodeId(id) for id in ("model", "broken", "prompt", "negative", "sample", "decode")]
    desk.hear(
        Planned(
            0,
            {
                NodeId("again"): "Needs a model: connect a Load model node to it.",
                NodeId("lost"): "elsewhere.halo is not installed: "
                "install the pack it came from, or delete the node.",
            },
        )
    )
    desk.session.run()
    job = desk.session.job
    desk.hear(
        Queued(job, (*ids, NodeId("view"))),
        Finished(job, ids[0], "m", False, 0.8),
        Failed(job, ids[1], "There is no model “castles-xl”: choose a file that is there.", "…"),
        Finished(job, ids[2], "p", True, 0.1),
        Finished(job, ids[3], "n", False, 0.1),
        Finished(job, NodeId("size"), "s", True, 0.0),
        Progress(job, ids[4], 0.65, 13, 20, picture(64)),
    )
