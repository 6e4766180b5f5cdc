"""Which family a denoiser is of, by the names of its tensors and a few of their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nodeforge.models.header import Tensor
from nodeforge.models.kinds import DENOISER, Kind

Tensors = Mapping[str, Tensor]
# (family, release, layout, names that are all there); the first that fits counts.
MARKS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("flux2", "", "original", ("single_stream_modulation.lin.weight",)),
    ("flux2", "", "diffusers", ("double_stream_modulation_img.linear.weight",)),
    ("other", "Flux 3", "original", ("early_stream_modulations.image.lin.weight",)),
    ("chroma", "", "original", ("distilled_guidance_layer.in_proj.bias", "img_in.weight")),
    ("chroma", "", "diffusers", ("distilled_guidance_layer.in_proj.bias",)),
    (
        "other",
        "HunyuanVideo",
        "original",
        ("txt_in.individual_token_refiner.blocks.0.norm1.weight",),
    ),
    ("flux", "", "original", ("double_blocks.0.img_attn.norm.key_norm.scale",)),
    (
        "flux",
        "",
        "diffusers",
        ("single_transformer_blocks.0.proj_mlp.weight", "context_embedder.weight"),
    ),
    ("sd3", "", "original", ("joint_blocks.0.context_block.adaLN_modulation.1.bias",)),
    (
        "sd3",
        "",
        "diffusers",
        ("transformer_blocks.0.attn.add_k_proj.weight", "pos_embed.proj.weight"),
    ),
    ("qwen-image", "", "diffusers", ("txt_norm.weight", "transformer_blocks.0.img_mod.1.weight")),
    ("other", "Qwen-Image 2.1", "original", ("txt_in.text_norm.weight",)),
    ("other", "Krea 2", "original", ("txtfusion.projector.weight",)),
    ("z-image", "", "diffusers", ("all_x_embedder.2-1.weight",)),
    ("z-image", "", "original", ("layers.0.adaLN_modulation.0.weight", "cap_embedder.0.weight")),
    ("lumina2", "", "original", ("cap_embedder.0.weight", "noise_refiner.0.attention.qkv.weight")),
    ("lumina2", "", "diffusers", ("time_caption_embed.caption_embedder.0.weight",)),
    (
        "sana",
        "",
        "diffusers",
        ("caption_norm.weight", "transformer_blocks.0.ff.conv_inverted.weight"),
    ),
    ("sana", "", "original", ("attention_y_norm.weight",)),
    (
        "pixart",
        "",
        "diffusers",
        (
            "adaln_single.linear.weight",
            "caption_projection.linear_1.weight",
            "pos_embed.proj.weight",
        ),
    ),
    ("pixart", "", "original", ("y_embedder.y_embedding", "t_block.1.weight")),
    ("other", "Wan", "original", ("head.modulation",)),
    ("other", "LTX-Video", "original", ("patchify_proj.weight",)),
    ("other", "HiDream", "diffusers", ("double_stream_blocks.0.block.adaLN_modulation.1.bias",)),
    ("other", "AuraFlow", "original", ("double_layers.0.attn.w2q.weight",)),
    ("other", "AuraFlow", "diffusers", ("joint_transformer_blocks.0.attn.to_q.weight",)),
    ("other", "Mochi", "original", ("blocks.0.attn.qkv_x.weight",)),
    ("other", "Cosmos", "original", ("net.x_embedder.proj.1.weight",)),
    ("other", "Stable Cascade", "original", ("clip_txt_mapper.weight",)),
    ("other", "Stable Cascade", "original", ("down_blocks.1.0.channelwise.0.weight",)),
    ("other", "MiniMax", "original", ("token_refiner.blocks.0.attn.qkv_proj.weight",)),
    ("other", "Wan", "diffusers", ("condition_embedder.text_embedder.linear_1.weight",)),
)


def bare(names: Tensors, prefixes: Sequence[str]) -> Tensors:
    """The tensors below the first of these prefixes that any has, without it; else all."""
    for prefix in prefixes:
        below = {n[len(prefix) :]: t for n, t in names.items() if n.startswith(prefix)}
        if below:
            return below
    return names


def of(names: Tensors) -> Kind | None:
    """The family of a denoiser by its own names, without a prefix; None if it is none."""
    for family, release, layout, marks in MARKS:
        if all(mark in names for mark in marks):
            found = Kind(DENOISER, family, release, layout=layout)
            return _FINER[family](found, names) if family in _FINER else found
    if _first(names) is not None and _unet(names):
        return of_unet(names)
    return None


def of_unet(names: Tensors) -> Kind:
    """SD 1, 2 or XL by the width of the words it reads, or, of unusual sizes, by its structure."""
    layout = "diffusers" if "conv_in.weight" in names else "original"
    found = Kind(DENOISER, "sd1", layout=layout, variant=_unet_variant(names))
    words = width(names, "attn2.to_k.weight")
    pooled = {"label_emb.0.0.weight", "add_embedding.linear_1.weight"} & names.keys()
    if any("time_stack" in n or "temporal_transformer" in n for n in names):
        return replace(found, family="other", release="video")
    if "encoder_hid_proj.weight" in names:
        return replace(found, family="other", release="Kolors")
    if pooled:
        if words in (768, 1024):
            return replace(found, family="other", release="unCLIP")
        return replace(found, family="sdxl", variant="refiner" if words == 1280 else found.variant)
    if found.variant == "upscale":
        return replace(found, family="other")
    return replace(found, release={768: "1.x", 1024: "2.x"}.get(words, ""))


def with_text(found: Kind, names: Tensors) -> Kind:
    """What the text encoders and loose marks beside a denoiser tell of it."""
    if "v_pred" in names:
        found = replace(found, prediction="v")
    if "edm_mean" in names:
        found = replace(found, prediction="edm", release="Playground 2.5")
    if found.family == "sd1" and any(n.startswith("cond_stage_model.model.") for n in names):
        return replace(found, release="2.x")
    if found.family == "sdxl" and any(
        n.startswith("conditioner.embedders.0.model.") for n in names
    ):
        return replace(found, variant="refiner")
    return found


def width(names: Tensors, end: str) -> int:
    """Inputs of the first layer whose name ends so; 0 if there is none."""
    for name, tensor in names.items():
        if name.endswith(end) and len(tensor.shape) > 1:
            return tensor.shape[1]
    return 0


def _first(names: Tensors) -> Tensor | None:
    return names.get("input_blocks.0.0.weight") or names.get("conv_in.weight")


def _unet(names: Tensors) -> bool:
    return "time_embed.0.weight" in names or (
        "time_embedding.linear_1.weight" in names and "conv_in.weight" in names
    )


def _unet_variant(names: Tensors) -> str:
    first = _first(names)
    channels = first.shape[1] if first is not None and len(first.shape) == 4 else 4
    return {9: "inpaint", 8: "edit", 7: "upscale", 5: "depth"}.get(channels, "")


def _flux(found: Kind, names: Tensors) -> Kind:
    first = names.get("img_in.weight") or names.get("x_embedder.weight")
    channels = first.shape[-1] if first is not None and first.shape else 64
    guided = any(
        n.startswith(("guidance_in.", "time_text_embed.guidance_embedder.")) for n in names
    )
    variant = {384: "fill", 128: "control"}.get(channels, "")
    return replace(found, release="dev" if guided else "schnell", variant=variant)


def _sd3(found: Kind, names: Tensors) -> Kind:
    wide = width(names, "joint_blocks.0.x_block.attn.qkv.weight")
    wide = wide or width(names, "transformer_blocks.0.attn.to_q.weight")
    dual = any(".attn2." in n for n in names)
    medium = "3.5 medium" if dual else "3 medium"
    return replace(found, release={1536: medium, 2432: "3.5 large"}.get(wide, ""))


def _pixart(found: Kind, names: Tensors) -> Kind:
    sized = "adaln_single.emb.resolution_embedder.linear_1.weight" in names
    return replace(
        found, release="alpha" if sized or "csize_embedder.mlp.0.weight" in names else "sigma"
    )


def _sana(found: Kind, names: Tensors) -> Kind:
    guided = "time_embed.guidance_embedder.linear_1.weight" in names
    return replace(found, release="Sprint" if guided else "")


_FINER = {"flux": _flux, "sd3": _sd3, "pixart": _pixart, "sana": _sana}
