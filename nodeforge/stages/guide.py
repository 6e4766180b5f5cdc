"""What tells the model what to draw."""

from __future__ import annotations

from nodeforge.graph.spec import Variant
from nodeforge.imaging.sizes import Fit
from nodeforge.stages.params import (
    ControlFile,
    EmbeddingFile,
    Follow,
    LoraFile,
    Prompt,
    Strength,
    Unit,
)
from nodeforge.stages.stage import Values, stage
from nodeforge.values import Conditioning, Control, Image, Model


@stage(
    icon="message-square-quote",
    variants=(Variant("Negative prompt", icon="message-square-off"),),
    doing="Reading the prompt",
)
def prompt(model: Model, text: Prompt = "", reference: list[Image] | None = None) -> Conditioning:
    """Say in words what to draw; connected to Sample's negative, what to avoid.

    In (a red:1.3) dragon the words in brackets count for more, below 1 for less; \\( is a bracket
    to be read. What stands between /* and */, or behind //, is left out.

    text: Plain words, the important ones first: “a red dragon over a castle at night”.
    reference: Pictures the words speak of, for models that edit: “make the coat red”. What is
        transparent in them is white.
    """
    from nodeforge.diffusion import sampling

    return sampling.encode_prompt(model, text, reference or ())


@stage(icon="layers", title="LoRA", doing="Looking at the LoRA")
def lora(model: Model, file: LoraFile = "", strength: Strength = 1.0) -> Model:
    """Teach a model a style, a subject or a way to draw, for as long as it goes through here.

    Connect what comes out to Prompt and Sample. Several in a row add up.

    file: A LoRA in safetensors, made for this model, or the name of one that comes with NodeForge.
    strength: 1 as it was made, less for a hint of it, 0 leaves it out, below 0 the opposite.
    """
    from nodeforge.diffusion import loras

    return loras.resolve(model, file, strength)


@stage(icon="hash")
def embedding(model: Model, file: EmbeddingFile = "", word: str = "") -> Model:
    """Teach a model a word: a prompt that uses it draws what it stands for.

    Connect what comes out to Prompt. Several in a row add up.

    file: An embedding (textual inversion) made for this model.
    word: What prompts call it; empty for the name of the file.
    """
    from nodeforge.diffusion import embeddings

    return embeddings.resolve(model, file, word)


@stage(version=2, icon="spline", doing="Looking at the control")
def control(
    image: Image,
    file: ControlFile = "edges",
    strength: Follow = 1.0,
    start: Unit = 0.0,
    end: Unit = 1.0,
    fit: Fit = "crop",
) -> Control:
    """Say with a picture where things go: Sample follows its lines while the words say what.

    The picture is what the network was trained to read: for edges, that is what Edges makes. It
    is scaled to the size that Sample draws. Where it is transparent it says nothing. Several on
    one Sample add up.

    image: The hint: light lines on black for edges; the picture, for a network that fills a mask.
    file: The folder of a T2I-Adapter or ControlNet, or edges, which comes with NodeForge.
    strength: How closely to follow it; 0 not at all.
    start: From which share of the steps on it is followed; 0 is the first step.
    end: Up to which share of the steps; lower it to let details run free.
    fit: How a hint of another shape becomes the picture's: crop what stands out, pad with black,
        or stretch it.
    """
    from nodeforge.diffusion import controls

    return controls.resolve(file, image, strength, start, end, fit)


@control.upgrade(to=2)
def _(values: Values) -> Values:
    """Version 1 stretched every hint."""
    return {**values, "fit": "stretch"}
