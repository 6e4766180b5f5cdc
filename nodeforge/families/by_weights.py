"""How families that share a structure are told apart: by shapes, and by names of modules."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from nodeforge.families.family_entry import Release, Shapes
from nodeforge.families.modules import Modules

_POOLED = ("label_emb.0.0.weight", "add_embedding.linear_1.weight")
_POOLED_WIDTH = "projection_class_embeddings_input_dim"


def width(shapes: Shapes, end: str) -> int:
    """Inputs of the first layer whose name ends so; 0 if there is none."""
    return next((s[1] for name, s in shapes.items() if name.endswith(end) and len(s) > 1), 0)


def first_convolution(shapes: Shapes) -> tuple[int, ...] | None:
    """Of a UNet, in either layout."""
    return shapes.get("input_blocks.0.0.weight") or shapes.get("conv_in.weight")


def unet_variant(shapes: Shapes) -> str:
    """By how many channels a UNet reads."""
    first = first_convolution(shapes)
    channels = first[1] if first is not None and len(first) == 4 else 4
    return {9: "inpaint", 8: "edit", 7: "upscale", 5: "depth"}.get(channels, "")


def _words(shapes: Shapes) -> int:
    """How wide the words are that a UNet reads."""
    return width(shapes, "attn2.to_k.weight")


def _pooled(shapes: Shapes) -> bool:
    return any(name in shapes for name in _POOLED)


def unet_sd1(shapes: Shapes) -> Release:
    release = {768: "1.x", 1024: "2.x"}.get(_words(shapes), "")
    return release, unet_variant(shapes)


def unet_sdxl(shapes: Shapes) -> Release | None:
    refiner = _words(shapes) == 1280
    return ("", "refiner" if refiner else unet_variant(shapes)) if _pooled(shapes) else None


def unet_other(shapes: Shapes) -> Release | None:
    """UNets that are built as those of Stable Diffusion, but drawn with otherwise."""
    variant = unet_variant(shapes)
    if any("time_stack" in name or "temporal_transformer" in name for name in shapes):
        return "video", variant
    if "encoder_hid_proj.weight" in shapes:
        return "Kolors", variant
    if _pooled(shapes):
        return ("unCLIP", variant) if _words(shapes) in (768, 1024) else None
    return ("", variant) if variant == "upscale" else None


def release_flux(shapes: Shapes) -> Release:
    first = shapes.get("img_in.weight") or shapes.get("x_embedder.weight")
    channels = first[-1] if first else 64
    guided = any(
        n.startswith(("guidance_in.", "time_text_embed.guidance_embedder.")) for n in shapes
    )
    return "dev" if guided else "schnell", {384: "fill", 128: "control"}.get(channels, "")


def release_sd3(shapes: Shapes) -> Release:
    wide = width(shapes, "joint_blocks.0.x_block.attn.qkv.weight")
    wide = wide or width(shapes, "transformer_blocks.0.attn.to_q.weight")
    dual = any(".attn2." in name for name in shapes)
    medium = "3.5 medium" if dual else "3 medium"
    return {1536: medium, 2432: "3.5 large"}.get(wide, ""), ""


def release_pixart(shapes: Shapes) -> Release:
    sized = "adaln_single.emb.resolution_embedder.linear_1.weight" in shapes
    return "alpha" if sized or "csize_embedder.mlp.0.weight" in shapes else "sigma", ""


def release_sana(shapes: Shapes) -> Release:
    return "Sprint" if "time_embed.guidance_embedder.linear_1.weight" in shapes else "", ""


def lora_sd1(structure: str, modules: Modules) -> str | None:
    if structure == "unet":
        return {1024: "2.x", 768: "1.x"}.get(modules.width("attn2_to_k", "attn2_to_v"), "")
    wide = modules.width("self_attn_q_proj", "mlp_fc1")
    return "" if structure == "text" and wide in (768, 1024) else None


def lora_sdxl(structure: str, modules: Modules) -> str | None:
    if structure == "unet":
        words = modules.width("attn2_to_k", "attn2_to_v")
        many = modules.last("transformer_blocks") > 0
        second = modules.has("_te2_", "text_encoder_2", "add_embedding")
        found = words in (2048, 1280) or (words not in (768, 1024) and (many or second))
    else:
        second = modules.has("te2_", "text_encoder_2")
        wide = modules.width("self_attn_q_proj", "mlp_fc1")
        found = structure == "text" and (second or wide == 1280)
    return "" if found else None


def lora_sd3(structure: str, modules: Modules) -> str | None:
    if structure == "joint":
        return ""
    wide = modules.width("attn_to_q", "attn_to_k")
    if structure != "attention" or wide == 3072:
        return None
    return {1536: "medium", 2432: "3.5 large"}.get(wide, "")


def lora_flux(structure: str, modules: Modules) -> str | None:
    short = modules.last("transformer_blocks") <= 18
    wide = modules.width("attn_to_q", "attn_to_k") == 3072
    found = structure == "double" or (structure == "attention" and wide and short)
    return "" if found else None


def lora_flux2(structure: str, modules: Modules) -> str | None:
    names = modules.has("to_qkv_mlp_proj", "stream_modulation", "ff_linear_in")
    gated = modules.ratio("img_mlp_0") == 6 or modules.ratio("linear1") == 9
    return "" if structure == "double" and (names or gated) else None


def lora_chroma(structure: str, modules: Modules) -> str | None:
    return "" if structure == "double" and modules.has("distilled_guidance") else None


def lora_qwen_image(structure: str, modules: Modules) -> str | None:
    long = modules.last("transformer_blocks") > 18
    wide = modules.width("attn_to_q", "attn_to_k") == 3072
    return "" if structure == "streams" or (structure == "attention" and wide and long) else None


def lora_z_image(structure: str, modules: Modules) -> str | None:
    """Lumina 2 has the same names; its widths differ."""
    return "" if structure == "layers" and lora_lumina2(structure, modules) is None else None


def lora_lumina2(structure: str, modules: Modules) -> str | None:
    wide = {modules.width(part) for part in ("attention", "feed_forward_w1", "attn_to_q")}
    lumina = 2304 in wide or modules.has("linear_1", "caption_embedder")
    return "" if structure == "layers" and lumina else None


def lora_sana(structure: str, modules: Modules) -> str | None:
    wide = modules.width("attn1_to_q") == 2240
    return "" if structure == "inverted" or (structure == "cross" and wide) else None


def lora_pixart(structure: str, modules: Modules) -> str | None:
    if structure == "cross":
        return "" if modules.width("attn1_to_q") in (0, 1152) else None
    linear = modules.has("cross_attn_q_linear")
    return "" if structure == "blocks" and linear else None


def lora_other(structure: str, modules: Modules) -> str | None:
    if structure in ("AnimateDiff", "AuraFlow"):
        return structure
    if structure == "double":
        parts = ("individual_token_refiner", "img_mlp_fc1", "token_refiner")
        video = modules.has(*parts) and lora_flux2(structure, modules) is None
        return "HunyuanVideo" if video else None
    if structure == "cross":
        return "" if modules.width("attn1_to_q") not in (0, 1152, 2240) else None
    linear = modules.has("cross_attn_q_linear")
    return "" if structure == "blocks" and not linear else None


def resource_flux(config: Mapping[str, Any], names: Container[str]) -> str:
    return "" if config["guidance_embeds"] else "flux-schnell"


def resource_sd1(config: Mapping[str, Any], names: Container[str]) -> str | None:
    if _POOLED_WIDTH in config:
        return None
    return "sd2" if config["use_linear_projection"] else ""


def resource_sdxl(config: Mapping[str, Any], names: Container[str]) -> str | None:
    if _POOLED_WIDTH not in config:
        return None
    refiner = "conditioner.embedders.0.model.ln_final.weight" in names
    return "sdxl-refiner" if refiner or config["cross_attention_dim"] == 1280 else ""
