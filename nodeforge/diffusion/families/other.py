"""Any other pipeline of diffusers that takes the usual arguments; what they are, its class tells.

Its prompt goes through `encode_prompt`, whose source says what it returns. Words weigh alike, and
previews have made-up colours; a family of its own can do better.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from PIL import Image as Pil
from torch import Tensor

from nodeforge.diffusion import family as usual
from nodeforge.diffusion.families import colours, qwen_image
from nodeforge.diffusion.family import (
    Config,
    Family,
    LatentSpace,
    Pipeline,
    PipelineCall,
    TextEncoding,
    packed_by_two,
    unpacked,
)
from nodeforge.errors import BadModel
from nodeforge.families import foreign

_ASKED = {"prompt_embeds", "output_type", "generator", "num_inference_steps"}
_READERS = ("tokenizer", "text_encoder", "processor")


def encode_prompt(
    pipeline: Pipeline, text: str, device: str, pictures: Sequence[Pil.Image] = ()
) -> dict[str, Tensor]:
    """What the pipeline's own method returns, by the names its call takes; read as a negative
    prompt, too, where that is done otherwise."""
    takes = inspect.signature(pipeline.encode_prompt).parameters
    words = {
        "prompt": text,
        "negative_prompt": text,
        "device": device,
        "num_images_per_prompt": 1,
        "do_classifier_free_guidance": True,
    }
    needed = {n: None for n, entry in takes.items() if entry.default is entry.empty}
    given = needed | {n: v for n, v in words.items() if n in takes}
    found = pipeline.encode_prompt(**given)
    several = found if isinstance(found, tuple) else (found,)
    cls: Any = type(pipeline)
    named = zip(_returned(cls), several, strict=False)
    asked = inspect.signature(pipeline.__call__).parameters
    return {n: v for n, v in named if n in asked and isinstance(v, Tensor)}


def factor(vae: Config) -> int:
    """Pixels of a latent cell, from whichever entry says how often the VAE halves."""
    if "temperal_downsample" in vae:
        return qwen_image.factor(vae)
    for entry in ("spatial_compression_ratio", "scale_factor_spatial", "ffactor_spatial"):
        if entry in vae:
            return int(vae[entry])
    blocks = vae.get("encoder_block_out_channels") or vae["block_out_channels"]
    return int(2 ** (len(blocks) - 1))


def space(vae: Config) -> str:
    channels = vae.get("latent_channels", vae.get("z_dim"))
    return f"{vae.get('_class_name')} {channels}ch/{factor(vae)} x{vae.get('scaling_factor', 1)}"


def decode(vae: Any, samples: Tensor) -> Tensor:
    own = qwen_image if "temperal_downsample" in vae.config else usual
    pictures: Tensor = own.decode(vae, samples)
    return pictures


def encode(vae: Any, pictures: Tensor) -> Tensor:
    own = qwen_image if "temperal_downsample" in vae.config else usual
    samples: Tensor = own.encode(vae, pictures)
    return samples


def as_grid(samples: Tensor, width: int, height: int) -> Tensor:
    """Packed two by two, or frames of a video that is one picture, or as it is."""
    return samples[:, :, 0] if samples.ndim == 5 else unpacked(samples, width, height)


def width(_: object) -> int:
    """How wide its prompts are nobody knows beforehand."""
    return 0


OTHER = Family(
    entry=foreign.OTHER,
    text=TextEncoding(
        components=(), encode_prompt=encode_prompt, encoded_width=width, read_width=width
    ),
    latent=LatentSpace(
        colours=colours.UNKNOWN,
        factor=factor,
        space=space,
        decode=decode,
        encode=encode,
        as_grid=as_grid,
    ),
    call=PipelineCall(
        # sizes as asked for; no words beside the embeddings
        call_kwargs={
            "use_resolution_binning": False,
            "clean_caption": False,
            "negative_prompt": None,
        },
        half=torch.bfloat16,
    ),
)


def made(name: str, index: Mapping[str, Any]) -> Family:
    """The family of the model of this name, with this model_index.json.

    Raises BadModel, with what is in the way, for a pipeline that is built in another way.
    """
    import diffusers

    named = str(index.get("_class_name", "an unknown pipeline"))
    cls = getattr(diffusers, named, None) if named.endswith("Pipeline") else None
    if cls is None:
        raise BadModel(
            f"“{name}” is made for {named}, which diffusers does not have: choose another model"
        )
    there = tuple(name for name, entry in index.items() if isinstance(entry, list) and entry[0])
    denoiser = next((name for name in ("transformer", "unet") if name in there), "")
    if lacking := _lacking(cls, there, denoiser):
        raise BadModel(
            f"“{name}” is made for {named}, which NodeForge cannot run, for {lacking}: choose "
            f"another model"
        )
    scheduler = str((index.get("scheduler") or ["", ""])[1])
    return _family(cls, there, denoiser, scheduler.startswith("FlowMatch"))


def _lacking(cls: Any, there: Sequence[str], denoiser: str) -> str:
    """What it does not have of what the stages need."""
    asked = set(inspect.signature(cls.__call__).parameters)
    if not hasattr(cls, "encode_prompt") or _ASKED - asked:
        return "its prompts and latents cannot be handed in"
    if not {"prompt_embeds"} & set(_returned(cls)):
        return "it encodes prompts in a way of its own"
    if not denoiser or "vae" not in there or "scheduler" not in there:
        return "it has no single denoiser, scheduler and VAE"
    given = inspect.signature(cls.__call__).parameters
    if "image" in given and given["image"].default is inspect.Parameter.empty:
        return "it needs a picture from the start"
    return ""


@cache
def _family(cls: Any, there: tuple[str, ...], denoiser: str, flow: bool) -> Family:
    asked = inspect.signature(cls.__call__).parameters
    # where a pipeline has two guidances, the true one is in use if it is on by default
    true = "true_cfg_scale" in asked
    led = true and ("guidance_scale" not in asked or asked["true_cfg_scale"].default > 1)
    packs = hasattr(cls, "_unpack_latents")
    known = replace(
        OTHER.entry,
        pipelines=replace(
            OTHER.pipelines,
            text_to_image=cls.__name__,
            image_to_image=_sibling(cls, "AUTO_IMAGE2IMAGE_PIPELINES_MAPPING"),
            inpaint=_sibling(cls, "AUTO_INPAINT_PIPELINES_MAPPING"),
            denoiser=denoiser,
        ),
        limits=replace(OTHER.limits, negates="negative_prompt_embeds" in asked and led == true),
    )
    return replace(
        OTHER,
        entry=known,
        text=replace(
            OTHER.text,
            components=tuple(name for name in there if name.startswith(_READERS)),
            zeros="force_zeros_for_empty_prompt" in inspect.signature(cls.__init__).parameters,
        ),
        latent=replace(
            OTHER.latent,
            patch=2 if packs else 1,
            packed=packed_by_two if packs else usual.packed,
        ),
        call=replace(
            OTHER.call,
            flow=flow,
            guidance_kwargs=_guidance_kwargs("true_cfg_scale" if led else "guidance_scale"),
        ),
    )


def _guidance_kwargs(name: str) -> Callable[[float], dict[str, float]]:
    return lambda guidance: {name: guidance}


def _sibling(cls: Any, table: str) -> str:
    """The class that diffusers itself takes for the same model and another task, or nothing."""
    from diffusers.pipelines import auto_pipeline as auto

    found = auto._get_task_class(getattr(auto, table), cls.__name__, False)
    return "" if found is None else str(found.__name__)


@cache
def _returned(cls: Any) -> tuple[str, ...]:
    """The names of what encode_prompt returns, as its source has them."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls.encode_prompt)))
    answers = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    if not answers or answers[-1] is None:
        return ()
    last = answers[-1]
    parts = last.elts if isinstance(last, ast.Tuple) else [last]
    return tuple(part.id if isinstance(part, ast.Name) else "" for part in parts)
