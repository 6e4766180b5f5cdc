"""Where a picture begins: a model, and an empty canvas of noise to come."""

from __future__ import annotations

from typing import Literal

from nodeforge.stages.params import Count, ModelFile, Pixels
from nodeforge.stages.stage import stage
from nodeforge.values import Latent, Model


@stage(category="source", icon="box")
def load_model(
    file: ModelFile = "forge-tiny",
    precision: Literal["auto", "float32", "float16", "bfloat16"] = "auto",
) -> Model:
    """A trained model, which knows how to draw. Connect it to Prompt, Sample and Decode.

    The weights themselves are loaded when they are first needed.

    file: A folder with a diffusers model, or forge-tiny, the small one that comes with NodeForge.
    precision: Auto is right almost always. Choose float32 if pictures come out black.
    """
    from nodeforge.diffusion import recipes

    return recipes.resolve(file, precision)


@stage(category="source", icon="square-dashed")
def empty_latent(width: Pixels = 256, height: Pixels = 256, batch: Count = 1) -> Latent:
    """An empty canvas: how large the picture will be, and how many to make at once.

    width: Models draw best near the size they were trained for: forge-tiny 256, SD 1.5 512.
    height: As width; tall for portraits, wide for landscapes.
    batch: Pictures made together. Each has its own seed: the first Sample's seed, then one more.
    """
    return Latent(width, height, batch)
