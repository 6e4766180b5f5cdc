"""Chroma: T5 reads the prompt, a smaller Flux with true guidance, and so a negative prompt."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion.families import colours
from nodeforge.diffusion.family import (
    Config,
    Family,
    LatentSpace,
    Pipeline,
    PipelineCall,
    TextEncoding,
    unpacked,
)
from nodeforge.families import table


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """(1, 512, width) and its mask."""
    embeds, _, mask, *_ = pipeline.encode_prompt(
        text, device=device, do_classifier_free_guidance=False
    )
    return {"prompt_embeds": embeds, "prompt_attention_mask": mask}


def read_width(denoiser: Config) -> int:
    return int(denoiser["joint_attention_dim"])


def fix_pipeline(pipeline: Pipeline) -> None:
    """The one that inpaints asks the transformer whether its guidance is learned, which Chroma's
    does not say: a copy that shares its weights does."""
    twin = copy.copy(pipeline.transformer)
    twin._internal_dict = type(twin.config)({**twin.config, "guidance_embeds": False})
    pipeline.transformer = twin


CHROMA = Family(
    entry=table.CHROMA,
    text=TextEncoding(encode_prompt=encode_prompt, read_width=read_width),
    latent=LatentSpace(colours=colours.FLUX, patch=2, as_grid=unpacked),
    call=PipelineCall(half=torch.bfloat16, flow=True, fix_pipeline=fix_pipeline),
)
