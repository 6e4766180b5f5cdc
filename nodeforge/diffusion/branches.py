"""Control networks of transformers: a copy of the first blocks, which reads the hint as a latent
and says what to add to the blocks of the denoiser. As `controls` asks them, once a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import torch
from torch import Tensor

from nodeforge.diffusion.family import Config, Family

Extra: TypeAlias = dict[str, Any]

SAME = ("in_channels", "attention_head_dim", "num_attention_heads")


def fits(config: Config, denoiser: Config) -> bool:
    """Whether a network of this config fits a denoiser of that one. Networks for several kinds
    of hints in one, and those that read pixels, are not known here."""
    several = config.get("num_mode") or config.get("conditioning_embedding_channels")
    return not several and all(config.get(name) == denoiser.get(name) for name in SAME)


def latents(vae: Any, family: Family, network: Any, pictures: Tensor) -> Tensor:
    """What the network reads, from pictures of -1 to 1: latents as its denoiser has them."""
    pictures = pictures.contiguous()  # kernels, and so last bits, depend on strides
    if network.config.get("force_zeros_for_pooled_projection"):  # these were trained without shift
        plain: Tensor = vae.encode(pictures).latent_dist.mode() * vae.config.scaling_factor
        return plain
    grid = family.encode(vae, pictures)
    return family.packed(grid)


class Branch:
    """network: any of `ASKED`. hint: what `latents` gives, one row, or one a picture."""

    def __init__(self, network: Any, hint: Tensor, strength: float) -> None:
        self.network, self.hint, self.strength = network, hint, strength
        self.asked = ASKED[type(network).__name__]

    def __call__(self, given: Mapping[str, Any]) -> Extra:
        """given: the arguments of the denoiser."""
        sample = given["hidden_states"]
        count = len(sample) // len(self.hint)
        hint = self.hint.repeat(count, *[1] * (self.hint.ndim - 1))
        words = {"controlnet_cond": hint, "conditioning_scale": self.strength, "return_dict": False}
        return self.asked(self.network, words | {"hidden_states": sample}, given)


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
