"""From the shapes in a file to a component's config: how many layers, how wide, how many channels.

So an unusual checkpoint (pruned, grown, for inpainting, tiny) loads as readily as the full-size
one. What shapes cannot tell, as the number of heads, is a rule of the family.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]  # by the names in the original layout, no prefix
Config: TypeAlias = dict[str, Any]

_DUAL = re.compile(r"joint_blocks\.(\d+)\.x_block\.attn2\.")


def count(shapes: Shapes, stem: str) -> int:
    """How many numbered things begin with `stem`: one more than the highest number."""
    tails = (name[len(stem) :].partition(".")[0] for name in shapes if name.startswith(stem))
    return max((int(tail) for tail in tails if tail.isdigit()), default=-1) + 1


def unet(shapes: Shapes) -> Config:
    """A UNet of Stable Diffusion or SDXL, in the layout of latent diffusion."""
    ends = {
        "in_channels": shapes["input_blocks.0.0.weight"][1],
        "out_channels": shapes["out.2.weight"][0],
    }
    return ends | _unet(shapes, *_levels(shapes), shapes.get("label_emb.0.0.weight"))


def plain_unet(shapes: Shapes) -> Config:
    """A UNet of Stable Diffusion or SDXL, in the layout of diffusers."""
    levels = range(count(shapes, "down_blocks."))
    stem = "attentions.0.transformer_blocks."
    channels = [shapes[f"down_blocks.{n}.resnets.0.conv1.weight"][0] for n in levels]
    depths = [count(shapes, f"down_blocks.{n}.{stem}") for n in levels]
    layers = count(shapes, "down_blocks.0.resnets.")
    ends = {
        "in_channels": shapes["conv_in.weight"][1],
        "out_channels": shapes["conv_out.weight"][0],
    }
    label = shapes.get("add_embedding.linear_1.weight")
    return ends | _unet(shapes, channels, layers, depths, label)


def _unet(
    shapes: Shapes,
    channels: list[int],
    layers: int,
    depths: list[int],
    label: tuple[int, ...] | None,
) -> Config:
    cross = [depth > 0 for depth in depths]
    linear = any(
        name.endswith(".proj_in.weight") and len(shape) == 2 for name, shape in shapes.items()
    )
    found: Config = {
        "block_out_channels": channels,
        "layers_per_block": layers,
        "down_block_types": ["CrossAttnDownBlock2D" if c else "DownBlock2D" for c in cross],
        "up_block_types": ["CrossAttnUpBlock2D" if c else "UpBlock2D" for c in reversed(cross)],
        "cross_attention_dim": _width(shapes, ".attn2.to_k.weight"),
        "transformer_layers_per_block": [max(depth, 1) for depth in depths],
        "use_linear_projection": linear,
    }
    if linear:
        found["attention_head_dim"] = [max(each // 64, 1) for each in channels]
    if label:
        found["projection_class_embeddings_input_dim"] = label[1]
    return found


def _levels(shapes: Shapes) -> tuple[list[int], int, list[int]]:
    """Channels by level, residual blocks per level, transformer layers by level."""
    channels: list[int] = []
    blocks = 0
    depths: list[int] = []
    fresh = True
    for block in range(1, count(shapes, "input_blocks.")):
        stem = f"input_blocks.{block}."
        if f"{stem}0.op.weight" in shapes:
            fresh = True
            continue
        if fresh:
            channels.append(0)
            depths.append(0)
        fresh = False
        channels[-1] = shapes[f"{stem}0.out_layers.3.weight"][0]
        depths[-1] = count(shapes, f"{stem}1.transformer_blocks.")
        blocks += len(channels) == 1
    return channels, blocks, depths


def _width(shapes: Shapes, ending: str) -> int:
    return next(shape[-1] for name, shape in shapes.items() if name.endswith(ending))


def vae(shapes: Shapes) -> Config:
    """An autoencoder of Stable Diffusion, SD3 or Flux, in the layout of latent diffusion."""
    levels = range(count(shapes, "decoder.up."))
    channels = [shapes[f"decoder.up.{n}.block.0.conv2.weight"][0] for n in levels]
    return _vae(shapes, channels, count(shapes, "decoder.up.0.block.") - 1)


def plain_vae(shapes: Shapes) -> Config:
    """The same in the layout of diffusers, which counts the way up from below."""
    levels = reversed(range(count(shapes, "decoder.up_blocks.")))
    channels = [shapes[f"decoder.up_blocks.{n}.resnets.0.conv2.weight"][0] for n in levels]
    return _vae(shapes, channels, count(shapes, "decoder.up_blocks.0.resnets.") - 1)


def _vae(shapes: Shapes, channels: list[int], layers: int) -> Config:
    return {
        "in_channels": shapes["decoder.conv_out.weight"][0],
        "out_channels": shapes["decoder.conv_out.weight"][0],
        "latent_channels": shapes["decoder.conv_in.weight"][1],
        "block_out_channels": channels,
        "layers_per_block": layers,
        "down_block_types": ["DownEncoderBlock2D"] * len(channels),
        "up_block_types": ["UpDecoderBlock2D"] * len(channels),
        "use_quant_conv": "quant_conv.weight" in shapes,
        "use_post_quant_conv": "post_quant_conv.weight" in shapes,
    }


def clip(shapes: Shapes) -> Config:
    """A CLIP text encoder as transformers names it."""
    stem = "text_model.encoder.layers."
    vocabulary, width = shapes["text_model.embeddings.token_embedding.weight"]
    found = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "max_position_embeddings": shapes["text_model.embeddings.position_embedding.weight"][0],
        "intermediate_size": shapes[f"{stem}0.mlp.fc1.weight"][0],
        "num_hidden_layers": count(shapes, stem),
        "num_attention_heads": max(width // 64, 1),
    }
    if projection := shapes.get("text_projection.weight"):
        found["projection_dim"] = projection[0]
    return found


def open_clip(shapes: Shapes) -> Config:
    """A CLIP text encoder as OpenCLIP names it. The last layer is unused in SD 2: diffusers drops
    the 24th."""
    stem = "transformer.resblocks."
    vocabulary, width = shapes["token_embedding.weight"]
    layers = count(shapes, stem)
    found = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "max_position_embeddings": shapes["positional_embedding"][0],
        "intermediate_size": shapes[f"{stem}0.mlp.c_fc.weight"][0],
        "num_hidden_layers": 23 if (layers, width) == (24, 1024) else layers,
        "num_attention_heads": max(width // 64, 1),
    }
    if projection := shapes.get("text_projection"):
        found["projection_dim"] = projection[1]
    return found


def t5(shapes: Shapes) -> Config:
    """The encoder of a T5."""
    first = "encoder.block.0.layer.0.SelfAttention."
    buckets, heads = shapes[f"{first}relative_attention_bias.weight"]
    vocabulary, width = shapes["shared.weight"]
    return {
        "vocab_size": vocabulary,
        "d_model": width,
        "num_heads": heads,
        "d_kv": shapes[f"{first}q.weight"][0] // heads,
        "d_ff": shapes["encoder.block.0.layer.1.DenseReluDense.wo.weight"][1],
        "num_layers": count(shapes, "encoder.block."),
        "relative_attention_num_buckets": buckets,
    }


def flux(shapes: Shapes) -> Config:
    """The transformer of Flux.1, in the layout of its makers."""
    head = shapes["double_blocks.0.img_attn.norm.key_norm.scale"][0]
    width, channels = shapes["img_in.weight"]
    out = shapes["final_layer.linear.weight"][0]
    return {
        "in_channels": channels,
        "out_channels": None if out == channels else out,
        "num_layers": count(shapes, "double_blocks."),
        "num_single_layers": count(shapes, "single_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": shapes["txt_in.weight"][1],
        "pooled_projection_dim": shapes["vector_in.in_layer.weight"][1],
        "guidance_embeds": "guidance_in.in_layer.weight" in shapes,
        "axes_dims_rope": [head // 8, head * 7 // 16, head * 7 // 16],
    }


def chroma(shapes: Shapes) -> Config:
    """The transformer of Chroma: Flux without the guidance, with an approximator."""
    stem = "distilled_guidance_layer."
    head = shapes["double_blocks.0.img_attn.norm.key_norm.scale"][0]
    width, channels = shapes["img_in.weight"]
    return {
        "in_channels": channels,
        "num_layers": count(shapes, "double_blocks."),
        "num_single_layers": count(shapes, "single_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": shapes["txt_in.weight"][1],
        "axes_dims_rope": [head // 8, head * 7 // 16, head * 7 // 16],
        "approximator_num_channels": shapes[f"{stem}in_proj.weight"][1],
        "approximator_hidden_dim": shapes[f"{stem}in_proj.weight"][0],
        "approximator_layers": count(shapes, f"{stem}layers."),
    }


def flux2(shapes: Shapes) -> Config:
    """The transformer of Flux.2, in the layout of its makers."""
    head = shapes["double_blocks.0.img_attn.norm.key_norm.scale"][0]
    width, channels = shapes["img_in.weight"]
    return {
        "in_channels": channels,
        "num_layers": count(shapes, "double_blocks."),
        "num_single_layers": count(shapes, "single_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": shapes["txt_in.weight"][1],
        "guidance_embeds": "guidance_in.in_layer.weight" in shapes,
        "axes_dims_rope": [head // 4] * 4,
    }


def sd3(shapes: Shapes) -> Config:
    """The transformer of Stable Diffusion 3 and 3.5."""
    width, channels, patch, _ = shapes["x_embedder.proj.weight"]
    dual = sorted({int(found[1]) for name in shapes if (found := _DUAL.match(name))})
    return {
        "patch_size": patch,
        "in_channels": channels,
        "out_channels": shapes["final_layer.linear.weight"][0] // patch**2,
        "num_layers": count(shapes, "joint_blocks."),
        "attention_head_dim": 64,
        "num_attention_heads": width // 64,
        "caption_projection_dim": width,
        "joint_attention_dim": shapes["context_embedder.weight"][1],
        "pooled_projection_dim": shapes["y_embedder.mlp.0.weight"][1],
        "pos_embed_max_size": math.isqrt(shapes["pos_embed"][1]),
        "dual_attention_layers": dual,
        "qk_norm": "rms_norm" if any(".ln_q." in name for name in shapes) else None,
    }


def z_image(shapes: Shapes) -> Config:
    """The transformer of Z-Image."""
    width = shapes["cap_embedder.1.weight"][0]
    return {
        "dim": width,
        "n_layers": count(shapes, "layers."),
        "n_refiner_layers": count(shapes, "noise_refiner."),
        "n_heads": width // 128,
        "n_kv_heads": width // 128,
        "cap_feat_dim": shapes["cap_embedder.1.weight"][1],
    }


def lumina2(shapes: Shapes) -> Config:
    """The transformer of Lumina Image 2."""
    width = shapes["x_embedder.weight"][0]
    return {
        "hidden_size": width,
        "num_layers": count(shapes, "layers."),
        "num_refiner_layers": count(shapes, "noise_refiner."),
        "cap_feat_dim": shapes["cap_embedder.1.weight"][1],
    }


def qwen_image(shapes: Shapes) -> Config:
    """The transformer of Qwen-Image, whose makers use the layout of diffusers."""
    return {
        "in_channels": shapes["img_in.weight"][1],
        "num_layers": count(shapes, "transformer_blocks."),
        "num_attention_heads": shapes["img_in.weight"][0] // 128,
        "joint_attention_dim": shapes["txt_in.weight"][1],
    }


def sana(shapes: Shapes) -> Config:
    """The transformer of Sana, in the layout of its makers."""
    width, channels = shapes["x_embedder.proj.weight"][:2]
    return {
        "in_channels": channels,
        "out_channels": channels,
        "num_layers": count(shapes, "blocks."),
        "num_attention_heads": width // 32,
        "num_cross_attention_heads": width // 112,
        "cross_attention_dim": width,
        "caption_channels": shapes["y_embedder.y_proj.fc1.weight"][1],
    }


# Class in diffusers or transformers: (a tensor that tells the layout, how to read the shapes).
READERS: Mapping[str, tuple[tuple[str, Callable[[Shapes], Config]], ...]] = {
    "UNet2DConditionModel": (
        ("input_blocks.0.0.weight", unet),
        ("down_blocks.0.resnets.0.conv1.weight", plain_unet),
    ),
    "AutoencoderKL": (
        ("decoder.up.0.block.0.conv2.weight", vae),
        ("decoder.up_blocks.0.resnets.0.conv2.weight", plain_vae),
    ),
    "CLIPTextModel": (
        ("text_model.embeddings.token_embedding.weight", clip),
        ("transformer.resblocks.0.mlp.c_fc.weight", open_clip),
    ),
    "T5EncoderModel": (("shared.weight", t5),),
    "FluxTransformer2DModel": (("double_blocks.0.img_attn.norm.key_norm.scale", flux),),
    "ChromaTransformer2DModel": (("distilled_guidance_layer.in_proj.weight", chroma),),
    "Flux2Transformer2DModel": (("single_stream_modulation.lin.weight", flux2),),
    "SD3Transformer2DModel": (("joint_blocks.0.x_block.attn.qkv.weight", sd3),),
    "ZImageTransformer2DModel": (("layers.0.adaLN_modulation.0.weight", z_image),),
    "Lumina2Transformer2DModel": (("cap_embedder.0.weight", lumina2),),
    "QwenImageTransformer2DModel": (("transformer_blocks.0.img_mod.1.weight", qwen_image),),
    "SanaTransformer2DModel": (("blocks.0.cross_attn.q_linear.weight", sana),),
}


def reader(cls: str, shapes: Shapes) -> Callable[[Shapes], Config] | None:
    """How to read the shapes of this class, or None if this is not its layout."""
    known = READERS.get(cls.removesuffix("WithProjection"), ())
    return next((read for mark, read in known if mark in shapes), None)
