"""Sana: Gemma 2 reads the prompt after an instruction, a linear transformer, a VAE of factor 32;
also Sana Sprint, which draws in a few steps and has learned its guidance."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
)
from nodeforge.families import table


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """(1, 300, width) and its mask. A negative prompt goes without the instruction."""
    embeds, mask, negative, negative_mask = pipeline.encode_prompt(
        text,
        negative_prompt=text,
        device=device,
        complex_human_instruction=_instruction(pipeline),
    )
    return {
        "prompt_embeds": embeds,
        "prompt_attention_mask": mask,
        "negative_prompt_embeds": negative,
        "negative_prompt_attention_mask": negative_mask,
    }


def encode_sprint(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """As `encode_prompt`; there is no negative prompt."""
    embeds, mask = pipeline.encode_prompt(
        text, device=device, complex_human_instruction=_instruction(pipeline)
    )
    return {"prompt_embeds": embeds, "prompt_attention_mask": mask}


def _instruction(pipeline: Pipeline) -> Any:
    return inspect.signature(pipeline.__call__).parameters["complex_human_instruction"].default


def fix_pipeline(pipeline: Pipeline) -> None:
    """The one that starts from a picture would stretch latents to the picture's size; what it
    mixes with noise is scaled as the noise is."""
    pipeline.prepare_image = lambda image, *_: image * pipeline.scheduler.config.sigma_data


def read_width(denoiser: Config) -> int:
    return int(denoiser["caption_channels"])


def factor(vae: Config) -> int:
    return int(2 ** (len(vae["encoder_block_out_channels"]) - 1))


def space(vae: Config) -> str:
    return f"{vae['latent_channels']}ch/{factor(vae)} x{vae['scaling_factor']:g}"


def encode(vae: Any, pictures: Tensor) -> Tensor:
    """This VAE says one latent, not a distribution."""
    samples: Tensor = vae.encode(pictures).latent * vae.config.scaling_factor
    return samples


_TEXT = TextEncoding(encode_prompt=encode_prompt, read_width=read_width)
_CALL = PipelineCall(
    half=torch.bfloat16,
    call_kwargs={"use_resolution_binning": False, "clean_caption": False, "negative_prompt": None},
)
_SPRINT = {
    "text": replace(_TEXT, encode_prompt=encode_sprint),
    "call": replace(_CALL, flow=True, fix_pipeline=fix_pipeline),
}

SANA = Family(
    entry=table.SANA,
    text=_TEXT,
    latent=LatentSpace(colours=colours.UNKNOWN, patch=1, factor=factor, space=space, encode=encode),
    call=_CALL,
    variants=dict.fromkeys(("SanaSprintPipeline", "SanaSprintImg2ImgPipeline"), _SPRINT),
)
