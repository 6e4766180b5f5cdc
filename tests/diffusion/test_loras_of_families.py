"""LoRAs of SDXL and of transformers: bitwise as plain diffusers, and without a trace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest

from nodeforge.diffusion import loras, weights
from nodeforge.errors import BadModel
from nodeforge.values import Latent, Model
from tests.diffusion import additions, whole
from tests.diffusion.whole import SETTINGS

Tiny = Callable[[str], Model]
QUERIES = ("to_q", "to_k", "to_v")
SIZE = Latent(32, 32, 1)
CLASSES = {
    "sdxl": ("StableDiffusionXLPipeline", ("unet", "text_encoder_2")),
    "flux-dev": ("FluxPipeline", ("transformer",)),
    "sd3": ("StableDiffusion3Pipeline", ("transformer",)),
    "qwen-image": ("QwenImagePipeline", ("transformer",)),
    "z-image": ("ZImagePipeline", ("transformer",)),
}


def made(name: str, model: Model, folder: Path) -> Path:
    cls, parts = CLASSES[name]
    layers = {}
    for seed, part in enumerate(parts):
        names = additions.TEXT if part.startswith("text") else QUERIES
        layers[f"{part}_lora_layers"] = additions._layers(model, part, names, seed, 0.3)
    file = f"{name}.safetensors"
    getattr(diffusers, cls).save_lora_weights(folder, weight_name=file, **layers)
    return folder / file


def prints(model: Model, parts: tuple[str, ...]) -> list[str]:
    """What the bare components are, to the last bit."""
    return [
        hashlib.sha256(weight.detach().cpu().contiguous().numpy().tobytes()).hexdigest()
        for part in parts
        for weight in weights.component(model, part).parameters()
    ]


@pytest.mark.parametrize("name", list(CLASSES))
def test_a_lora_acts_and_leaves_no_trace(name: str, tiny: Tiny, tmp_path: Path) -> None:
    model, (cls, parts) = tiny(name), CLASSES[name]
    path = made(name, model, tmp_path)
    before = prints(model, parts)
    adapted = loras.resolve(model, str(path), 0.7)
    assert adapted.loras[0].parts == parts
    mine = whole.from_stations(adapted, SIZE, SETTINGS, "")
    assert prints(model, parts) == before
    pipeline = whole.bare(model, cls)
    pipeline.load_lora_weights(str(path), adapter_name="one")
    pipeline.set_adapters(["one"], [0.7])
    words: dict[str, Any] = {"negative_prompt": ""} if name != "flux-dev" else {}
    guidance = "true_cfg_scale" if name == "qwen-image" else "guidance_scale"
    words |= {guidance: SETTINGS.guidance, "width": 32, "height": 32}
    np.testing.assert_array_equal(mine, whole.from_whole(pipeline, SIZE, **words))
    assert not np.array_equal(mine, whole.from_stations(model, SIZE, SETTINGS, ""))


@pytest.mark.parametrize(("mine", "other"), [("sdxl", "flux-dev"), ("flux-dev", "sdxl")])
def test_a_lora_of_another_family_is_refused(
    mine: str, other: str, tiny: Tiny, tmp_path: Path
) -> None:
    path = made(other, tiny(other), tmp_path)
    with pytest.raises(BadModel, match=r"made for another kind of model|cannot be read"):
        loras.resolve(tiny(mine), str(path))
