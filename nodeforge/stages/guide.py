"""What tells the model what to draw."""

from __future__ import annotations

from nodeforge.graph.spec import Variant
from nodeforge.stages.params import Prompt
from nodeforge.stages.stage import stage
from nodeforge.values import Conditioning, Model


@stage(
    icon="message-square-quote",
    variants=(Variant("Negative prompt", icon="message-square-off"),),
)
def prompt(model: Model, text: Prompt = "") -> Conditioning:
    """Say in words what to draw, or, connected to Sample's negative, what to avoid.

    text: Plain words, the important ones first: “a red dragon over a castle at night”.
    """
    from nodeforge.diffusion import sampling

    return sampling.encode_prompt(model, text)
