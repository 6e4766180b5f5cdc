"""Control networks of transformers: a copy of the first blocks, which reads the hint as a latent
and says what to add to the blocks of the denoiser. As `controls` asks them, once a step.

Some were trained to fill: they also see what is around a mask.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from nodeforge.diffusion.family import Config, Family

Extra: TypeAlias = dict[str, Any]

SAME = ("in_channels", "attention_head_dim", "num_attention_heads")
LENT = ("dim", "n_heads", "n_kv_heads", "n_refiner_layers", "all_patch_size", "all_f_patch_size")
EXTRA = ("extra_conditioning_channels", "extra_condition_channels")  # of SD3, of Qwen


@dataclass(frozen=True, eq=False)
class Scene:
    """What is around a mask. bare: latents of the picture with nothing under the mask. mask: in
    pixels, 0 or 1, (batch, 1, height, width)."""

    bare: Tensor
    mask: Tensor

    @property
    def kept(self) -> Tensor:
        """1 in the latent cells that stay, 0 in those to be drawn, (batch, 1, h, w)."""
        f = self.mask.shape[-1] // self.bare.shape[-1]
        return 1 - self.mask[..., ::f, ::f]


def fits(config: Config, denoiser: Config) -> bool:
    """Whether a network of this config fits a denoiser of that one. Networks for several kinds
    of hints in one, and those that read pixels, are not known here."""
    several = config.get("num_mode") or config.get("conditioning_embedding_channels")
    return not several and all(config.get(name) == denoiser.get(name) for name in SAME)


def lent_fits(config: Config, denoiser: Config) -> bool:
    """As `fits`, for Z-Image."""
    channels = int(denoiser["in_channels"])
    reads = config["control_in_dim"] in (channels, 2 * channels + 1)
    deep = max(config["control_layers_places"]) < int(denoiser["n_layers"])
    return reads and deep and all(config.get(name) == denoiser.get(name) for name in LENT)


def needs_mask(config: Config) -> bool:
    """Whether a network does nothing but fill: its hint is the picture."""
    return any(config.get(name) for name in EXTRA)


def fills(config: Config) -> bool:
    """Whether a network sees what is around a mask: hint, mask and picture are an odd number of
    channels."""
    return needs_mask(config) or bool(config.get("control_in_dim", 0) % 2)


def joined(network: Any, denoiser: Any) -> Any:
    """The network, ready to be asked. Z-Image's works with the first layers of its denoiser: a
    copy of it holds them, for the network itself is shared."""
    if type(network).__name__ != "ZImageControlNetModel":
        return network
    twin = copy.copy(network)
    for held in ("_modules", "_parameters"):
        twin.__dict__[held] = dict(network.__dict__[held])
    return type(network).from_transformer(twin, denoiser)


def latents(
    vae: Any, family: Family, network: Any, pictures: Tensor, scene: Scene | None
) -> Tensor:
    """What the network reads, from pictures of -1 to 1: latents as its denoiser has them."""
    pictures = pictures.contiguous()  # kernels, and so last bits, depend on strides
    if scene and needs_mask(network.config):
        hidden = torch.where(scene.mask > 0.5, -1.0, pictures).to(pictures.dtype)
        # one at a time: kernels add up in another order for more
        grid = torch.cat([family.latent.encode(vae, row[None]) for row in hidden])
        return family.latent.packed(_beside(grid, scene.kept))
    if network.config.get("force_zeros_for_pooled_projection"):  # these were trained without shift
        plain: Tensor = vae.encode(pictures).latent_dist.mode() * vae.config.scaling_factor
        return plain
    grid = family.latent.encode(vae, pictures)
    if fills(network.config):
        wide = 1 + grid.shape[1]
        others = (scene.kept, scene.bare) if scene else (grid.new_zeros(1, wide, *grid.shape[2:]),)
        return _beside(grid, *others)
    return family.latent.packed(grid)


def _beside(*grids: Tensor) -> Tensor:
    """Channels of several grids, each of one row or of as many as the others."""
    rows = max(len(grid) for grid in grids)
    like = grids[0]
    return torch.cat([grid.expand(rows, -1, -1, -1).to(like) for grid in grids], dim=1)


class Branch:
    """network: any of `ASKED`. hint: what `latents` gives, one row, or one a picture."""

    def __init__(self, network: Any, hint: Tensor, strength: float) -> None:
        self.network, self.hint, self.strength = network, hint, strength
        self.asked = ASKED[type(network).__name__]

    def __call__(self, given: Mapping[str, Any]) -> Extra:
        """given: the arguments of the denoiser."""
        sample = given["hidden_states"]
        count = len(sample) // len(self.hint)
        hint = torch.cat([self.hint] * count)  # repeated, it would lie otherwise in memory
        words = {"controlnet_cond": hint, "conditioning_scale": self.strength, "return_dict": False}
        return self.asked(self.network, words | {"hidden_states": sample}, given)


class Lent:
    """As `Branch`, for Z-Image, whose pictures are lists of frames. network: a `joined` one."""

    def __init__(self, network: Any, hint: Tensor, strength: float) -> None:
        self.network, self.hint, self.strength = network, hint[:, :, None], strength

    def __call__(self, given: Mapping[str, Any]) -> Extra:
        hint = self.hint.repeat(len(given["x"]) // len(self.hint), 1, 1, 1, 1)
        words = (given["x"], given["t"], given["cap_feats"], hint)
        return {"controlnet_block_samples": self.network(*words, self.strength)}


def _sd3(network: Any, words: Extra, given: Mapping[str, Any]) -> Extra:
    pooled = given["pooled_projections"]
    if network.config.force_zeros_for_pooled_projection:
        pooled = torch.zeros_like(pooled)
    reads = network.config.joint_attention_dim is not None
    said = network(
        **words,
        timestep=given["timestep"],
        encoder_hidden_states=given["encoder_hidden_states"] if reads else None,
        pooled_projections=pooled,
    )
    return {"block_controlnet_hidden_states": list(said[0])}


def _flux(network: Any, words: Extra, given: Mapping[str, Any]) -> Extra:
    names = ("timestep", "pooled_projections", "encoder_hidden_states", "txt_ids", "img_ids")
    guidance = given["guidance"] if network.config.guidance_embeds else None
    double, single = network(**words, **{n: given[n] for n in names}, guidance=guidance)
    found = {"controlnet_block_samples": double, "controlnet_single_block_samples": single}
    return {name: list(said) for name, said in found.items() if said is not None}


def _qwen(network: Any, words: Extra, given: Mapping[str, Any]) -> Extra:
    names = ("timestep", "encoder_hidden_states", "encoder_hidden_states_mask", "img_shapes")
    return {"controlnet_block_samples": list(network(**words, **{n: given[n] for n in names}))}


def _sana(network: Any, words: Extra, given: Mapping[str, Any]) -> Extra:
    names = ("timestep", "encoder_hidden_states", "encoder_attention_mask")
    said = network(**words, **{name: given[name] for name in names})
    return {"controlnet_block_samples": list(said[0])}


ASKED = {
    "SD3ControlNetModel": _sd3,
    "FluxControlNetModel": _flux,
    "QwenImageControlNetModel": _qwen,
    "SanaControlNetModel": _sana,
}
