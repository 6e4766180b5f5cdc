"""Tiny random models as their makers would keep them: one file in the layout of latent diffusion.

The names are turned around by a table of our own, so that what diffusers' converters do is
checked against something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from safetensors.torch import save_file
from torch import Tensor

from nodeforge import resources

State = Mapping[str, Tensor]
CLIP = resources.path("families/tokenizers/clip")
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
OUTER = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
VAE = (
    (r"(en|de)coder\.mid_block\.resnets\.(\d)", lambda m: f"{m[1]}coder.mid.block_{int(m[2]) + 1}"),
    (r"mid_block\.attentions\.0\.group_norm", "mid.attn_1.norm"),
    (r"mid_block\.attentions\.0\.to_out\.0", "mid.attn_1.proj_out"),
    (r"mid_block\.attentions\.0\.to_([qkv])", r"mid.attn_1.\1"),
    (r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2"),
    (r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample"),
    (r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"up.{1 - int(m[1])}.block.{m[2]}"),
    (r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{1 - int(m[1])}.upsample"),
    (r"conv_norm_out", "norm_out"),
    (r"conv_shortcut", "nin_shortcut"),
)
OPEN_CLIP = {
    "embeddings.token_embedding": "token_embedding",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm": "ln_final",
    "encoder.layers": "transformer.resblocks",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def ldm_unet(name: str, layers: int = 1) -> str:
    """A diffusers UNet's name in the layout of latent diffusion; `layers` per block."""
    for ours, theirs in OUTER.items():
        if name.startswith(f"{ours}."):
            return theirs + name[len(ours) :]
    stem, _, rest = name.partition(".")
    if stem == "mid_block":
        kind, number, tail = rest.split(".", 2)
        among = {"resnets": 2 * int(number), "attentions": 1}[kind]
        return f"middle_block.{among}.{_inner(kind, tail)}"
    level, kind, number, tail = rest.split(".", 3)
    if stem == "down_blocks":
        block = 1 + int(level) * (layers + 1) + (int(number) if kind != "downsamplers" else layers)
        place = {"resnets": "0", "attentions": "1", "downsamplers": "0"}[kind]
        return f"input_blocks.{block}.{place}.{_inner(kind, tail).replace('conv.', 'op.')}"
    last = int(level) * (layers + 1) + (int(number) if kind != "upsamplers" else layers)
    place = {"resnets": "0", "attentions": "1", "upsamplers": "UP"}[kind]
    return f"output_blocks.{last}.{place}.{_inner(kind, tail)}"


def _inner(kind: str, tail: str) -> str:
    if kind != "resnets":
        return tail
    part, _, end = tail.partition(".")
    return f"{RESNET[part]}.{end}"


def unet_state(unet: Any) -> dict[str, Tensor]:
    state = {ldm_unet(n): t for n, t in unet.state_dict().items()}
    with_attention = {n.split(".")[1] for n in state if re.match(r"output_blocks\.\d+\.1\.", n)}

    def placed(name: str) -> str:
        block = name.split(".")[1]
        return name.replace(".UP.", ".2." if block in with_attention else ".1.")

    return {f"model.diffusion_model.{placed(n)}": t for n, t in state.items()}


def vae_state(vae: Any, prefix: str = "first_stage_model.") -> dict[str, Tensor]:
    found = {}
    for name, tensor in vae.state_dict().items():
        square = ".attentions." in name and name.endswith(".weight") and tensor.ndim == 2
        for pattern, ours in VAE:
            name = re.sub(pattern, ours, name)
        found[prefix + name] = tensor[:, :, None, None] if square else tensor
    return found


def open_clip_state(encoder: Any, prefix: str) -> dict[str, Tensor]:
    """As OpenCLIP names it, with the three projections of attention in one."""
    state = {n.removeprefix("text_model."): t for n, t in encoder.state_dict().items()}
    found = {}
    for name, tensor in state.items():
        if name == "text_projection.weight":
            found[f"{prefix}text_projection"] = tensor.T.contiguous()
        elif ".self_attn.q_proj." in name:
            stem, _, end = name.partition(".self_attn.q_proj.")
            three = [state[f"{stem}.self_attn.{each}_proj.{end}"] for each in "qkv"]
            layer = stem.replace("encoder.layers", "transformer.resblocks")
            found[f"{prefix}{layer}.attn.in_proj_{end}"] = torch.cat(three)
        elif "_proj." not in name or ".out_proj." in name:
            for ours, theirs in OPEN_CLIP.items():
                name = name.replace(ours, theirs)
            found[prefix + name] = tensor
    return found


def clip_state(encoder: Any, prefix: str) -> dict[str, Tensor]:
    """As transformers named it when checkpoints were made."""
    names = ((n.removeprefix("text_model."), t) for n, t in encoder.state_dict().items())
    return {f"{prefix}text_model.{n}": t for n, t in names}


def clip(width: int, *, projected: bool = False) -> Any:
    cls = "CLIPTextModelWithProjection" if projected else "CLIPTextModel"
    config = transformers.CLIPTextConfig(
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=width // 64,
        projection_dim=width if projected else 768,
        hidden_act="gelu" if projected else "quick_gelu",
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
    )
    return getattr(transformers, cls)(config)


def vae(scale: float, **more: Any) -> Any:
    return diffusers.AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        block_out_channels=[32, 64],
        layers_per_block=1,
        latent_channels=4,
        scaling_factor=scale,
        **more,
    )


def sd1(folder: Path) -> tuple[Path, Path]:
    """Stable Diffusion 1: the diffusers folder, and the checkpoint of the same weights."""
    torch.manual_seed(3)
    pipeline = diffusers.StableDiffusionPipeline(
        vae=vae(0.18215),
        text_encoder=clip(64),
        tokenizer=transformers.CLIPTokenizer.from_pretrained(CLIP),
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(32, 64),
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=64,
            attention_head_dim=8,
            sample_size=64,
        ),
        scheduler=diffusers.PNDMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            skip_prk_steps=True,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder / "sd1")
    text = "cond_stage_model.transformer."
    state = unet_state(pipeline.unet) | vae_state(pipeline.vae)
    return folder / "sd1", saved(
        state | clip_state(pipeline.text_encoder, text), folder / "sd1.safetensors"
    )


def sdxl(folder: Path) -> tuple[Path, Path]:
    """Stable Diffusion XL: the diffusers folder, and the checkpoint of the same weights."""
    torch.manual_seed(4)
    pipeline = diffusers.StableDiffusionXLPipeline(
        vae=vae(0.13025, force_upcast=True),
        text_encoder=clip(64),
        tokenizer=transformers.CLIPTokenizer.from_pretrained(CLIP),
        text_encoder_2=clip(128, projected=True),
        tokenizer_2=transformers.CLIPTokenizer.from_pretrained(CLIP, pad_token="!"),
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(64, 128),
            layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(1, 2),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=32,
            transformer_layers_per_block=(1, 2),
            projection_class_embeddings_input_dim=6 * 32 + 128,
            cross_attention_dim=192,
            sample_size=128,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            timestep_spacing="leading",
            steps_offset=1,
        ),
    )
    pipeline.save_pretrained(folder / "sdxl")
    first, second = "conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."
    text = clip_state(pipeline.text_encoder, first)
    text |= open_clip_state(pipeline.text_encoder_2, second)
    state = unet_state(pipeline.unet) | vae_state(pipeline.vae) | text
    return folder / "sdxl", saved(state, folder / "sdxl.safetensors")


def saved(state: State, path: Path) -> Path:
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, path)
    return path
