"""Diffusers folders are told from their small files; damaged ones are one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import diffusers
import pytest

from nodeforge import resources
from nodeforge.errors import BadModel
from nodeforge.models.folder import family_of_class, folder_kind, is_model
from nodeforge.models.kinds import Kind
from tests.models import files
from tests.models.test_probe import SD1, made


def put(folder: Path, index: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def test_the_model_in_the_box() -> None:
    found = folder_kind(resources.path("models/forge-tiny"))
    assert (found.kind, found.family, found.precision) == ("checkpoint", "sd1", "fp16")
    assert found.parts == ("denoiser", "vae", "text")
    assert found.layout == "diffusers"


@pytest.mark.parametrize(
    ("cls", "family", "variant"),
    [
        ("StableDiffusionPipeline", "sd1", ""),
        ("StableDiffusionInpaintPipeline", "sd1", "inpaint"),
        ("StableDiffusionInstructPix2PixPipeline", "sd1", "edit"),
        ("StableDiffusionXLPipeline", "sdxl", ""),
        ("StableDiffusion3Pipeline", "sd3", ""),
        ("FluxPipeline", "flux", ""),
        ("FluxFillPipeline", "flux", "fill"),
        ("FluxKontextPipeline", "flux", "edit"),
        ("FluxControlPipeline", "flux", "control"),
        ("Flux2Pipeline", "flux2", ""),
        ("Flux2KleinPipeline", "flux2", ""),
        ("ZImagePipeline", "z-image", ""),
        ("QwenImagePipeline", "qwen-image", ""),
        ("QwenImageEditPlusPipeline", "qwen-image", "edit"),
        ("ChromaPipeline", "chroma", ""),
        ("SanaPipeline", "sana", ""),
        ("SanaSprintPipeline", "sana", ""),
        ("PixArtSigmaPipeline", "pixart", ""),
        ("Lumina2Pipeline", "lumina2", ""),
        ("KolorsPipeline", "other", ""),
        ("WanPipeline", "other", ""),
    ],
)
def test_pipelines_by_their_class(cls: str, family: str, variant: str, tmp_path: Path) -> None:
    assert hasattr(diffusers, cls)
    found = folder_kind(put(tmp_path / "m", {"_class_name": cls}))
    assert (found.kind, found.family, found.variant) == ("checkpoint", family, variant)


def test_the_finer_things_come_from_the_weights(tmp_path: Path) -> None:
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "X"],
        "vae": [None, None],
    }
    folder = put(tmp_path / "m", index)
    shapes = made("UNet2DConditionModel", **SD1 | {"in_channels": 9})
    files.weights(folder / "unet/diffusion_pytorch_model.safetensors", shapes, "BF16")
    (folder / "scheduler").mkdir()
    (folder / "scheduler/scheduler_config.json").write_text('{"prediction_type": "v_prediction"}')
    assert folder_kind(folder) == Kind(
        "checkpoint", "sd1", "1.x", "inpaint", "v", "bf16", "diffusers", ("denoiser",)
    )


def test_a_refiner_says_so(tmp_path: Path) -> None:
    index = {"_class_name": "StableDiffusionXLImg2ImgPipeline", "requires_aesthetics_score": True}
    assert folder_kind(put(tmp_path / "m", index)).variant == "refiner"


def test_networks_that_lie_alone(tmp_path: Path) -> None:
    assert folder_kind(resources.path("models/control/edges")).kind == "control"
    assert folder_kind(resources.path("models/forge-tiny/vae")).kind == "vae"
    assert folder_kind(resources.path("models/forge-tiny/text_encoder")).kind == "text encoder"
    shutil.copytree(resources.path("models/forge-tiny/vae"), tmp_path / "v")
    (tmp_path / "v/config.json").write_text("{}")
    assert folder_kind(tmp_path / "v").kind == "vae"  # its weights tell it, too
    assert is_model(tmp_path / "v")
    assert not is_model(tmp_path)


def test_families_of_classes() -> None:
    assert family_of_class("FluxTransformer2DModel") == "flux"
    assert family_of_class("anything else") == "other"


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"a": ' * 5000, "\0\0", "nonsense"])
def test_damaged_configs(text: str, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(text)
    with pytest.raises(BadModel, match=r"model_index.json (cannot be read|is damaged)"):
        folder_kind(tmp_path)


def test_no_config_at_all(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"has neither model_index\.json nor config\.json"):
        folder_kind(tmp_path)


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    folder = put(tmp_path / "m", {"_class_name": "FluxPipeline"})
    files.put(folder / "transformer/a.safetensors", {"a": 3}, 9)
    with pytest.raises(BadModel, match="damaged header"):
        folder_kind(folder)
