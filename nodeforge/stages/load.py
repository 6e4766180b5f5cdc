"""Where a picture begins: a model, and an empty canvas of noise to come."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from nodeforge.families.table import FAMILIES
from nodeforge.graph.spec import Choice
from nodeforge.stages.params import Count, ModelFile, Pixels, TextFile, VaeFile
from nodeforge.stages.stage import stage
from nodeforge.values import Latent, Model

Precision: TypeAlias = Literal["auto", "float32", "float16", "bfloat16"]
FamilyId: TypeAlias = Annotated[str, Choice(("auto", *FAMILIES))]


@stage(category="source", icon="box", doing="Looking at the model")
def load_model(
    file: ModelFile = "forge-tiny",
    precision: Precision = "auto",
    family: FamilyId = "auto",
) -> Model:
    """A trained model, which knows how to draw. Connect it to Prompt, Sample and Decode.

    The weights themselves are loaded when they are first needed.

    file: A checkpoint in one file, a folder with a diffusers model, or forge-tiny, the small one
        that comes with NodeForge.
    precision: Auto is right almost always. Choose float32 if pictures come out black.
    family: Auto asks the file. Choose one where it cannot tell, or tells the wrong one.
    """
    from nodeforge.diffusion import recipes

    return recipes.resolve(file, precision, picked=family)


@stage(category="source", icon="box", doing="Looking at the model")
def assemble_model(
    file: ModelFile = "",
    text_encoder: TextFile = "",
    text_encoder_2: TextFile = "",
    text_encoder_3: TextFile = "",
    vae: VaeFile = "",
    precision: Precision = "auto",
) -> Model:
    """A model of several files: a diffusion model, its text encoders, its VAE.

    For diffusion models that come alone, or to try another VAE. What you leave empty is taken
    from the model itself, then from the folders text_encoders and vae beside it.

    file: The diffusion model or checkpoint: one file, or a diffusers folder.
    text_encoder: A file with a text encoder, as clip_l or t5xxl, or a diffusers folder of the same
        family, which brings all that is lacking.
    text_encoder_2: Another one, where the family has two.
    text_encoder_3: And another.
    vae: A file or folder with a VAE of the family.
    precision: Auto is right almost always. Choose float32 if pictures come out black.
    """
    from nodeforge.diffusion import recipes

    extras = (text_encoder, text_encoder_2, text_encoder_3, vae)
    return recipes.resolve(file, precision, extras)


@stage(category="source", icon="square-dashed")
def empty_latent(width: Pixels = 256, height: Pixels = 256, batch: Count = 1) -> Latent:
    """An empty canvas: how large the picture will be, and how many to make at once.

    Any size will do: where a model draws in coarser steps, what stands out is cut off at the right
    and the bottom.

    width: Models draw best near the size they were trained for: forge-tiny 256, SD 1.5 512.
    height: As width; tall for portraits, wide for landscapes.
    batch: Pictures made together. Each has its own seed: the first Sample's seed, then one more.
    """
    return Latent(width, height, batch)
