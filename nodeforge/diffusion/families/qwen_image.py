"""Qwen-Image and its editors: Qwen 2.5 VL reads words and pictures; a VAE of videos."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion.families import colours
from nodeforge.diffusion.family import (
    Beside,
    Config,
    Family,
    LatentSpace,
    Pipeline,
    PipelineCall,
    TextEncoding,
    packed_by_two,
    unpacked,
)
from nodeforge.families import table


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """(1, words, width). There is no padding, and so no mask."""
    embeds, _ = pipeline.encode_prompt(text, device=device)
    return {"prompt_embeds": embeds}


def encode_edit(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """As `encode_prompt`; the first editor sees its one picture in the size that it draws."""
    width, height, _ = _fitted(pipeline, 1024 * 1024, pictures[0])
    seen = pipeline.image_processor.resize(pictures[0], height, width)
    embeds, _ = pipeline.encode_prompt(text, [seen], device)
    return {"prompt_embeds": embeds}


def encode_edit_plus(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """As `encode_prompt`; the second editor sees its pictures small."""
    seen = []
    for picture in pictures:
        width, height = _fitted(pipeline, 384 * 384, picture)
        seen.append(pipeline.image_processor.resize(picture, height, width))
    embeds, _ = pipeline.encode_prompt(text, seen, device)
    return {"prompt_embeds": embeds}


def _fitted(pipeline: Pipeline, area: int, picture: Pil.Image) -> Any:
    """Width and height of so many pixels, as the pipeline's own module reckons."""
    home = sys.modules[type(pipeline).__module__]
    return home.calculate_dimensions(area, picture.width / picture.height)


def seen(picture: Pil.Image) -> tuple[int, int]:
    """The size in which editors see a picture while they draw, a million pixels."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit as home

    width, height, _ = home.calculate_dimensions(1024 * 1024, picture.width / picture.height)
    return int(width), int(height)


def extra_kwargs(words: Mapping[str, Any], sizes: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Pictures follow the one that is drawn, each a video of one frame."""
    more = [(1, height, width) for height, width in sizes]
    return {**words, "img_shapes": [[*shapes, *more] for shapes in words["img_shapes"]]}


def read_width(denoiser: Config) -> int:
    return int(denoiser["joint_attention_dim"])


def factor(vae: Config) -> int:
    return int(2 ** len(vae["temperal_downsample"]))


def space(vae: Config) -> str:
    return f"{vae['z_dim']}ch/{factor(vae)}"


def decode(vae: Any, samples: Tensor) -> Tensor:
    """A video of one frame."""
    mean, scale = _statistics(vae, samples)
    frames = (samples / scale + mean)[:, :, None]
    pictures: Tensor = vae.decode(frames, return_dict=False)[0][:, :, 0]
    return pictures


def encode(vae: Any, pictures: Tensor) -> Tensor:
    found = vae.encode(pictures[:, :, None]).latent_dist.mode()[:, :, 0]
    mean, scale = _statistics(vae, found)
    samples: Tensor = (found - mean) * scale
    return samples


def _statistics(vae: Any, like: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and one over the deviation of each channel, (1, channels, 1, 1)."""
    mean, deviation = (
        torch.tensor(values).view(1, -1, 1, 1).to(like.device, like.dtype)
        for values in (vae.config.latents_mean, vae.config.latents_std)
    )
    return mean, 1.0 / deviation


def guidance_kwargs(guidance: float) -> dict[str, float]:
    return {"true_cfg_scale": guidance}


def _editor(encode: Callable[..., dict[str, Tensor]]) -> dict[str, Any]:
    """The records that are an editor's own."""
    return {
        "text": TextEncoding(
            components=("tokenizer", "processor", "text_encoder"),
            encode_prompt=encode,
            read_width=read_width,
        ),
        "beside": Beside(seen, extra_kwargs),
    }


QWEN_IMAGE = Family(
    entry=table.QWEN_IMAGE,
    text=TextEncoding(encode_prompt=encode_prompt, read_width=read_width),
    latent=LatentSpace(
        colours=colours.UNKNOWN,
        patch=2,
        factor=factor,
        space=space,
        decode=decode,
        encode=encode,
        as_grid=unpacked,
        packed=packed_by_two,
    ),
    call=PipelineCall(half=torch.bfloat16, flow=True, guidance_kwargs=guidance_kwargs),
    variants={
        "QwenImageEditPipeline": _editor(encode_edit),
        "QwenImageEditPlusPipeline": _editor(encode_edit_plus),
    },
)
