"""Stable Diffusion 1.x and 2.x, and the embedded Forge Tiny: one UNet, one CLIP, 4 channels."""

from __future__ import annotations

from nodeforge.diffusion.family import (
    Colours,
    Family,
    LatentSpace,
    PipelineCall,
    TextEncoding,
)
from nodeforge.families import table

# Latent to RGB for the VAE of Stable Diffusion 1.x, as interfaces have used it since 2022 (found
# by a linear fit on decoded pictures, there for -1 to 1; here for 0 to 1).
_COLOURS = Colours(
    factors=(
        (0.1756, 0.1149, 0.1614),
        (0.1625, 0.2487, 0.1175),
        (-0.1415, 0.0881, 0.1361),
        (-0.1060, -0.1308, -0.3589),
    ),
    bias=(0.5, 0.5, 0.5),
)

SD1 = Family(
    entry=table.SD1,
    text=TextEncoding(components=("tokenizer", "text_encoder")),
    latent=LatentSpace(colours=_COLOURS),
    call=PipelineCall(init_kwargs={"requires_safety_checker": False}),
)
